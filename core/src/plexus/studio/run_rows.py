"""Runs as rows of a table: formatted, filtered and sorted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plexus.catalogue.comparison import differing_options
from plexus.catalogue.order import SORTED_BY, sort_runs
from plexus.catalogue.record import RunRecord
from plexus.catalogue.training_log import LOG_FILE, failure
from plexus.errors import InputError
from plexus.serve.problems import public_text, without_folders
from plexus.studio.form_fields import with_labels
from plexus.studio.site import Site, run_address
from plexus.utils.duration import duration
from plexus.utils.formatting import number, short
from plexus.utils.option_names import label_of

MAX_OPTIONS = 5
"""Options of a run in a table."""


@dataclass(frozen=True)
class RunFilter:
    """Which runs a table shows, and in which order.

    Args:
        task: Id of a task; empty for all.
        data: The data of the training; empty for all.
        status: A status of a record, or `removed`; empty for all that were not removed.
        text: Words, each of which is in the id, the options, the tags or the note of a run.
        sort: The order, one of `SORTED_BY`.
        reverse: Whether the order is reversed.

    Example:
        ```python
        RunFilter(task="vision.classify", sort="metric").apply(records)
        ```
    """

    task: str = ""
    data: str = ""
    status: str = ""
    text: str = ""
    sort: str = "started"
    reverse: bool = False

    def apply(self, records: Sequence[RunRecord]) -> list[RunRecord]:
        """Return the runs that are shown.

        Args:
            records: All runs.

        Returns:
            The runs, in order.

        Raises:
            InputError: If there is no such order.
        """
        if self.sort not in SORTED_BY:
            raise InputError(f"sort: expected one of {', '.join(SORTED_BY)}, got {self.sort!r}")
        return sort_runs([record for record in records if self._shows(record)], self.sort, self.reverse)

    def _shows(self, record: RunRecord) -> bool:
        if self.task not in ("", record.task) or self.data not in ("", option_text(record.data)):
            return False
        if self.status not in ("", "removed") and self.status != record.status:
            return False
        return matches(self.text, run_text(record))


def matches(query: str, text: str) -> bool:
    """Return whether a text has all words of a query.

    Args:
        query: The words, in any case.
        text: The text.

    Returns:
        Whether it has.
    """
    text = text.lower()
    return all(word in text for word in query.lower().split())


def run_text(record: RunRecord) -> str:
    """Return the text of a run that is searched.

    Args:
        record: The run.

    Returns:
        Its folder, task, data, options, tags and note.
    """
    options = " ".join(f"{name}={value}" for name, value in record.options.items())
    return " ".join([record.folder.as_posix(), record.task, options, *record.notes.tags, record.notes.text])


def option_text(value: object) -> str:
    """Format the value of an option, without folders of the server and without passwords.

    Args:
        value: The value.

    Returns:
        The text.
    """
    return "not set" if value is None else public_text(value)


def run_row(site: Site, record: RunRecord) -> dict[str, object]:
    """Format a run.

    Args:
        site: The site.
        record: The run.

    Returns:
        The cells of its row by name.
    """
    id = site.run_id(record.folder)
    interval = record.interval(record.metric) if record.metric else None
    problem = failure(record.folder / LOG_FILE) if record.status == "failed" else ""
    return {
        "id": id,
        "name": record.folder.name,
        "address": run_address(id),
        "task": record.task,
        "data": option_text(record.data),
        "status": record.status,
        "problem": _problem_line(site, record.task, problem),
        "started": record.started.strftime("%Y-%m-%d %H:%M"),
        "metric": site.metric_label(record.task, record.metric) if record.metric else "",
        "value": "" if record.value is None else number(record.value),
        "interval": "" if interval is None else f"{number(interval[0])} to {number(interval[1])}",
        "epochs": record.epochs,
        "seconds": duration(record.seconds),
        "parameters": short(record.manifest["parameters"]) if "parameters" in record.manifest else "",
        "tags": record.notes.tags,
    }


def _problem_line(site: Site, id: str, problem: str) -> str:
    """Return an error without folders of the server, in the words of the form."""
    task = site.find_task(id) if problem else None
    line = without_folders(problem)
    return line if task is None else with_labels(task.options, line)


def option_lines(records: Sequence[RunRecord]) -> list[str]:
    """Return the options in which runs of the same task differ, in one line per run.

    Args:
        records: The runs.

    Returns:
        Names and values: `Epochs 4, Seed 1`; of many the first ones.
    """
    groups = {task: [each for each in records if each.task == task] for task in {each.task for each in records}}
    options = {task: differing_options(group) for task, group in groups.items()}
    places = {each.folder: place for group in groups.values() for place, each in enumerate(group)}
    return [
        _option_line({name: values[places[each.folder]] for name, values in options[each.task].items()})
        for each in records
    ]


def _option_line(options: Mapping[str, object]) -> str:
    shown = [f"{label_of(name)} {option_text(value)}" for name, value in options.items() if name != "data"]
    more = len(shown) - MAX_OPTIONS
    return ", ".join(shown[:MAX_OPTIONS]) + (f" and {more} more" if more > 0 else "")
