"""Metrics of a binary outcome by the values of a column."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from plexus.errors import InputError
from plexus.metrics.binary import roc_auc, roc_auc_interval
from plexus.metrics.intervals import group_bootstrap_interval, group_proportion_interval
from plexus.metrics.recalibration import observed_expected_ratio

if TYPE_CHECKING:
    import polars as pl

MIN_CASES = 10
"""Fewer groups (patients) with, or without, the outcome give no metric: the interval of a sensitivity of 0.8 of nine
cases is wider than 0.4."""
MAX_SUBGROUPS = 30
MISSING = "missing"
SUBGROUP_METRICS = ("roc_auc", "sensitivity", "specificity", "observed_expected")
"""Metrics of a subgroup; each has an interval, `…_low` and `…_high`."""


def subgroup_table(
    probabilities: np.ndarray,
    outcomes: np.ndarray,
    columns: Mapping[str, Sequence[object] | np.ndarray],
    groups: np.ndarray,
    threshold: float,
) -> "pl.DataFrame":
    """Compute metrics with 95 % intervals for all rows and for each value of columns.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.
        columns: Values of each column, one a row, such as a sex or an age band; rows without one are a subgroup of
            their own.
        groups: Group of each row, such as its patient, shape `(n,)`.
        threshold: Probability from which a row is positive.

    Returns:
        A row per subgroup, the first for all rows: `column`, `value`, `rows`, `cases`, the metrics of
        `SUBGROUP_METRICS` with their bounds, and `note`. Metrics that need more cases or more rows without the outcome
        are null, and `note` says so.

    Raises:
        InputError: If a column has too many values, or not one for each row.
    """
    import polars as pl

    selections = [("", "all", np.ones(len(outcomes), bool))]
    for column, values in columns.items():
        labels = _labels(column, values, len(outcomes))
        names = sorted(set(labels.tolist()), key=lambda name: (name == MISSING, name))
        if len(names) > MAX_SUBGROUPS:
            raise InputError(
                f"column {column!r}: expected at most {MAX_SUBGROUPS} values for subgroups, got {len(names):,}; "
                "pass bands of values, such as 40-59"
            )
        selections += [(column, name, labels == name) for name in names]
    rows = [
        {"column": column, "value": name}
        | _subgroup(probabilities[members], outcomes[members], groups[members], threshold)
        for column, name, members in selections
    ]
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides=dict.fromkeys(_bounded_names(), pl.Float64))


def _bounded_names() -> list[str]:
    return [f"{name}{bound}" for name in SUBGROUP_METRICS for bound in ("", "_low", "_high")]


def _labels(column: str, values: Sequence[object] | np.ndarray, rows: int) -> np.ndarray:
    if len(values) != rows:
        raise InputError(f"column {column!r}: expected {rows:,} values, one a row, got {len(values):,}")
    return np.array([MISSING if _is_missing(value) else str(value) for value in np.asarray(values, object).tolist()])


def _is_missing(value: object) -> bool:
    return value is None or value != value or value == ""


def _subgroup(
    probabilities: np.ndarray, outcomes: np.ndarray, groups: np.ndarray, threshold: float
) -> dict[str, object]:
    positive, cases = probabilities >= threshold, outcomes == 1
    enough_cases = len(np.unique(groups[cases])) >= MIN_CASES
    enough_others = len(np.unique(groups[~cases])) >= MIN_CASES
    row: dict[str, object] = {"rows": len(outcomes), "cases": int(cases.sum())} | dict.fromkeys(_bounded_names())
    if enough_cases:
        row |= _proportion("sensitivity", positive[cases], groups[cases])
        ratio = observed_expected_ratio(probabilities, outcomes)
        bounds = group_bootstrap_interval(
            lambda rows: observed_expected_ratio(probabilities[rows], outcomes[rows]), groups
        )
        row |= _estimate("observed_expected", ratio, bounds)
    if enough_others:
        row |= _proportion("specificity", ~positive[~cases], groups[~cases])
    if enough_cases and enough_others:
        area = roc_auc(probabilities, outcomes)
        row |= _estimate("roc_auc", area, roc_auc_interval(probabilities, outcomes, groups))
    return row | {"note": _note(enough_cases, enough_others)}


def _proportion(name: str, successes: np.ndarray, groups: np.ndarray) -> dict[str, float]:
    return _estimate(name, float(successes.mean()), group_proportion_interval(successes, groups))


def _estimate(name: str, value: float, bounds: Sequence[float] | np.ndarray) -> dict[str, float]:
    return {name: value, f"{name}_low": float(bounds[0]), f"{name}_high": float(bounds[1])}


def _note(enough_cases: bool, enough_others: bool) -> str:
    lacking = [
        *([] if enough_cases else ["with the outcome"]),
        *([] if enough_others else ["without the outcome"]),
    ]
    return f"too few: below {MIN_CASES} {' and '.join(lacking)}" if lacking else ""
