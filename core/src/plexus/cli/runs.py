"""`plexus runs`."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.catalogue.folders import find_runs, remove_run, restore_run
from plexus.catalogue.notes import RunNotes
from plexus.catalogue.order import SORTED_BY, sort_runs
from plexus.catalogue.record import RunRecord
from plexus.errors import InputError
from plexus.utils.duration import duration
from plexus.utils.formatting import number, short
from plexus.utils.option_names import flag_of
from plexus.utils.printable import printable

if TYPE_CHECKING:
    from plexus.codec import JsonObject


MAX_CELL = 40
LIST_HEADER = (
    "run",
    "task",
    "data",
    "status",
    "started",
    "epochs",
    "time",
    "parameters",
    "metric (95 % interval)",
    "tags",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument(
        "action",
        choices=("list", "show", "compare", "note", "remove", "restore"),
        help="list: all runs of a folder; show: options and metrics of runs; compare: options that differ, and "
        "metrics; note: save a note or tags; remove: move runs to the folder .removed; restore: move them back",
    )
    parser.add_argument("runs", nargs="*", type=Path, metavar="RUN", help="folders of runs; for list, none")
    parser.add_argument(
        "--folder", type=Path, default=Path("runs"), help="folder whose runs are listed [default: runs]"
    )
    parser.add_argument("--task", metavar="TASK", help="list runs of this task only")
    parser.add_argument("--data", metavar="DATA", help="list runs on this data only, as it was passed to the training")
    parser.add_argument(
        "--sort", choices=SORTED_BY, default="started", help="order of the list; metric: best first [default: started]"
    )
    parser.add_argument("--text", metavar="TEXT", help="the note [default: as before]")
    parser.add_argument("--tag", action="append", metavar="TAG", help="a tag; may be repeated [default: as before]")
    parser.add_argument("--removed", action="store_true", help="list the runs that were removed")


def run(arguments: argparse.Namespace) -> "JsonObject":
    """List, show, compare, annotate, remove or restore runs.

    Args:
        arguments: The parsed arguments.

    Returns:
        `action`, and of `list`, `show` and `note` the `runs`; of `compare` also `options`, values by name, and
        `metrics`; of `remove` and `restore` the folders `moved` to.

    Raises:
        InputError: If a folder is not a run's, or the runs cannot be compared or moved.
    """
    action, folders = arguments.action, arguments.runs
    if action == "list":
        if folders:
            raise InputError(f"list {folders[0]}: expected no RUN; name the folder of the runs with --folder")
        return {"action": action, "runs": [record.to_json() for record in _listed(arguments)]}
    if len(folders) < (minimum := 2 if action == "compare" else 1):
        raise InputError(f"missing argument RUN: plexus runs {action} {' '.join(['RUN'] * minimum)}")
    if action == "note":
        return _save_notes(folders, arguments.text, arguments.tag)
    if action in {"remove", "restore"}:
        move = remove_run if action == "remove" else restore_run
        return {"action": action, "moved": [str(move(folder)) for folder in folders]}
    records = [RunRecord.read(folder) for folder in folders]
    result = {"action": action, "runs": [record.to_json() | _metrics(record) for record in records]}
    return result | (_comparison(records) if action == "compare" else _options(records))


def show(result: "JsonObject") -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        Of `list` and `note` a line per run, of `compare` a line per option and metric, of `show` all about each run.
    """
    if "moved" in result:
        hint = "; undo: plexus runs restore {}" if result["action"] == "remove" else ""
        yield from (f"moved to {folder}{hint.format(folder)}" for folder in result["moved"])
    elif result["action"] == "note":
        yield from (f"{each['run']}: {' '.join(each['tags'])} {each['note']}".rstrip(" :") for each in result["runs"])
    elif result["action"] == "list":
        yield from _list_lines(result["runs"])
    elif result["action"] == "compare":
        yield from _compare_lines(result)
    else:
        for each, options in zip(result["runs"], result["options"], strict=True):
            yield from _show_lines(each, options)


def _listed(arguments: argparse.Namespace) -> list[RunRecord]:
    records = find_runs(arguments.folder, arguments.removed)
    if arguments.task is not None:
        records = [record for record in records if record.task == arguments.task]
    if arguments.data is not None:
        records = [record for record in records if Path(record.data) == Path(arguments.data)]
    return sort_runs(records, arguments.sort)


