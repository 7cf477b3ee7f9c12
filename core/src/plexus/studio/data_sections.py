"""Contents of the sections of an explored dataset."""

import math
from typing import TYPE_CHECKING

import numpy as np

from plexus.data.duplicate_examples import MAX_PAIRS, DuplicateGroup, Place
from plexus.serve.problems import public_text
from plexus.studio.data_examples import address, example
from plexus.studio.data_record import DataRecord
from plexus.studio.form_fields import with_labels
from plexus.tasks.classification import ClassificationTask

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.studio.exploration import Exploration

PAGE_SIZE, SAMPLES = 24, 6
"""Examples of a page, and of each label in the overview of all."""
MAX_LABELS, MAX_SAMPLED_LABELS = 60, 12
"""Labels in the table, and labels with samples, the most frequent first."""
MAX_SHOWN = 30
"""Duplicates and suspicious labels that are shown."""
MAX_IN_GROUP = 4
"""Examples of a group of duplicates that are shown."""


def section_links(record: DataRecord, exploration: "Exploration") -> list[tuple[str, str, str]]:
    """Return the sections that the dataset has.

    Args:
        record: The dataset.
        exploration: Its content.

    Returns:
        Name, title and address of each.
    """
    sections = [("", "Overview")]
    if exploration.splits:
        sections += [("examples", "Examples")]
        sections += [("columns", "Columns")] if exploration.columns else []
        sections += [("duplicates", "Duplicates"), ("labels", "Label errors")]
    return [(name, title, address(record, name)) for name, title in sections]


def overview(record: DataRecord, exploration: "Exploration") -> "JsonObject":
    """Return counts, the balance of the classes, findings, and how the data are split.

    Args:
        record: The dataset.
        exploration: Its content.

    Returns:
        Values for the template.
    """
    counts, labels, options = exploration.counts, exploration.labels_by_frequency, exploration.task.options
    totals = {label: sum(each[label] for each in exploration.class_counts.values()) for label in labels}
    most = max(totals.values(), default=0)
    return {
        "total": sum(counts.values()),
        "splits": list(counts.items()),
        "classes": [
            {
                "label": label,
                "total": totals[label],
                "share": totals[label] / max(sum(totals.values()), 1),
                "width": 100 * totals[label] / most,
                "splits": [exploration.class_counts[split][label] for split in counts],
            }
            for label in labels[:MAX_LABELS]
        ],
        "more_labels": max(len(labels) - MAX_LABELS, 0),
        "remarks": _remarks(exploration, totals),
        "missing": sum(column.missing for column in exploration.columns),
        "missing_line": _missing_line(exploration),
        "target": exploration.target_summary,
        "targets": exploration.target_summaries,
        "searches": _searches(record, exploration),
        "target_name": exploration.task.target_name,
        "findings": [public_text(with_labels(options, line)) for line in exploration.dataset.findings.lines()],
        "training_problem": with_labels(options, record.training_problem),
        "protocol": exploration.dataset.evaluation_protocol or exploration.task.evaluation_protocol,
        "licence": exploration.dataset.licence,
        "fingerprint": exploration.dataset.fingerprint,
        "seed": exploration.options.seed,
        "shows_examples": bool(exploration.splits),
        "named": exploration.options.data if exploration.options.data in exploration.task.context.datasets else "",
    }


def section_content(
    section: str, record: DataRecord, exploration: "Exploration", split: str, label: str, page: int
) -> "JsonObject":
    """Return the content of a section.

    Args:
        section: A section of `section_links`.
        record: The dataset.
        exploration: Its content.
        split: Of the examples: the split; empty for the first one.
        label: Of the examples: show those of this label alone; empty for all.
        page: Of the examples: the page, counted from 1.

    Returns:
        Values for the template.
    """
    if section == "examples":
        return example_page(record, exploration, split, label, page)
    if section == "duplicates":
        return duplicate_groups(record, exploration)
    if section == "labels":
        return label_errors(record, exploration)
    return {"columns": exploration.columns}


