"""Models: shown, tried, evaluated, exported and downloaded."""

import secrets
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

from plexus.cli.export import SUFFIXES, export_formats
from plexus.codec import Input, JsonObject
from plexus.errors import InputError
from plexus.report.intervals import confidence_interval
from plexus.studio.command_jobs import CommandJobs
from plexus.studio.data_uploads import Upload
from plexus.studio.metric_rows import metric_rows
from plexus.studio.model_list import ModelEntry
from plexus.studio.model_view import model_card_values, model_values
from plexus.studio.page import is_local, render_page
from plexus.studio.run_rows import matches
from plexus.studio.shown_prediction import shown_prediction
from plexus.studio.site import Site, model_address
from plexus.studio.task_data import is_name, offered_data
from plexus.studio.try_form import FIELD, predict_value, read_row, read_value, row_columns
from plexus.utils.process_folder import process_folder

SECTION = "models"


def add_routes(router: APIRouter, site: Site) -> None:
    """Add the pages.

    Args:
        router: The router.
        site: What the pages describe.
    """
    jobs = CommandJobs()

    @router.get("/models")
    def index(task: str = "", q: str = "") -> HTMLResponse:
        entries = list(site.model_list.entries().values())
        shown = [
            model_card_values(site, entry)
            for entry in entries
            if task in ("", entry.task) and matches(q, f"{entry.name} {entry.manifest['data']['name']}")
        ]
        tasks = sorted({entry.task for entry in entries})
        return render_page(
            "studio/models.html", section=SECTION, title="Models", models=shown, tasks=tasks, task=task, text=q
        )

    _add_jobs(router, site, jobs)
    _add_model(router, site)
    _add_changes(router, site, jobs)


def _add_model(router: APIRouter, site: Site) -> None:
    @router.get("/models/{name}")
    def show(name: str) -> HTMLResponse:
        return _model_page(site, site.model_list.entry(name))

    @router.get("/models/{name}/predict")
    def form(name: str) -> RedirectResponse:
        return RedirectResponse(model_address(name), 303)  # a result that is loaded again without its input

    @router.post("/models/{name}/predict")
    def predict(
        name: str,
        file: Annotated[UploadFile | None, File()] = None,
        text: Annotated[str, Form()] = "",
        document: Annotated[str, Form()] = "",
        explain: Annotated[bool, Form()] = False,
        row: Annotated[dict[str, str] | None, Depends(_sent_row)] = None,
    ) -> HTMLResponse:
        entry = site.model_list.entry(name)
        sent = {"text": text, "document": document, "explain": explain, "file": file.filename if file else ""}
        try:
            bundle = site.model_list.bundle(entry)
            if row:
                sent["row"] = row
                value: Input = read_row(row_columns(bundle), row)
            else:
                value = read_value(file.file.read() if file is not None else b"", text, document)
            result = predict_value(bundle, value, explain)
        except InputError as error:
            return _model_page(site, entry, error=str(error), sent=sent)
        return _model_page(site, entry, result=shown_prediction(result), sent=sent)

    @router.get("/models/{name}/download")
    def download(name: str) -> FileResponse:
        bundle = site.model_list.bundle(site.model_list.entry(name))
        target = tempfile.NamedTemporaryFile(dir=process_folder(), suffix=".zip", delete=False)  # noqa: SIM115 - closed below
        with target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            for file in ("bundle.json", *sorted(bundle.manifest["files"])):
                archive.write(bundle.folder / file, f"{name}/{file}")
        path = Path(target.name)
        return FileResponse(path, filename=f"{name}.zip", background=BackgroundTask(path.unlink))


