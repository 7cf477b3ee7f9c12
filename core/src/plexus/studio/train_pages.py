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
from plexus.studio.data_pages import may_train_on
from plexus.studio.data_uploads import MAX_FILES, Upload
from plexus.studio.form_fields import PREFIX, form_texts, form_values, option_texts
from plexus.studio.page import is_local, render_page
from plexus.studio.run_rows import option_text
from plexus.studio.site import Site
from plexus.studio.task_cards import task_cards
from plexus.studio.train_form import failed_field, form_groups, refuse_files, with_labels, without_files
from plexus.studio.training_pages import add_training_routes, training_address, training_rows
from plexus.studio.training_progress import seconds_by_examples, similar_run
from plexus.studio.trainings import Trainings
from plexus.utils.duration import duration

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
    def estimate(request: Request, task: str, explored: str = "") -> Response:
        chosen, texts = _task(site, task), option_texts(request.query_params)
        record = _explored(request, site, chosen, explored)
        defaults = _defaults(site, record, texts)
        return JSONResponse({"text": _estimate(site, chosen, texts, record), **defaults})

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
    error: str = "",
) -> HTMLResponse:
    return render_page(
        "studio/train_form.html",
        section=SECTION,
        title=f"Train {task.id}",
        error=with_labels(task, error),
        status=422 if error else 200,
        task=task,
        groups=form_groups(task),
        texts=texts,
        prefix=PREFIX,
        failed=failed_field(task, error),
        datasets=sorted(task.context.datasets),
        estimate=_estimate(site, task, texts, explored),
        explored=explored,
        local=is_local(request),
        max_files=MAX_FILES,
        max_megabytes=request.app.state.middleware.limits.max_bytes >> 20,
    )


def _start(request: Request, site: Site, trainings: Trainings, task: "AnyTask", sent: FormData) -> Response:
    """Start the training that a form describes, or show the form with its error."""
    texts = option_texts(sent)
    files = [file for file in sent.getlist("files") if isinstance(file, UploadFile) and file.filename]
    explored = _explored(request, site, task, str(sent.get("explored") or ""))
    try:
        if not is_local(request):
            refuse_files(task, texts)
        has_upload = bool(files) or (explored is not None and explored.request.upload is not None)
        options: Options = task.options.parse(_values(task, texts, has_upload))
        run = _create_run(trainings, task, options, _upload(files, explored))
        trainings.add(run.folder)
    except InputError as error:
        return _form_page(request, site, task, texts, explored, public_text(error))
    return RedirectResponse(training_address(site.run_id(run.folder)), 303)


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


def _values(task: "AnyTask", texts: Mapping[str, str], has_files: bool) -> dict[str, object]:
    values = form_values(task.options, texts)
    default = task.options.model_fields["data"].default
    if has_files:
        if values.get("data", default) != default:
            raise InputError("--data and an upload: expected one of them, got both")
        values["data"] = "upload"
    if "data" not in values and not isinstance(default, str):
        raise InputError("--data must be a data set, a file or a folder: choose one, or upload files")
    return values


def _move_upload(run: "Run", upload: Upload) -> "Run":
    """Move uploaded data to the folder of the run, where they are as long as it."""
    place = run.folder / DATA_FOLDER
    path = place / upload.path.relative_to(upload.folder)
    shutil.move(upload.folder, place)
    moved = replace(run, options=run.options.model_copy(update={"data": str(path.absolute())}))
    moved.save()
    return moved


def _defaults(site: Site, explored: "DataRecord | None", texts: Mapping[str, str]) -> "JsonObject":
    """Return the defaults that follow from explored data, and whether they are still being computed."""
    if explored is None or (explored.request.upload is None and texts.get("data") != explored.request.data):
        return {"defaults": {}, "pending": False}
    site.data_reader.compute_defaults(explored)
    values = {name: option_text(value) for name, value in explored.defaults.items()}
    return {"defaults": values, "pending": explored.defaults_state in {"queued", "working"}}


def _estimate(site: Site, task: "AnyTask", texts: Mapping[str, str], explored: "DataRecord | None") -> str:
    """Describe the time that a training would take; empty if no training of the task says so."""
    try:
        options = task.options.parse(form_values(task.options, texts)).model_dump(mode="json")
    except InputError:
        return ""
    records = site.run_cache.records()
    record = similar_run(records, task.id, options)
    if record is not None:
        seconds = record.seconds / record.epochs
        epochs = options["epochs"] or int(record.options["epochs"])
        total = f"At most about {duration(seconds * epochs)}"
        return f"{total}: {epochs} epochs of {seconds:.2g} s, as in the last training with these data and options."
    if explored is None or explored.exploration is None:
        return ""
    epochs = int(options["epochs"] or str(explored.defaults.get("epochs", 0)))
    scaled = seconds_by_examples(records, task.id, explored.exploration.counts.get("train", 0))
    if not epochs or not scaled:
        return ""
    total = f"Very roughly {duration(scaled * epochs)}"
    return f"{total}: {epochs} epochs at the speed of the last training of this task, with other data or options."