def example_page(record: DataRecord, exploration: "Exploration", split: str, label: str, page: int) -> "JsonObject":
    """Return a page of examples.

    Args:
        record: The dataset.
        exploration: Its content.
        split: The split; empty for the first one.
        label: Show examples of this label alone; empty for all.
        page: The page, counted from 1.

    Returns:
        Values for the template.
    """
    split = split if split in exploration.splits else next(iter(exploration.splits))
    rows = exploration.rows(split, label)
    pages = max(math.ceil(len(rows) / PAGE_SIZE), 1)
    page = min(max(page, 1), pages)
    start = (page - 1) * PAGE_SIZE
    places = [Place(split, int(row)) for row in rows[start : start + PAGE_SIZE]]

    def link(number: int) -> str:
        return address(record, "examples", split=split, label=label, page=number)

    examples = [example(record, exploration, place) for place in places]
    return {
        "split": split,
        "splits": list(exploration.splits),
        "label": label,
        "labels": exploration.labels_by_frequency[:1000],
        "count": len(rows),
        "first": start + 1,
        "page": page,
        "pages": pages,
        "previous": link(page - 1) if page > 1 else "",
        "next": link(page + 1) if page < pages else "",
        "examples": examples,
        "columns": list(dict.fromkeys(name for each in examples for name in each["cells"])),
        "samples": [] if label else _samples(record, exploration, split),
        "target_name": exploration.task.target_name,
    }


def duplicate_groups(record: DataRecord, exploration: "Exploration") -> "JsonObject":
    """Return the duplicates of a dataset.

    Args:
        record: The dataset.
        exploration: Its content.

    Returns:
        Values for the template; none before the search has ended.
    """
    state = record.duplicates_state  # another thread changes it
    if state != "ready":
        return {"state": state}
    groups, (near_count, near) = exploration.duplicates, exploration.near_duplicates

    def shown(group: DuplicateGroup) -> "JsonObject":
        examples = [example(record, exploration, place) for place in group.places[:MAX_IN_GROUP]]
        return {
            "examples": examples,
            "more": len(group.places) - len(examples),
            "conflict": group.has_conflict,
            "crosses": group.crosses_splits,
            "exact": group.exact,
        }

    crossing = [group for group in groups if group.crosses_splits]
    return {
        "state": state,
        "groups": [shown(group) for group in groups[:MAX_SHOWN]],
        "near": [shown(group) for group in near],
        "group_count": len(groups),
        "repeated": sum(len(group.places) - 1 for group in groups),
        "crossing": len(crossing),
        "conflicts": sum(group.has_conflict for group in groups),
        "near_count": near_count,
        "looked_up": MAX_PAIRS,
        "target_name": exploration.task.target_name,
    }


def label_errors(record: DataRecord, exploration: "Exploration") -> "JsonObject":
    """Return the labels that are probably wrong, each with an example of both labels.

    Args:
        record: The dataset.
        exploration: Its content.

    Returns:
        Values for the template: the state of the search alone before it has ended.
    """
    check, state = record.label_check, record.label_check.state  # another thread changes it
    if state != "ready":
        return {"check": check, "state": state, "problem": exploration.label_problem}
    suspicious = {place for place, _, _ in check.errors}
    typical: dict[str, Place] = {}
    errors = check.errors[:MAX_SHOWN]
    compared_labels = {label for place, suggested, _ in errors for label in (suggested, _label(exploration, place))}
    for place in exploration.places():
        if len(typical) == len(compared_labels):
            break
        label = _label(exploration, place)
        if label in compared_labels and label not in typical and place not in suspicious:
            typical[label] = place
    rows = []
    for place, suggested, error in errors:
        label = _label(exploration, place)
        compared = [(name, typical[name]) for name in (label, suggested) if name in typical]
        rows.append(
            {
                "example": example(record, exploration, place),
                "label": label,
                "suggested": suggested,
                "label_probability": error.label_probability,
                "suggested_probability": error.suggested_probability,
                "typical": [(name, example(record, exploration, other)) for name, other in compared],
            }
        )
    return {
        "rows": rows,
        "count": len(check.errors),
        "check": check,
        "state": state,
        "target_name": exploration.task.target_name,
    }


