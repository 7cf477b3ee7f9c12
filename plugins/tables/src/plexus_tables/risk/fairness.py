"""Fairness of decisions over the groups of a protected column that the model never sees."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plexus.errors import InputError
from plexus.metrics.binary import roc_auc
from plexus.metrics.intervals import bootstrap_interval, wilson_interval

if TYPE_CHECKING:
    import polars as pl

MAX_GROUPS = 20
MIN_CASES = 10
"""A smaller group has its counts only: the interval of a rate is wider than 0.5."""
MISSING = "(missing)"


@dataclass(frozen=True)
class _Cases:
    """Cases of one group or several."""

    probabilities: np.ndarray
    outcomes: np.ndarray
    approved: np.ndarray

    def take(self, rows: np.ndarray) -> "_Cases":
        return _Cases(self.probabilities[rows], self.outcomes[rows], self.approved[rows])


def fairness_table(
    protected: "pl.Series", probabilities: np.ndarray, outcomes: np.ndarray, threshold: float
) -> "pl.DataFrame":
    """Compare decisions, ranking and calibration between the groups of a protected column.

    The favourable decision is approval. Intervals have 95 % confidence: those of rates are Wilson's, as resamples of a
    rate of 0 or 1 are all equal; the others are bootstrap intervals over the cases of the group, and of the reference
    group where both are compared. A number that cannot be computed is null, as are all numbers of a group with fewer
    than `MIN_CASES` cases.

    Args:
        protected: The group of each case; missing values are a group.
        probabilities: Probabilities of bad, shape `(n,)`.
        outcomes: 1 (bad) or 0 (good), shape `(n,)`.
        threshold: Probability from which a case is rejected.

    Returns:
        A row per group, the largest, which is the reference, first. Columns `group`, `cases`, `bad_rate`, and with
        `_low` and `_high` of each: `selection_rate` (share of approved cases), `demographic_parity_ratio` (selection
        rate over that of the reference; below 0.8 is evidence of adverse impact, 29 CFR 1607.4 D),
        `equal_opportunity_difference` (approved share of the good cases minus that of the reference; Hardt et al. 2016,
        arXiv:1610.02413, definition 2.2), `false_positive_rate` (rejected share of the good cases),
        `false_negative_rate` (approved share of the bad cases), `roc_auc`, and `calibration_gap` (mean predicted minus
        observed bad rate).

    Raises:
        InputError: If there are more than `MAX_GROUPS` groups.
    """
    import polars as pl

    texts = protected.cast(pl.String).fill_null(MISSING)
    counts = texts.value_counts(name="cases").sort("cases", texts.name, descending=[True, False])
    groups = counts[texts.name].to_list()
    if len(groups) > MAX_GROUPS:
        raise InputError(
            f"protected column {protected.name!r}: expected at most {MAX_GROUPS} groups, found {len(groups):,}; "
            "group its values into ranges"
        )
    cases = _Cases(probabilities, outcomes, probabilities < threshold)
    rows = [np.flatnonzero((texts == group).to_numpy()) for group in groups]
    records = [_group_record(group, cases, rows[i], rows[0] if i else None) for i, group in enumerate(groups)]
    return pl.DataFrame(records, infer_schema_length=None).with_columns(pl.selectors.float().fill_nan(None))


def _group_record(group: str, cases: _Cases, rows: np.ndarray, reference: np.ndarray | None) -> dict[str, float | str]:
    """Return the numbers of a group; `reference` holds the rows of the reference group, None for that group itself."""
    good, bad = rows[cases.outcomes[rows] == 0], rows[cases.outcomes[rows] == 1]
    record: dict[str, float | str] = {"group": group, "cases": len(rows), "bad_rate": len(bad) / len(rows)}
    if len(rows) < MIN_CASES:
        return record
    record |= _rate("selection_rate", cases.approved[rows])
    record |= _comparison("demographic_parity_ratio", _ratio, cases, rows, reference)
    record |= _comparison("equal_opportunity_difference", _difference, cases, rows, reference)
    record |= _rate("false_positive_rate", ~cases.approved[good])
    record |= _rate("false_negative_rate", cases.approved[bad])
    record |= _with_interval("roc_auc", _roc_auc, cases, [good, bad])
    return record | _with_interval("calibration_gap", _calibration_gap, cases, [rows])


def _rate(name: str, successes: np.ndarray) -> dict[str, float]:
    if len(successes) == 0:
        return {name: np.nan, f"{name}_low": np.nan, f"{name}_high": np.nan}
    low, high = wilson_interval(float(successes.mean()), len(successes))
    return {name: float(successes.mean()), f"{name}_low": low, f"{name}_high": high}


def _with_interval(
    name: str, metric: Callable[[_Cases], float], cases: _Cases, strata: list[np.ndarray]
) -> dict[str, float]:
    value = metric(cases.take(np.concatenate(strata)))
    low = high = value  # of a number that cannot be computed: NaN
    if not np.isnan(value):
        low, high = bootstrap_interval(lambda rows: metric(cases.take(rows)), strata)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _comparison(
    name: str,
    compare: Callable[[_Cases, _Cases], float],
    cases: _Cases,
    rows: np.ndarray,
    reference: np.ndarray | None,
) -> dict[str, float]:
    if reference is None:  # the group is the reference: its numbers are exact
        value = compare(cases.take(rows), cases.take(rows))
        return {name: value, f"{name}_low": value, f"{name}_high": value}
    value = compare(cases.take(rows), cases.take(reference))
    low, high = bootstrap_interval(
        lambda both: compare(cases.take(both[: len(rows)]), cases.take(both[len(rows) :])), [rows, reference]
    )
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _ratio(group: _Cases, reference: _Cases) -> float:
    rate = reference.approved.mean()
    return float(group.approved.mean() / rate) if rate else np.nan


def _difference(group: _Cases, reference: _Cases) -> float:
    return _good_selection_rate(group) - _good_selection_rate(reference)


def _good_selection_rate(cases: _Cases) -> float:
    approved = cases.approved[cases.outcomes == 0]
    return float(approved.mean()) if len(approved) else np.nan


def _calibration_gap(cases: _Cases) -> float:
    return float(np.mean(cases.probabilities - cases.outcomes))


def _roc_auc(cases: _Cases) -> float:
    return roc_auc(cases.probabilities, cases.outcomes)
