"""Columns that give the target away: their values are probably known only afterwards."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from plexus.data.cells import finite_numbers, missing
from plexus.data.times import parse_times
from plexus_tables.cell_texts import absent, to_texts
from plexus_tables.column_kinds import Kind
from plexus_tables.date_parts import DAY

if TYPE_CHECKING:
    import polars as pl

LEAK_AUC, LEAK_CORRELATION, LEAK_SHARE = 0.999, 0.9999, 0.999
"""Area under the ROC curve, rank correlation, and share of rows from which a column gives the target away."""
MISSING_CORRELATION, MISSING_AUC = 0.94, 0.98
"""Correlation of the presence of a value with a class, and area under the ROC curve of a numeric target by it, from
which that gives the target away. Numbers that nature has may separate classes almost, missing values do not: one of the
25 rows of a class may deviate. The correlation does not take a rare class among many missing values for a leak."""
MIN_ROWS, MIN_CLASS_ROWS, MIN_REPEATS = 150, 25, 20
"""Rows, rows of a class, and rows of a value from which that is no property of the data: of 50 irises of each species,
the petals alone tell *Iris setosa* from *Iris versicolor*."""
SAMPLE, LIKELY_CORRELATION = 2000, 0.99
"""Rows of a sample, and its rank correlation from which that of all rows is computed."""
LATER_SHARE = 0.01
"""Share of rows with a date after that of the row from which the column was written afterwards."""


def find_leaks(
    frame: "pl.DataFrame", kinds: Mapping[str, Kind], targets: np.ndarray, times: np.ndarray | None = None
) -> dict[str, str]:
    """Find the columns that alone give the target away.

    - numbers, ranks and dates that separate all classes, or rise or fall with the target of a regression;
    - columns each of whose values has one target value, with many rows of each;
    - columns whose values are missing exactly, or almost, in one class, or above or below a target value;
    - dates after the time of the row.

    A column that separates one of several classes only is no leak: the intensity tells sky from all else in Statlog's
    image segmentation.

    Args:
        frame: The training rows.
        kinds: Kinds of the columns to look at.
        targets: Labels as strings, or numbers, shape `(n,)`.
        times: Seconds of each row, shape `(n,)`, if there is a column of times.

    Returns:
        The reasons by column; none in fewer than `MIN_ROWS` rows, but for dates.
    """
    labels: list[str] = []
    if targets.dtype.kind != "f":  # numbers are compared faster than texts
        distinct, targets = np.unique(targets, return_inverse=True)
        labels = distinct.tolist()
    if times is not None and bool((times % DAY == 0).all()):
        times = times + DAY - 1  # a day without time of day ends at midnight
    leaks = {}
    for name, kind in kinds.items():
        with np.errstate(over="ignore"):  # the mean of two numbers near 1e308; medians are only compared
            reason = _reason(frame[name], kind, targets, labels, times)
        if reason:
            leaks[name] = reason
    return leaks


def _reason(
    series: "pl.Series", kind: Kind, targets: np.ndarray, labels: Sequence[str], times: np.ndarray | None
) -> str:
    seconds = parse_times(series).seconds if kind == "date" else None
    if seconds is not None and times is not None:
        later = (seconds > times).sum() / max(int((~np.isnan(seconds)).sum()), 1)
        if later > LATER_SHARE:
            return f"later than the row in {later:.0%} of the rows"
    if len(targets) < MIN_ROWS:
        return ""
    without = (missing(series) if kind == "numeric" else absent(series)).to_numpy()
    reason = _missing_reason(without, targets, labels)
    if reason or (~without).sum() < MIN_ROWS:
        return reason
    if kind in ("numeric", "date"):
        values = finite_numbers(series)[0] if seconds is None else seconds
        reason = _number_reason(values, targets)
    if reason or series.n_unique() * MIN_REPEATS > len(series):
        return reason
    return _value_reason(to_texts(series), targets)


def _missing_reason(without: np.ndarray, targets: np.ndarray, labels: Sequence[str]) -> str:
    if min(without.sum(), (~without).sum()) < MIN_CLASS_ROWS:
        return ""
    if targets.dtype.kind == "f":
        auc = _auc(targets[without], targets[~without])
        is_leak = max(auc, 1 - auc) >= MISSING_AUC
        return "missing on one side of a target value only" if is_leak else ""
    correlations = {
        label: np.corrcoef(without, targets == label)[0, 1]
        for label, count in enumerate(np.bincount(targets))
        if MIN_CLASS_ROWS <= count < len(targets)
    }
    if not correlations:
        return ""
    label = max(correlations, key=lambda label: abs(correlations[label]))
    if abs(correlations[label]) < MISSING_CORRELATION:
        return ""
    is_missing = correlations[label] > 0
    deviating = int((without != ((targets == label) == is_missing)).sum())
    almost, rows = ("almost ", f" (but for {deviating:,} of {len(targets):,} rows)") if deviating else ("", "")
    return f"{'missing' if is_missing else 'present'} {almost}exactly where the target is {labels[label]!r}{rows}"


def _number_reason(values: np.ndarray, targets: np.ndarray) -> str:
    present = ~np.isnan(values)
    values, targets = values[present], targets[present]
    if len(values) < MIN_ROWS or values.min() == values.max():
        return ""
    if targets.dtype.kind == "f":
        step = max(len(values) // SAMPLE, 1)
        if step > 1 and _rank_correlation(values[::step], targets[::step]) < LIKELY_CORRELATION:
            return ""
        correlation = _rank_correlation(values, targets)
        return f"rank correlation {correlation:.4f} with the target" if correlation >= LEAK_CORRELATION else ""
    auc = _smallest_auc(values, targets)
    return f"it alone separates the classes, area under the ROC curve {auc:.4f}" if auc >= LEAK_AUC else ""


def _rank_correlation(values: np.ndarray, targets: np.ndarray) -> float:
    """Return the size of Spearman's rank correlation; 0 if all values are equal."""
    from scipy.stats import rankdata

    if values.min() == values.max() or targets.min() == targets.max():
        return 0.0
    return abs(float(np.corrcoef(rankdata(values), rankdata(targets))[0, 1]))