def _searches(record: DataRecord, exploration: "Exploration") -> list[tuple[str, str]]:
    """Return what the searches for duplicates and wrong labels that have ended say, and the address of each."""
    results = []
    if record.duplicates_state == "ready":
        repeated = sum(len(group.places) - 1 for group in exploration.duplicates)
        near = exploration.near_duplicates[0]
        results.append((f"{repeated:,} repeated examples, {near:,} near-duplicates", address(record, "duplicates")))
    if record.label_check.state == "ready":
        count, checked = len(record.label_check.errors), record.label_check.checked
        results.append((f"{count:,} of {checked:,} labels are probably wrong", address(record, "labels")))
    return results


def _missing_line(exploration: "Exploration") -> str:
    """Return the number of cells without a value, and of their columns; empty if there are none."""
    counts = [column.missing for column in exploration.columns if column.missing]
    if not counts:
        return ""
    return f"Missing values: {sum(counts):,} cells in {len(counts):,} of {len(exploration.columns):,} columns"


def _label(exploration: "Exploration", place: Place) -> str:
    labels = exploration.labels(exploration.splits[place.split].targets[place.row])
    return str(labels[0]) if labels else ""


def _samples(record: DataRecord, exploration: "Exploration", split: str) -> list["JsonObject"]:
    """Return some examples of each label, evenly spaced; none for rows, which say little one by one."""
    if not exploration.class_counts or exploration.kind == "row":
        return []
    counts = exploration.class_counts[split]
    labels = [label for label in exploration.labels_by_frequency if counts[label]][:MAX_SAMPLED_LABELS]
    samples = []
    for label in labels:
        rows = exploration.rows(split, label)
        chosen = rows[np.unique(np.linspace(0, len(rows) - 1, SAMPLES).astype(int))]
        samples.append(
            {
                "label": label,
                "count": len(rows),
                "link": address(record, "examples", split=split, label=label),
                "examples": [example(record, exploration, Place(split, int(row))) for row in chosen],
            }
        )
    return samples


def _remarks(exploration: "Exploration", totals: dict[str, int]) -> list[str]:
    """Return what is worth knowing about the balance of the classes."""
    noun, remarks = exploration.task.target_name, list[str]()
    if len(totals) == 1:
        return [f"There is one {noun} only: label errors need two or more."]
    if totals and max(totals.values()) >= 10 * min(totals.values()):
        ratio = max(totals.values()) / min(totals.values())
        remarks.append(f"The most frequent {noun} has {ratio:,.0f} times as many examples as the rarest.")
    return remarks + ([] if _has_disjoint_labels(exploration) else _absent_labels(exploration, totals))


def _has_disjoint_labels(exploration: "Exploration") -> bool:
    """Return whether each label is in one split only by the protocol, as persons that training never saw.

    A classifier cannot predict such a label, so that its data are never split like that on purpose.
    """
    splits = [{label for label, count in counts.items() if count} for counts in exploration.class_counts.values()]
    return not isinstance(exploration.task, ClassificationTask) and sum(map(len, splits)) == len(set().union(*splits))


def _absent_labels(exploration: "Exploration", totals: dict[str, int]) -> list[str]:
    """Return which labels each split has no example of."""
    remarks = []
    for split, counts in exploration.class_counts.items():
        absent = [label for label in totals if not counts[label]]
        if absent:
            names = ", ".join(absent[:3]) + ("" if len(absent) <= 3 else f" and {len(absent) - 3:,} more")
            remarks.append(f"The {split} split has no example of {names}.")
    return remarks
