"""The pages of the data explorer."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from plexus.data.duplicate_examples import Place
from plexus.errors import InputError, unknown, without_passwords
from plexus.serve.problems import public_text
from plexus.studio.data_examples import address
from plexus.studio.data_form import data_field, data_fields, data_groups, data_texts, data_values
from plexus.studio.data_media import FULL, THUMBNAIL, image_file, sound_file
from plexus.studio.data_reader import DataReader
from plexus.studio.data_record import DataRecord, DataRequest
from plexus.studio.data_sections import overview, section_content, section_links
from plexus.studio.data_uploads import MAX_FILES, Upload
from plexus.studio.form_fields import PREFIX, option_texts, with_labels
from plexus.studio.page import is_local, render_page
from plexus.studio.site import Site
from plexus.studio.task_cards import task_cards
from plexus.studio.task_data import check_data, is_name, names_file, offered_data, takes_files
from plexus.studio.train_form import failed_field, option_errors, summarize_errors, without_files

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.studio.exploration import Exploration
    from plexus.task import AnyTask

SECTION = "data"
PRIVATE_HOUR = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
"""Headers of the files of examples, whose addresses change with the data."""


def add_routes(router: APIRouter, site: Site) -> None:
    """Add the pages.

    Args:
        router: The router.
        site: What the pages describe.
    """
    reader = site.data_reader
    _add_choice(router, site, reader)
    _add_dataset(router, site, reader)
    _add_sections(router, reader)
    _add_files(router, reader)


def _add_choice(router: APIRouter, site: Site, reader: DataReader) -> None:
    """Add the pages on which task and data are chosen."""

    @router.get("/data")
    def choose_task() -> HTMLResponse:
        return render_page(
            "studio/data.html", section=SECTION, title="Data", tasks=task_cards(site), recent=reader.recent()
        )

    @router.get("/data/new")
    def choose_data(request: Request, task: str, name: str = "") -> HTMLResponse:
        chosen = _task(site, task)
        return _form_page(request, site, chosen, {"name": name}, data_texts(chosen, {}))

    @router.post("/data/sets")
    async def read_data(request: Request) -> Response:
        form = await request.form(max_files=MAX_FILES)
        try:
            return await run_in_threadpool(_start, site, reader, request, form)
        finally:
            await form.close()


def _start(site: Site, reader: DataReader, request: Request, form: FormData) -> Response:
    """Begin to read the data that the form names, and go to their page."""
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    task, texts = _task(site, values.get("task", "")), option_texts(values)
    options = data_values(task, texts)
    errors = option_errors(task, {"data": "data", **options})  # before an upload is unpacked
    if not errors:
        try:
            return RedirectResponse(address(reader.start(_data_request(request, site, task, form, options))), 303)
        except InputError as error:
            errors = _errors(task, str(error))
    return _form_page(request, site, task, values, texts, errors)


def _errors(task: "AnyTask", error: str) -> dict[str, str]:
    """Return an error by the option that it is about, in the words of the form."""
    return {failed_field(task, error): public_text(with_labels(task.options, error))}


def _data_request(
    request: Request, site: Site, task: "AnyTask", form: FormData, options: Mapping[str, object]
) -> DataRequest:
    """Return the request for a name, a path or an upload, whichever the form has."""
    files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
    name, path = (str(form.get(field) or "").strip() for field in ("name", "path"))
    count = sum(map(bool, (name, path, files)))
    if count != 1:
        raise InputError(f"choose a name, a path or an upload: expected one of them, got {count or 'none'}")
    if name and not is_name(task, name):
        raise unknown("data set", name, offered_data(site.plugins, task))
    texts = [value for value in options.values() if isinstance(value, str)]
    if not is_local(request) and (path or any(names_file(task, text) for text in texts)):
        raise InputError("a path names files of the machine that the server runs on: only its own browser may use one")
    if files:
        upload = Upload.save(files)
        return DataRequest(task.id, upload.title, options, upload.folder, str(upload.path))
    check_data(site.plugins, task, name or path)
    return DataRequest(task.id, name or Path(without_passwords(path)).name or path, options, None, name or path)


def _task(site: Site, id: str) -> "AnyTask":
    try:
        return site.plugins.task(id)
    except InputError as error:
        raise HTTPException(404, str(error)) from error


def _form_page(
    request: Request,
    site: Site,
    task: "AnyTask",
    source: Mapping[str, str],
    texts: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Return the form; the source has the name or the path of the data, and texts those of the options."""
    names = {field.name for field in data_fields(task)}
    field_errors = {name if name in names else "": error for name, error in (errors or {}).items()}
    return render_page(
        "studio/data_new.html",
        section=SECTION,
        title=f"Choose data for {task.id}",
        error=summarize_errors(task, field_errors),
        status=422 if field_errors else 200,
        task=task,
        data=data_field(task),
        takes_files=takes_files(data_field(task)),
        datasets=offered_data(site.plugins, task),
        name=source.get("name", ""),
        path=source.get("path", ""),
        groups=data_groups(task),
        prefix=PREFIX,
        texts=texts,
        defaults=data_texts(task, {}),
        errors=field_errors,
        local=is_local(request),
        max_files=MAX_FILES,
        max_megabytes=request.app.state.middleware.limits.max_bytes >> 20,
    )


