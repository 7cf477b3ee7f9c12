"""The target of a table: which column it is, and checks of its values."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus.data.cells import finite_numbers, missing
from plexus.errors import unknown
from plexus.utils.messages import note
from plexus_tables.cell_texts import absent, to_texts

if TYPE_CHECKING:
    import polars as pl

TARGET_NAMES = ("target", "label", "class", "y", "outcome", "diagnosis", "response")
"""Names of the column to predict, the most telling ones first."""
MIN_ROWS = 20
MIN_CLASS_ROWS = 2
MANY_CLASSES = 20
MAX_LABEL = 10_000
"""Characters of a label, as in the state of a codec."""
MAX_TARGET = 1e38
"""Size of a number to predict: networks compute in float32."""


def target_column(columns: Sequence[str], target: str | None, place: str) -> str:
    """Return the name of the column to predict.

    Args:
        columns: Names of the columns.
        target: The option; None if it is left open.
        place: Name of the table, for messages.

    Returns:
        The name: that of the option, else one of `TARGET_NAMES`, else the last column, which is noted.

    Raises:
        InputError: If the option names a column that does not exist.
    """
    if target is not None:
        if target not in columns:
            raise unknown(f"column in {place} for the target", target, columns)
        return target
    plain = {re.sub(r"[^a-z]+", "", name.lower()): name for name in reversed(columns)}
    inferred = next((plain[name] for name in TARGET_NAMES if name in plain), None)
    if inferred is None:
        note(f"{place}: the last column, {columns[-1]}, is the target; name another one with --target")
    return inferred or columns[-1]


def class_labels(series: "pl.Series", place: str) -> list[str]:
    """Return the labels of a classification.

    Args:
        series: The target.
        place: Name of the table, for messages.

    Returns:
        One label per row; whole numbers without a decimal point.

    Raises:
        InputError: If a label is missing.
    """
    _require_present(series, absent(series), f"{place}: column {series.name!r}")
    return to_texts(series).to_list()


def check_classes(labels: Sequence[str], series: "pl.Series", place: str) -> None:
    """Check that a model can learn the labels.

    Args:
        labels: One label per row.
        series: The target, whose type says whether the labels are numbers.
        place: Name of the table, for messages.

    Raises:
        InputError: If there are fewer than `MIN_ROWS` rows, there is one class only, each row has a class of its own,
            a class has fewer rows than `MIN_CLASS_ROWS`, or a label is longer than `MAX_LABEL`.
    """
    where, counts = f"{place}: column {series.name!r}", Counter(labels)
    _require_rows(series, place)
    if len(counts) == 1:
        raise InputError(f"{where} has one value only, {labels[0]!r}: there is nothing to predict; name another target")
    hint = "" if not series.dtype.is_numeric() else "; for a number to predict, use tables.regress"
    if len(counts) == len(labels):
        raise InputError(f"{where} has a different value in each of {len(labels):,} rows: it is no class{hint}")
    rare = sorted(label for label, count in counts.items() if count < MIN_CLASS_ROWS)
    if rare:
        raise InputError(
            f"{where} has {len(counts):,} classes in {len(labels):,} rows, {len(rare):,} of them in one row only, such "
            f"as {rare[0][:80]!r} in row {labels.index(rare[0]) + 1}: expected {MIN_CLASS_ROWS} rows or more of each; "
            f"merge or remove them{hint}"
        )
    longest = max(counts, key=len)
    if len(longest) > MAX_LABEL:
        raise InputError(
            f"{where}, row {labels.index(longest) + 1}: a label of {len(longest):,} characters, expected at most "
            f"{MAX_LABEL:,}: name another target, or shorten the labels"
        )
    if series.dtype.is_float() and len(counts) > MANY_CLASSES:
        note(f"{where} has {len(counts):,} numbers as classes{hint}")


def numeric_targets(series: "pl.Series", place: str) -> list[float]:
    """Return the numbers of a regression.

    Args:
        series: The target.
        place: Name of the table, for messages.

    Returns:
        One number per row.

    Raises:
        InputError: If a value is missing, no finite number, or larger than `MAX_TARGET`.
    """
    where = f"{place}: column {series.name!r}"
    _require_present(series, missing(series), where)
    numbers, invalid = finite_numbers(series)
    if invalid.any():
        row = int(invalid.argmax())
        more = f" ({invalid.sum():,} rows have none)" if invalid.sum() > 1 else ""
        raise InputError(
            f"{where}, row {row + 1}: {str(series[row])[:80]!r} is no finite number{more}; for classes, use "
            "tables.classify"
        )
    sizes = np.abs(numbers)
    row = int(sizes.argmax())
    if sizes[row] > MAX_TARGET:
        raise InputError(
            f"{where}, row {row + 1}: {numbers[row]:g} is larger than {MAX_TARGET:g}: give the target in another unit"
        )
    return [float(number) for number in numbers]


def check_numbers(numbers: Sequence[float], series: "pl.Series", place: str) -> None:
    """Check that a model can learn the numbers.

    Args:
        numbers: One number per row.
        series: The target.
        place: Name of the table, for messages.

    Raises:
        InputError: If there are fewer than `MIN_ROWS` rows, or all numbers are equal or too close to have a variance.
    """
    where = f"{place}: column {series.name!r}"
    _require_rows(series, place)
    if min(numbers) == max(numbers):
        raise InputError(
            f"{where} has one value only, {numbers[0]:g}: there is nothing to predict; name another target"
        )
    if np.std(numbers) == 0:  # squares of small differences are 0
        raise InputError(
            f"{where} has values that differ by at most {np.ptp(numbers):g}, so that their variance is 0: give the "
            "target in another unit"
        )


def _require_rows(series: "pl.Series", place: str) -> None:
    if len(series) < MIN_ROWS:
        raise InputError(f"{place} has {len(series)} row{'s' * (len(series) > 1)}: expected {MIN_ROWS} or more")


def _require_present(series: "pl.Series", without: "pl.Series", where: str) -> None:
    if without.any():
        count, row = int(without.sum()), int(without.arg_max() or 0)
        text = "" if series[row] is None else f" ({str(series[row])!r} stands for a missing one)"
        more = f"; {count:,} of {len(series):,} rows have none" if count > 1 else ""
        raise InputError(f"{where}, row {row + 1} has no value{text}{more}: remove these rows, or fill in the target")
