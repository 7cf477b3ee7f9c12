"""`plexus demo`."""

import argparse
import math
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.cli.metrics import metric_table
from plexus.inference.manifest import read_manifest
from plexus.metric import Metric
from plexus.plugins.registry import registry
from plexus.run import BUNDLE_FOLDER
from plexus.utils.files import writing_to
from plexus.utils.messages import note

if TYPE_CHECKING:
    from rich.table import Table

    from plexus.app import AnyApp
    from plexus.codec import JsonObject
    from plexus.plugins.entry import Entry
    from plexus.task import AnyTask

FOLDER, PAGE = Path("demo"), "index.html"
BUNDLE = Path("run", BUNDLE_FOLDER)
"""The bundle that a demo trains, in its folder."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("apps", nargs="*", default=[], metavar="APP", help="see plexus list apps [default: all]")


def run(arguments: argparse.Namespace) -> "list[JsonObject]":
    """Run the demos, each in a new folder `demo/APP`, and write a page that shows all of them.

    Args:
        arguments: The parsed arguments.

    Returns:
        Of each app `app`, `summary`, `figures` (metrics by name), `intervals` (95 % intervals by name, of the metrics
        that have one), `seconds`, `pictures` (files) and `shown` (pairs of a file and its caption).

    Raises:
        InputError: If there is no such app, or its folder cannot be written to.
    """
    from plexus.report.gallery import write_gallery

    apps = {id: registry().app(id) for id in arguments.apps or registry().entries("apps")}
    results = [_run_demo(id, app) for id, app in apps.items()]
    write_gallery([result | _gallery_entry(result) for result in results], FOLDER / PAGE)
    return results


def show(result: "list[JsonObject]") -> Iterator["str | Table"]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        The duration and the metrics of each app, then the page.
    """
    for app in result:
        yield f"{app['app']}: {app['seconds']:.0f} s"
        yield metric_table(_described_by(app), app["figures"] | _bounds(app["intervals"]))
    yield f"{sum(app['seconds'] for app in result):.0f} s in all; results and figures: {FOLDER / PAGE}"


def _run_demo(id: str, app: "AnyApp") -> "JsonObject":
    summary, folder = _entry(id).summary, FOLDER / id
    note(f"{id}: {summary}")
    started = time.monotonic()
    with writing_to(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    figures = app.demo(folder)
    return {
        "app": id,
        "summary": summary,
        "figures": figures,
        "intervals": _intervals(figures, folder / BUNDLE),
        "seconds": round(time.monotonic() - started, 1),
        "pictures": sorted(str(file) for file in folder.rglob("*") if file.suffix in {".png", ".svg", ".gif"}),
        "shown": [(str(folder / file), caption) for file, caption in _captions(app, folder).items()],
    }


def _captions(app: "AnyApp", folder: Path) -> dict[str, str]:
    """Return the captions of a demo's files, the learning curves last."""
    from plexus.report.learning_curves import FILE_NAME

    curves = f"run/report/{FILE_NAME}"
    return {**app.demo_captions, **({curves: "Learning curves"} if (folder / curves).is_file() else {})}


def _intervals(figures: Mapping[str, float], bundle: Path) -> dict[str, list[float]]:
    """Return the 95 % intervals of the metrics of a demo that are those of its bundle, by name."""
    from plexus.report.intervals import confidence_interval, metric_names

    if not bundle.is_dir():
        return {}
    manifest = read_manifest(bundle)
    scores, examples = manifest["scores"], manifest["data"]["examples"]["test"]
    names = [name for name in metric_names(figures) if name in scores and scores[name] == figures[name]]
    intervals = {name: confidence_interval(name, scores, examples) for name in names}
    return {name: list(pair) for name, pair in intervals.items() if pair and all(map(math.isfinite, pair))}


def _bounds(intervals: Mapping[str, list[float]]) -> dict[str, float]:
    """Return the bounds of intervals by the names that a bundle has for them: `NAME_low` and `NAME_high`."""
    low = {f"{name}_low": pair[0] for name, pair in intervals.items()}
    return low | {f"{name}_high": pair[1] for name, pair in intervals.items()}


def _gallery_entry(result: "JsonObject") -> "JsonObject":
    """Return the title of an app, and the metrics and intervals of its demo by their titles."""
    from plexus.report.intervals import metric_names

    task, metrics, intervals = _described_by(result), result["figures"], result["intervals"]
    names = metric_names(metrics)
    labels = {name: (task.describe_metric(name) if task else Metric(name)).label for name in names}
    return {
        "title": _entry(result["app"]).heading,
        "figures": {labels[name]: metrics[name] for name in names},
        "intervals": {labels[name]: intervals[name] for name in names if name in intervals},
    }


def _entry(id: str) -> "Entry":
    return registry().entries("apps")[id]


def _described_by(result: "JsonObject") -> "AnyTask | None":
    """Return the task that describes the metrics of a demo; None for an app without tasks."""
    app = registry().app(result["app"])
    return registry().task(app.tasks[0]) if app.tasks else None