def _metrics(record: RunRecord) -> "JsonObject":
    from plexus.report.intervals import metric_names

    intervals = {name: record.interval(name) for name in metric_names(record.scores)}
    return {"scores": record.scores, "intervals": intervals}


def _comparison(records: list[RunRecord]) -> "JsonObject":
    from plexus.catalogue.comparison import compare_metrics, differing_options

    metrics = [
        {"name": each.name, "values": each.values, "intervals": each.intervals, "differs": each.differs}
        for each in compare_metrics(records)
    ]
    return {"options": differing_options(records), "metrics": metrics}


def _options(records: list[RunRecord]) -> "JsonObject":
    """Return the options of each run that are not those by default."""
    from plexus.catalogue.changed_options import changed_options
    from plexus.plugins.registry import registry

    return {"options": [changed_options(record, registry().task(record.task)) for record in records]}


def _save_notes(folders: "Sequence[Path]", text: str | None, tags: "Sequence[str] | None") -> "JsonObject":
    if text is None and tags is None:
        raise InputError("note: pass --text or --tag")
    for folder in folders:
        old = RunNotes.read(folder)
        RunNotes.of(old.text if text is None else text, old.tags if tags is None else tags).save(folder)
    return {"action": "note", "runs": [RunRecord.read(folder).to_json() for folder in folders]}


def _list_lines(runs: "list[JsonObject]") -> Iterator[str]:
    if not runs:
        yield "no runs"
        return
    rows: list[tuple[str, ...]] = [LIST_HEADER]
    for each in runs:
        metric = "" if each["value"] is None else f"{each['metric']} {number(each['value'])}"
        started = each["started"].replace("T", " ").removesuffix("+00:00")
        parameters = "" if each["parameters"] is None else short(each["parameters"])
        first = (
            printable(each["run"]),
            each["task"],
            _shorten_path(each["data"]),
            each["status"],
            started,
            str(each["epochs"]),
        )
        last = duration(each["seconds"]), parameters, metric + _bounds(each["interval"])
        rows.append((*first, *last, printable(" ".join(each["tags"]))))
    yield from _aligned(rows)


def _compare_lines(result: "JsonObject") -> Iterator[str]:
    names = [str(each["run"]) for each in result["runs"]]
    rows = [("", *names)]
    rows += [(flag_of(name), *map(_cell, values)) for name, values in result["options"].items()]
    rows.append(("time", *(duration(each["seconds"]) for each in result["runs"])))
    for metric in result["metrics"]:
        rows.append((metric["name"], *map(_metric_cell, metric["values"], metric["intervals"], metric["differs"])))
    yield from _aligned(rows)
    yield "* differs from the first run by more than noise (95 %)   ? unknown: the metric has no interval"


def _show_lines(run: "JsonObject", options: "JsonObject") -> Iterator[str]:
    yield f"{run['run']}: {run['task']}, {run['status']}, {run['epochs']} epochs in {duration(run['seconds'])}"
    if run["note"] or run["tags"]:
        yield printable(f"  note: {' '.join(run['tags'])} {run['note']}")
    for name, value in options.items():
        yield f"  {flag_of(name)} {_cell(value)}"
    for name, interval in run["intervals"].items():
        ranks = "  <- ranks the models" if name == run["metric"] else ""
        yield f"  {name:24} {number(run['scores'][name])}{_bounds(interval)}{ranks}"
    if run["bundle"] is None:
        yield f"  resume: plexus train --resume {run['run']}"
        return
    yield f"  bundle: {run['bundle']}"
    yield f"  report: {Path(run['run']) / 'report.html'}"


def _metric_cell(value: float | None, interval: tuple[float, float] | None, differs: bool | None) -> str:
    if value is None:
        return "-"
    return number(value) + _bounds(interval) + {True: " *", False: "", None: " ?"}[differs]


def _bounds(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f" ({number(interval[0])} to {number(interval[1])})"


def _shorten_path(text: str) -> str:
    """Return a path whose beginning is left out if it is long."""
    text = printable(text)
    return text if len(text) <= MAX_CELL else f"…{text[1 - MAX_CELL :]}"


def _cell(value: object) -> str:
    text = printable("-" if value is None else str(value))
    return text if len(text) <= MAX_CELL else f"{text[: MAX_CELL - 1]}…"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
