"""The pages of single trainings: progress, pause, resume and cancel."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, HTTPException
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from plexus.catalogue.folders import REMOVED, restore_run
from plexus.catalogue.record import RunRecord
from plexus.errors import InputError
from plexus.serve.problems import without_folders
from plexus.studio.curve_plot import curve_plot
from plexus.studio.form_fields import with_labels
from plexus.studio.page import HEADERS, render_page
from plexus.studio.run_rows import option_text
from plexus.studio.site import Site, model_address, run_address
from plexus.studio.training_progress import MAX_CURVES, TrainingProgress
from plexus.utils.duration import duration
from plexus.utils.html import render

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.metric import Metric
    from plexus.studio.trainings import Trainings
    from plexus.task import AnyTask

WORDS = {
    "queued": "waits for other trainings",
    "starting": "starting",
    "training": "in progress",
    "stopping": "stopping: a checkpoint is written after the current step",
    "interrupted": "interrupted",
    "failed": "failed",
    "finished": "finished",
}
"""States in words."""
LIVE = {"queued", "starting", "training", "stopping"}
"""States that change without an action of the user."""
MAX_INTERRUPTED = 20


def training_address(id: str) -> str:
    """Return the address of the page of a training.

    Args:
        id: The id of its run, as of `Site.run_id`.

    Returns:
        The path of the address.
    """
    return f"/train/runs/{quote(id)}"


def training_rows(site: Site, trainings: "Trainings") -> "JsonObject":
    """Return the trainings that have not ended.

    Args:
        site: The server.
        trainings: The queue.

    Returns:
        `running`, `queued` in the order of the queue, `interrupted` (or failed): each with `address`, `task`, `data`,
        `state`, `epochs` and `started`.
    """
    rows: dict[str, list[JsonObject]] = {"running": [], "queued": [], "interrupted": []}
    queue = trainings.queue()
    for record in site.run_cache.records():
        if record.status == "finished" or record.folder in queue:
            continue
        if len(rows["interrupted"]) == MAX_INTERRUPTED and record.status in ("interrupted", "failed"):
            continue  # its state is not read: it costs time
        state = trainings.state(record.folder)
        rows["running" if state in LIVE else "interrupted"].append(_row(site, record, WORDS[state]))
    rows["queued"] = [_row(site, RunRecord.read(folder), WORDS["queued"]) for folder in queue]
    return dict(rows)


def _row(site: Site, record: RunRecord, state: str) -> "JsonObject":
    return {
        "address": training_address(site.run_id(record.folder)),
        "task": record.task,
        "data": option_text(record.data),
        "state": state,
        "epochs": record.epochs,
        "started": record.started,
    }


def add_training_routes(router: APIRouter, site: Site, trainings: "Trainings") -> None:
    """Add the pages.

    Args:
        router: The router.
        site: What the pages describe.
        trainings: The queue.
    """

    @router.get("/train/runs/{id:path}")
    def show(id: str, part: bool = False) -> Response:
        values = _values(site, trainings, _present_run(site, id))
        if part:
            return HTMLResponse(render("studio/train_progress.html", **values), headers=HEADERS)
        title = f"Training {Path(id).name}"
        return render_page("studio/train_run.html", section="train", title=title, **values)

    @router.post("/train/resume")
    def resume(run: str = Form()) -> Response:
        trainings.add(_present_run(site, run))
        return RedirectResponse(training_address(run), 303)

    @router.post("/train/runs/{id:path}")
    def change(id: str, action: str = Form()) -> Response:
        folder = site.run_folder(id) if action == "restore" else _present_run(site, id)
        return RedirectResponse(_change(site, trainings, folder, action), 303)


def _present_run(site: Site, id: str) -> Path:
    """Return the folder of a run that was not removed."""
    folder = site.run_folder(id)
    if folder.parent.name == REMOVED:
        raise InputError(f"{folder.name} was removed: restore it first")
    return folder


def _change(site: Site, trainings: "Trainings", folder: Path, action: str) -> str:
    """Carry out an action, and return the address of the page that shows its result."""
    if action == "pause":
        trainings.pause(folder)
    elif action == "resume":
        trainings.add(folder)
    elif action == "cancel":
        removed = site.run_id(trainings.cancel(folder))
        return f"/train?{urlencode({'cancelled': removed})}"
    elif action == "restore":
        folder = restore_run(folder)
    else:
        raise HTTPException(400, f"action {action!r}: expected pause, resume, cancel or restore")
    return training_address(site.run_id(folder))


def _values(site: Site, trainings: "Trainings", folder: Path) -> "JsonObject":
    progress, state = TrainingProgress.read(folder), trainings.state(folder)
    id, queue = site.run_id(folder), trainings.queue()
    task = site.find_task(progress.task)
    metric = None if task is None else task.metric
    left = progress.seconds_left
    is_fitted = progress.is_fitted(metric) if metric else progress.epoch == progress.epochs
    return {
        "progress": progress,
        "state": state,
        "words": WORDS[state],
        "is_live": state in LIVE,
        "place": queue.index(folder) + 1 if folder in queue else 0,
        "data": option_text(progress.options.get("data", "")),
        "error_line": _public_line(task, trainings.problem(folder)) if state == "failed" else "",
        "left": duration(left) if left is not None and state == "training" and not is_fitted else "",
        "is_evaluated": state == "training" and is_fitted,
        "best": progress.best(metric) if metric else "",
        "early_stopping": progress.early_stopping(metric) if metric and state != "finished" else "",
        "log": [_public_line(task, line) for line in progress.log],
        "address": training_address(id),
        "run": run_address(id),
        "again": f"/train/{progress.task}?{urlencode({'like': id})}",
        "model": _model(site, folder) if state == "finished" else "",
        **_plots(progress, metric),
    }


def _public_line(task: "AnyTask | None", line: str) -> str:
    """Return a line of a process without folders of the server, in the words of the form."""
    line = without_folders(line)
    return line if task is None else with_labels(task.options, line)


def _plots(progress: TrainingProgress, metric: "Metric | None") -> "JsonObject":
    """Return the curves of loss and metric, and those of other metrics."""
    curves = progress.curves()
    main = {"loss": "Training loss"}
    if metric is not None:
        main[metric.name] = f"{metric.label}, validation split"
    others = [name for name in curves if name not in main][:MAX_CURVES]
    return {
        "plots": [_plot(curves[name], title) for name, title in main.items() if name in curves],
        "other_plots": [_plot(curves[name], name.replace("_", " ").capitalize()) for name in others],
    }


def _plot(curve: "list[tuple[float, float]]", title: str) -> tuple[str, str]:
    return title, curve_plot({title: curve}, x_label="Epoch", y_label=title)


def _model(site: Site, folder: Path) -> str:
    """Return the address of the model of a finished run."""
    entries = site.model_list.entries().values()
    return next((model_address(entry.name) for entry in entries if entry.run == folder), "")