def _smallest_auc(values: np.ndarray, targets: np.ndarray) -> float:
    """Return the smallest area under the ROC curve between classes that are neighbours by their medians."""
    labels, counts = np.unique(targets, return_counts=True)
    labels = labels[counts >= MIN_CLASS_ROWS]
    if len(labels) < 2:
        return 0.0
    medians = [np.median(values[targets == label]) for label in labels]
    ordered = labels[np.argsort(medians, kind="stable")]
    smallest = 1.0
    for low, high in pairwise(ordered):
        smallest = min(smallest, _auc_if_high(values[targets == low], values[targets == high]))
        if smallest < LEAK_AUC:
            break
    return smallest


def _auc_if_high(low: np.ndarray, high: np.ndarray) -> float:
    """Return the area under the ROC curve; 0 without ranking if a median shows that it is below `LEAK_AUC`."""
    # A value of `low` above the median of `high` loses half of its pairs.
    above, below = (low > np.median(high)).mean(), (high < np.median(low)).mean()
    return 0.0 if max(above, below) / 2 > 1 - LEAK_AUC else _auc(low, high)


def _auc(low: np.ndarray, high: np.ndarray) -> float:
    """Return the probability that a value of `high` is larger, ties count half."""
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([low, high]))[len(low) :]
    return float((ranks.sum() - len(high) * (len(high) + 1) / 2) / (len(low) * len(high)))


def _value_reason(texts: "pl.Series", targets: np.ndarray) -> str:
    """Return why each value of a column has one target value; empty if not, or if values repeat too rarely."""
    import polars as pl

    table = pl.DataFrame({"value": texts, "target": targets}).drop_nulls()
    count = table["value"].n_unique()
    if count < 2 or len(table) < max(MIN_ROWS, MIN_REPEATS * count) or table["target"].n_unique() < 2:
        return ""
    if targets.dtype.kind == "f":
        within = table.with_columns(pl.col("target") - pl.col("target").mean().over("value"))["target"]
        explained = 1 - float((within**2).sum()) / float(((table["target"] - table["target"].mean()) ** 2).sum())
        return f"each value has one target value (R² {explained:.4f})" if explained >= LEAK_CORRELATION else ""
    pairs = table.group_by("value", "target").len().sort("len", "target", descending=True)
    most = pairs.unique("value", keep="first")
    of_class = table["target"].value_counts().filter(pl.col("count") >= MIN_CLASS_ROWS)
    of_labels = most.group_by("target").agg(pl.col("len").sum())
    # Of each class: of a rare one, the share of all rows says nothing.
    shares = of_class.join(of_labels, on="target", how="left").select(pl.col("len").fill_null(0) / pl.col("count"))
    share = float(shares.to_series().min() or 0) if len(of_class) > 1 else 0.0  # type: ignore[arg-type]
    return f"each value has one target value ({share:.1%} of the rows)" if share >= LEAK_SHARE else ""
