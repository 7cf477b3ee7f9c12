"""Parts of the sections of model cards for clinical models."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from plexus.metric import Metric
from plexus.metrics.clinical import CLINICAL_METRICS
from plexus.metrics.subgroups import SUBGROUP_METRICS
from plexus.report.intervals import metric_names
from plexus.utils.printable import printable

if TYPE_CHECKING:
    import polars as pl

MIN_EVENTS = 100
"""Rows with, and without, the outcome that an evaluation needs (Collins, Ogundimu & Altman 2016,
doi:10.1002/sim.6787)."""


def performance_table(metrics: Mapping[str, float]) -> list[str]:
    """Write a table of the metrics with their intervals.

    Args:
        metrics: The result of `plexus.metrics.clinical.clinical_metrics`, and others.

    Returns:
        Lines of Markdown.
    """
    described = {metric.name: metric for metric in CLINICAL_METRICS}
    rows = [
        (described.get(name, Metric(name)).label, f"`{name}`", f"{metrics[name]:.4f}", _interval(metrics, name))
        for name in metric_names(metrics)
        if name not in ("threshold", "prevalence")
    ]
    return markdown_table(("metric", "key", "value", "95 % interval"), rows)


def subgroup_lines(table: "pl.DataFrame | None") -> list[str]:
    """Write the table of the subgroups, or that there is none.

    Args:
        table: The result of `plexus.metrics.subgroups.subgroup_table`; None: no subgroups were evaluated.

    Returns:
        Lines of Markdown.
    """
    if table is None:
        return ["No subgroups were evaluated: whether the model is as good for all groups of patients is unknown."]
    described = {metric.name: metric.label for metric in CLINICAL_METRICS}
    header = ("subgroup", "cases of rows", *(described[name] for name in SUBGROUP_METRICS), "note")
    return markdown_table(header, [_subgroup(row) for row in table.iter_rows(named=True)])


def evaluation_limits(
    rows: int,
    cases: int,
    metrics: Mapping[str, float],
    subgroups: "pl.DataFrame | None" = None,
    *,
    has_patients: bool,
    unit: str = "rows",
) -> list[str]:
    """Write the limits of an evaluation that follow from its numbers.

    Args:
        rows: Rows of the test split.
        cases: Rows of the test split with the outcome.
        metrics: The result of `plexus.metrics.clinical.clinical_metrics`.
        subgroups: The result of `plexus.metrics.subgroups.subgroup_table`; None: no subgroups were evaluated.
        has_patients: Whether the data name patients.
        unit: Name of the rows: `rows`, `images`.

    Returns:
        Sentences.
    """
    source = f"The model was evaluated on {unit} of the source that it was trained on, not in other hospitals or years."
    lines = [source]
    if min(cases, rows - cases) < MIN_EVENTS:
        lines.append(
            f"The test split has {cases:,} {unit} with and {rows - cases:,} without the outcome; an evaluation needs "
            f"at least {MIN_EVENTS} of each (Collins et al. 2016). Read the intervals, not the values."
        )
    if not has_patients:
        lines.append(f"If a patient has several {unit}, they may be in two splits, and intervals are too narrow.")
    lines += _calibration_limits(metrics)
    if subgroups is not None and any(subgroups["note"].to_list()):
        lines.append(f"Some subgroups have too few {unit} for some metrics; the table names them.")
    return lines


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a table; texts of data neither end a cell nor a line.

    Args:
        header: Titles of the columns.
        rows: Cells of each row.

    Returns:
        Lines of Markdown.
    """
    return [_row(header), "|" + "---|" * len(header), *(_row(row) for row in rows)]


def _interval(metrics: Mapping[str, float], name: str) -> str:
    if f"{name}_low" not in metrics:
        return ""
    return f"{metrics[f'{name}_low']:.4f} to {metrics[f'{name}_high']:.4f}"


def _subgroup(row: Mapping[str, object]) -> tuple[str, ...]:
    return (
        f"{row['column']} {row['value']}".strip(),
        f"{row['cases']:,} of {row['rows']:,}",
        *("" if row[name] is None else _with_bounds(row, name) for name in SUBGROUP_METRICS),
        str(row["note"]),
    )


def _with_bounds(row: Mapping[str, object], name: str) -> str:
    return f"{row[name]:.3f} ({row[f'{name}_low']:.3f} to {row[f'{name}_high']:.3f})"


def _calibration_limits(metrics: Mapping[str, float]) -> list[str]:
    if "calibration_slope" not in metrics:
        return [
            "The calibration slope is not defined: the probabilities hardly differ, or a threshold separates the "
            "outcomes."
        ]
    lines = []
    if _excludes(metrics, "calibration_slope", 1):
        extreme = "too extreme" if metrics["calibration_slope"] < 1 else "not extreme enough"
        lines.append(f"Probabilities are {extreme}: the interval of the calibration slope does not include 1.")
    if _excludes(metrics, "calibration_intercept", 0):
        level = "low" if metrics["calibration_intercept"] > 0 else "high"
        lines.append(f"Probabilities are too {level} on average: the interval of the intercept does not include 0.")
    return lines


def _excludes(metrics: Mapping[str, float], name: str, target: float) -> bool:
    return not metrics.get(f"{name}_low", target) <= target <= metrics.get(f"{name}_high", target)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(printable(cell).replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |"