def _add_changes(router: APIRouter, site: Site, jobs: CommandJobs) -> None:
    @router.post("/models/{name}/evaluate")
    def evaluate(
        request: Request,
        name: str,
        data: Annotated[str, Form()] = "",
        files: Annotated[list[UploadFile] | None, File()] = None,
    ) -> Response:
        entry = site.model_list.entry(name)
        sent = [file for file in files or [] if file.filename]
        try:
            upload = Upload.save(sent) if sent else None
            path = str(upload.path) if upload else _named_data(site, request, entry, data.strip())
        except InputError as error:
            return _model_page(site, entry, error=str(error))
        arguments = ["evaluate", str(entry.folder), *(["--data", path] if path else [])]
        job = jobs.start("Evaluation", name, lambda _: arguments, upload.folder if upload else None)
        return RedirectResponse(f"/models/jobs/{job.id}", 303)

    @router.post("/models/{name}/export")
    def export(name: str, format: Annotated[str, Form()], network: Annotated[str, Form()] = "") -> Response:
        entry = site.model_list.entry(name)
        formats = export_formats(site.model_list.bundle(entry))
        if format not in formats:
            raise InputError(f"format: expected one of {', '.join(formats)}, got {format!r}")

        def arguments(folder: Path) -> list[str]:
            out = folder / f"{name}-{format}{SUFFIXES.get(format, '')}"
            chosen = ["--network", network] if network and format in SUFFIXES else []
            return ["export", str(entry.folder), "--format", format, "--out", str(out), *chosen]

        job = jobs.start("Export", name, arguments)
        return RedirectResponse(f"/models/jobs/{job.id}", 303)


async def _sent_row(request: Request) -> dict[str, str]:
    """Return the texts of the fields for columns."""
    sent = await request.form()
    return {
        name.removeprefix(FIELD): text
        for name, text in sent.items()
        if name.startswith(FIELD) and isinstance(text, str)
    }


def _add_jobs(router: APIRouter, site: Site, jobs: CommandJobs) -> None:
    @router.get("/models/jobs/{id}")
    def show(id: str) -> HTMLResponse:
        job = jobs.find(id)
        result, rows = job.result, []
        if "scores" in result:
            entry = site.model_list.entry(job.model)
            scores = result["scores"]
            intervals = {name: confidence_interval(name, scores, result["examples"]) for name in scores}
            rows = metric_rows(site, entry.task, scores, entry.metric, intervals)
        return render_page(
            "studio/model_job.html",
            section=SECTION,
            title=job.title,
            trail=[(job.model, model_address(job.model))],
            error=job.error,
            job=job,
            metrics=rows,
            data=Path(str(result.get("data", ""))).name,
            examples=result.get("examples", 0),
        )

    @router.get("/models/jobs/{id}/file")
    def file(id: str) -> FileResponse:
        job = jobs.find(id)
        if job.state != "done" or "file" not in job.result:
            raise HTTPException(404, "there is no file yet")
        path = _as_file(Path(job.result["file"]))
        return FileResponse(path, filename=path.name)


def _as_file(path: Path) -> Path:
    """Return a file; of a folder, an archive of it next to it."""
    if path.is_file():
        return path
    archive = path.with_name(f"{path.name}.zip")
    if not archive.exists():
        partial = archive.with_name(f"{secrets.token_hex(4)}.part")
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as target:
            for file in sorted(path.rglob("*")):
                target.write(file, f"{path.name}/{file.relative_to(path)}")
        partial.replace(archive)  # another request never reads a part of it
    return archive


def _named_data(site: Site, request: Request, entry: ModelEntry, data: str) -> str:
    """Return the data that a form names; only a person at this machine may name files of it."""
    task = site.find_task(entry.task)
    if data and not is_local(request) and (task is None or not is_name(task, data)):
        raise InputError("data: expected the name of a data set; upload files of your own")
    return data


def _model_page(site: Site, entry: ModelEntry, error: str = "", **values: Any) -> HTMLResponse:
    page = model_values(site, entry, site.model_list.bundle(entry))
    task = site.find_task(entry.task)
    nothing = {"text": "", "document": "", "explain": False, "file": "", "row": {}}
    shown: JsonObject = {"result": None} | values | {"sent": nothing | values.get("sent", {})}
    return render_page(
        "studio/model.html",
        section=SECTION,
        title=entry.name,
        error=error,
        status=400 if error else 200,
        datasets=[] if task is None else list(offered_data(site.plugins, task)),
        **page,
        **shown,
    )
