"""Trainings: the queue, and the forms that start them."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from plexus.errors import InputError
from plexus.serve.problems import public_text
from plexus.studio.data_form import data_field
from plexus.studio.data_pages import may_train_on
from plexus.studio.data_uploads import MAX_FILES, Upload
from plexus.studio.form_fields import PREFIX, form_texts, option_texts, with_labels
from plexus.studio.page import is_local, render_page
from plexus.studio.run_rows import option_text
from plexus.studio.site import Site
from plexus.studio.task_cards import task_cards
from plexus.studio.task_data import offered_data, takes_files
from plexus.studio.train_checks import training_errors, training_values
from plexus.studio.train_form import failed_field, form_groups, summarize_errors, without_files
from plexus.studio.training_estimate import NO_ESTIMATE, PlannedTraining
from plexus.studio.training_pages import add_training_routes, training_address, training_rows
from plexus.studio.trainings import Trainings

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.options import Options
    from plexus.run import Run
    from plexus.studio.data_record import DataRecord
    from plexus.task import AnyTask

SECTION = "train"
DATA_FOLDER = "data"
"""Folder, in that of a run, of uploaded data."""


def add_routes(router: APIRouter, site: Site) -> None:
    """Add the pages.

    Args:
        router: The router.
        site: What the pages describe.
    """
    trainings = Trainings(site.runs)
    add_training_routes(router, site, trainings)

    @router.get("/train")
    def index(cancelled: str = "") -> HTMLResponse:
        removed = _is_run(site, cancelled)
        return render_page(
            "studio/train.html",
            section=SECTION,
            title="Train",
            notice="The training is cancelled, and its run removed. " if removed else "",
            cancelled=training_address(cancelled) if removed else "",
            tasks=task_cards(site),
            **training_rows(site, trainings),
        )

    @router.get("/train/{task}")
    def form(request: Request, task: str, like: str = "", explored: str = "") -> HTMLResponse:
        chosen = _task(site, task)
        record = _explored(request, site, chosen, explored)
        texts = _first_texts(site, chosen, like, record)
        return _form_page(request, site, chosen, texts if is_local(request) else without_files(chosen, texts), record)

    @router.get("/train/{task}/estimate")
    def estimate(request: Request, task: str, explored: str = "", upload: bool = False) -> Response:
        chosen, texts = _task(site, task), option_texts(request.query_params)
        record = _exploration_of_form(_explored(request, site, chosen, explored), texts)
        defaults = _defaults(site, record)
        return JSONResponse({"text": _estimate(site, chosen, texts, record, upload), **defaults})

    @router.post("/train/{task}")
    async def start(request: Request, task: str) -> Response:
        sent = await request.form(max_files=MAX_FILES)
        try:
            return await run_in_threadpool(_start, request, site, trainings, _task(site, task), sent)
        finally:
            await sent.close()


def _task(site: Site, id: str) -> "AnyTask":
    try:
        return site.plugins.task(id)
    except InputError as error:
        raise HTTPException(404, str(error)) from error


def _is_run(site: Site, id: str) -> bool:
    try:
        return bool(id) and site.run_folder(id).is_dir()
    except HTTPException:
        return False


def _explored(request: Request, site: Site, task: "AnyTask", id: str) -> "DataRecord | None":
    """Return the dataset of the explorer that a form is for; None for a form without."""
    if not id:
        return None
    record = site.data_reader.find(id)
    if record is None or record.request.task != task.id or not may_train_on(record, task, is_local(request)):
        raise HTTPException(404, "this server has not read these data: choose them on the page Data")
    return record


def _first_texts(site: Site, task: "AnyTask", like: str, explored: "DataRecord | None") -> dict[str, str]:
    """Return the texts of the form at first: the defaults, with the options of another run or of explored data."""
    fields = task.options.model_fields
    values = {name: info.default for name, info in fields.items() if not info.is_required()}
    if like:
        record = next((each for each in site.run_cache.records() if site.run_id(each.folder) == like), None)
        if record is None or record.task != task.id:
            raise HTTPException(404, f"there is no run {like!r} of {task.id}: see the list of runs")
        values |= {name: value for name, value in record.options.items() if name in fields}
    if explored is not None:
        values |= explored.request.values
        values |= {} if explored.request.upload else {"data": explored.request.data}
    return form_texts(task.options, values)


def _form_page(
    request: Request,
    site: Site,
    task: "AnyTask",
    texts: Mapping[str, str],
    explored: "DataRecord | None",
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Return the form; the errors are those by option, and that of no option has an empty name."""
    errors = dict(errors or {})
    if explored is not None and explored.has_upload and "data" in errors:  # there is no field of data
        errors.setdefault("", errors.pop("data"))
    return render_page(
        "studio/train_form.html",
        section=SECTION,
        title=f"Train {task.id}",
        error=summarize_errors(task, errors),
        status=422 if errors else 200,
        task=task,
        groups=form_groups(task),
        texts=texts,
        prefix=PREFIX,
        errors=errors,
        datasets=offered_data(site.plugins, task),
        takes_files=takes_files(data_field(task)),
        estimate=_estimate(site, task, texts, explored),
        explored=explored,
        local=is_local(request),
        max_files=MAX_FILES,
        max_megabytes=request.app.state.middleware.limits.max_bytes >> 20,
    )


