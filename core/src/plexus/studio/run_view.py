"""Contents of the page of a run."""

from typing import TYPE_CHECKING

from plexus.catalogue.changed_options import changed_options
from plexus.catalogue.folders import REMOVED
from plexus.catalogue.record import RunRecord
from plexus.studio.metric_rows import metric_rows
from plexus.studio.run_curves import run_curves
from plexus.studio.run_rows import option_text, run_row
from plexus.studio.site import Site, model_address, title_of
from plexus.utils.formatting import number
from plexus.utils.option_names import label_of

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MAX_EPOCHS = 200
"""Lines of the log that are shown: the last ones."""


def run_values(site: Site, record: RunRecord) -> "JsonObject":
    """Return the values of the page of a run.

    Args:
        site: The site.
        record: The run.

    Returns:
        Values of the template by name.
    """
    task = site.find_task(record.task)
    options = record.options if task is None else changed_options(record, task)
    model = next((name for name, entry in site.model_list.entries().items() if entry.run == record.folder), None)
    return {
        "run": run_row(site, record),
        "is_removed": record.folder.parent.name == REMOVED,
        "summary": "" if task is None else site.plugins.entries("tasks")[record.task].summary,
        "options": {label_of(name): option_text(value) for name, value in options.items()},
        "all_options": {label_of(name): option_text(value) for name, value in record.options.items()},
        "metrics": _metric_rows(site, record),
        "curves": run_curves(site, [record]),
        "log": _log(record),
        "has_report": (record.folder / "report.html").is_file(),
        "model": None if model is None else model_address(model),
        "apps": {id: title_of(id) for id in site.apps_of(record.task)} if model else {},
        "note": record.notes.text,
        "tags": ", ".join(record.notes.tags),
    }


def _metric_rows(site: Site, record: RunRecord) -> "list[JsonObject]":
    intervals = {name: record.interval(name) for name in record.scores}
    return metric_rows(site, record.task, record.scores, record.metric or "", intervals)


def _log(record: RunRecord) -> "JsonObject":
    """Return the header and the lines of the log: the numbers of each epoch."""
    lines = record.history()[-MAX_EPOCHS:]
    numbers = [name for line in lines for name, value in line.items() if isinstance(value, int | float)]
    names = list(dict.fromkeys(numbers))  # some epochs have no metrics
    rows = [
        [line.get(name, "") if name != "epoch" else line["epoch"] + 1 for name in names] for line in reversed(lines)
    ]
    cells = [[number(value) if isinstance(value, int | float) else str(value) for value in row] for row in rows]
    return {"names": names, "rows": cells}