def _add_dataset(router: APIRouter, site: Site, reader: DataReader) -> None:
    """Add the pages of a dataset."""

    @router.get("/data/sets/{id}")
    def show_overview(request: Request, id: str) -> HTMLResponse:
        record = _record(reader, id)
        if record.state == "failed":
            task = _task(site, record.request.task)
            texts = data_texts(task, record.request.values)
            texts = texts if is_local(request) else without_files(task, texts)
            return _form_page(request, site, task, _source(task, record), texts, _errors(task, record.error))
        if record.exploration is None:
            return _progress_page(record)
        may_train = may_train_on(record, _task(site, record.request.task), is_local(request))
        content = overview(record, record.exploration) | {"may_train": may_train}
        return _section_page("", record, record.exploration, content)

    @router.post("/data/sets/{id}")
    def read_again(id: str) -> Response:
        request = _record(reader, id).request
        if request.upload is not None and not request.upload.exists():
            return RedirectResponse(f"/data/new?task={request.task}", 303)
        return RedirectResponse(address(reader.start(request)), 303)


def _add_sections(router: APIRouter, reader: DataReader) -> None:
    """Add the other pages of a dataset."""

    @router.get("/data/sets/{id}/{section}")
    def show_section(id: str, section: str, split: str = "", label: str = "", page: int = 1) -> Response:
        record = _record(reader, id)
        exploration = record.exploration
        if exploration is None or section not in {name for name, _, _ in section_links(record, exploration)}:
            return RedirectResponse(address(record), 303)
        content = section_content(section, record, exploration, split, label, page)
        return _section_page(section, record, exploration, content)

    @router.post("/data/sets/{id}/labels")
    def check_labels(id: str) -> Response:
        record = _record(reader, id)
        reader.check_labels(record)
        return RedirectResponse(address(record, "labels"), 303)


def _add_files(router: APIRouter, reader: DataReader) -> None:
    """Add the images and sounds of examples."""

    @router.get("/data/sets/{id}/files/{split}/{row}")
    def show_file(id: str, split: str, row: int, full: bool = False) -> Response:
        exploration = _record(reader, id).exploration
        if exploration is None:
            raise HTTPException(404, "the data are no longer in memory")
        try:
            view = exploration.view(Place(split, row))
            if view.kind == "image":
                content, media_type = image_file(view, FULL if full else THUMBNAIL), "image/png"
            elif view.kind == "sound":
                content, media_type = sound_file(view), "audio/wav"
            else:
                raise InputError("this example is neither an image nor a sound")
        except (InputError, OSError) as error:
            raise HTTPException(404, public_text(error)) from error
        return Response(content, media_type=media_type, headers=PRIVATE_HOUR)


def may_train_on(record: DataRecord, task: "AnyTask", local: bool) -> bool:
    """Return whether a training with a dataset of the explorer may be started.

    Args:
        record: The dataset.
        task: Its task.
        local: Whether the request comes from the machine of the server, which alone may name its files.

    Returns:
        Whether it may.
    """
    return local or record.request.upload is not None or is_name(task, record.request.data)


def _record(reader: DataReader, id: str) -> DataRecord:
    record = reader.find(id)
    if record is None:
        raise HTTPException(404, "this server has not read these data: choose them on the page Data")
    return record


def _source(task: "AnyTask", record: DataRecord) -> dict[str, str]:
    """Return the field of the form that named the data; that of an upload cannot be filled in."""
    if record.request.upload is not None:
        return {}
    return {"name" if is_name(task, record.request.data) else "path": record.request.data}


def _progress_page(record: DataRecord) -> HTMLResponse:
    return render_page("studio/data_progress.html", section=SECTION, title=record.request.title, record=record)


def _section_page(section: str, record: DataRecord, exploration: "Exploration", content: "JsonObject") -> HTMLResponse:
    links = section_links(record, exploration)
    name = next(title for key, title, _ in links if key == section)
    return render_page(
        f"studio/data_{section or 'set'}.html",
        section=SECTION,
        title=name if section else record.request.title,
        trail=[(record.request.title, address(record))] if section else (),
        record=record,
        current=section,
        links=links,
        kind=exploration.kind,
        **content,
    )