def _start(request: Request, site: Site, trainings: Trainings, task: "AnyTask", sent: FormData) -> Response:
    """Start the training that a form describes, or show the form with its errors."""
    texts = option_texts(sent)
    files = [file for file in sent.getlist("files") if isinstance(file, UploadFile) and file.filename]
    explored = _explored(request, site, task, str(sent.get("explored") or ""))
    has_upload = bool(files) or (explored is not None and explored.request.upload is not None)
    errors = training_errors(site.plugins, task, texts, has_upload, is_local(request))
    if not errors:
        options: Options = task.options.parse(training_values(task, texts, has_upload))
        try:
            run = _create_run(trainings, task, options, _upload(files, explored))
            trainings.add(run.folder)
            return RedirectResponse(training_address(site.run_id(run.folder)), 303)
        except InputError as error:
            errors = {failed_field(task, str(error)): public_text(with_labels(task.options, str(error)))}
    return _form_page(request, site, task, texts, explored, errors)


def _upload(files: Sequence[UploadFile], explored: "DataRecord | None") -> Upload | None:
    """Return the data that were uploaded with a form, or before for the data explorer."""
    if explored is not None and explored.request.upload is not None:
        return Upload(explored.request.upload, Path(explored.request.data), explored.request.title).copy()
    return Upload.save(files) if files else None


def _create_run(trainings: Trainings, task: "AnyTask", options: "Options", upload: Upload | None) -> "Run":
    """Create a run, with uploaded data in its folder; if it cannot be created, the upload is removed."""
    try:
        run = trainings.create(task.id, options)
        return run if upload is None else _move_upload(run, upload)
    finally:
        if upload is not None:
            shutil.rmtree(upload.folder, ignore_errors=True)


def _move_upload(run: "Run", upload: Upload) -> "Run":
    """Move uploaded data to the folder of the run, where they are as long as it."""
    place = run.folder / DATA_FOLDER
    path = place / upload.path.relative_to(upload.folder)
    shutil.move(upload.folder, place)
    moved = replace(run, options=run.options.model_copy(update={"data": str(path.absolute())}))
    moved.save()
    return moved


def _defaults(site: Site, explored: "DataRecord | None") -> "JsonObject":
    """Return the defaults that follow from explored data, and whether they are still being computed."""
    if explored is None:
        return {"defaults": {}, "pending": False}
    site.data_reader.compute_defaults(explored)
    values = {name: option_text(value) for name, value in explored.defaults.items()}
    return {"defaults": values, "pending": explored.defaults_state in {"queued", "working"}}


def _exploration_of_form(explored: "DataRecord | None", texts: Mapping[str, str]) -> "DataRecord | None":
    """Return explored data unless the form names other ones."""
    if explored is None or explored.request.upload is not None or texts.get("data") == explored.request.data:
        return explored
    return None


def _estimate(
    site: Site, task: "AnyTask", texts: Mapping[str, str], explored: "DataRecord | None", has_files: bool = False
) -> str:
    """Describe the time that a training would take, or why there is no estimate."""
    explored = _exploration_of_form(explored, texts)
    has_upload = has_files or (explored is not None and explored.request.upload is not None)
    try:
        options = task.options.parse(training_values(task, texts, has_upload)).model_dump(mode="json")
    except InputError as error:
        reason = "an option is not valid" if failed_field(task, str(error)) else public_text(error)
        return f"{NO_ESTIMATE}{reason}."
    exploration = None if explored is None or has_files else explored.exploration
    examples = 0 if exploration is None else exploration.counts.get("train", 0)
    defaults = {} if explored is None or has_files else explored.defaults
    return PlannedTraining(task.id, options, has_upload, examples, defaults).estimate(site.run_cache.records())
