"""`plexus demo`."""

import argparse
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.cli.metrics import metric_table
from plexus.metric import Metric
from plexus.plugins.registry import registry
from plexus.utils.files import writing_to
from plexus.utils.messages import note

if TYPE_CHECKING:
    from rich.table import Table

    from plexus.app import AnyApp
    from plexus.codec import JsonObject
    from plexus.task import AnyTask

FOLDER, PAGE = Path("demo"), "index.html"


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
        Of each app `app`, `summary`, `figures` (metrics by name), `seconds`, `pictures` (files) and `shown` (pairs of
        a file and its caption).

    Raises:
        InputError: If there is no such app, or its folder cannot be written to.
    """
    from plexus.report.gallery import write_gallery

    apps = {id: registry().app(id) for id in arguments.apps or registry().entries("apps")}
    results = []
    for id, app in apps.items():
        summary, folder = registry().entries("apps")[id].summary, FOLDER / id
        note(f"{id}: {summary}")
        started = time.monotonic()
        with writing_to(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        result = {
            "app": id,
            "summary": summary,
            "figures": app.demo(folder),
            "seconds": round(time.monotonic() - started, 1),
            "pictures": sorted(str(file) for file in folder.rglob("*") if file.suffix in {".png", ".svg", ".gif"}),
            "shown": [(str(folder / file), caption) for file, caption in _captions(app, folder).items()],
        }
        results.append(result)
    write_gallery([result | {"figures": _labelled(result)} for result in results], FOLDER / PAGE)
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
        yield metric_table(_described_by(app), app["figures"])
    yield f"{sum(app['seconds'] for app in result):.0f} s in all; results and figures: {FOLDER / PAGE}"


def _captions(app: "AnyApp", folder: Path) -> dict[str, str]:
    """Return the captions of a demo's files, the learning curves last."""
    from plexus.report.learning_curves import FILE_NAME

    curves = f"run/report/{FILE_NAME}"
    return {**app.demo_captions, **({curves: "Learning curves"} if (folder / curves).is_file() else {})}


def _labelled(result: "JsonObject") -> dict[str, float]:
    """Return the metrics of a demo by their titles."""
    task, metrics = _described_by(result), result["figures"]
    described = [task.describe_metric(name) if task else Metric(name) for name in metrics]
    return {metric.label: metrics[metric.name] for metric in described}


def _described_by(result: "JsonObject") -> "AnyTask | None":
    """Return the task that describes the metrics of a demo; None for an app without tasks."""
    app = registry().app(result["app"])
    return registry().task(app.tasks[0]) if app.tasks else None
