"""Cells that are no numbers, dates or categories of their column: they are listed as findings and count as missing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from plexus import Findings, InputError
from plexus.data.cells import TRUTH, finite_numbers, missing
from plexus.data.findings import Counted
from plexus.data.times import parse_times
from plexus_tables.cell_texts import to_texts
from plexus_tables.column_kinds import MAX_ONE_HOT, Kind

if TYPE_CHECKING:
    import polars as pl

NOT_NUMERIC = Counted(
    "value in a numeric column is no number and counts as missing",
    "values in numeric columns are no numbers and count as missing",
)
ODD_NUMBERS = Counted("number is written as text", "numbers are written as text")
MIXED = Counted(
    "column holds numbers and texts, and is one of categories: leave the texts empty to use it as numbers",
    "columns hold numbers and texts, and are categories: leave the texts empty to use them as numbers",
)
NOT_DATES = Counted(
    "value in a column of dates is no date and counts as missing",
    "values in columns of dates are no dates and count as missing",
)
NOT_ORDINAL = Counted(
    "value in an ordinal column is none of its categories and counts as missing",
    "values in ordinal columns are none of their categories and count as missing",
)
SECOND_FORMAT = Counted("date is in a second format", "dates are in a second format")


def with_readable_cells(
    frame: "pl.DataFrame",
    kinds: Mapping[str, Kind],
    ordinal: Mapping[str, tuple[str, ...]],
    findings: Findings,
    place: str,
) -> "pl.DataFrame":
    """Return a table in which cells that cannot be read are missing, and texts of numbers are numbers.

    Args:
        frame: The table.
        kinds: Kinds of the columns that are features.
        ordinal: Ordered categories of ordinal columns.
        findings: Receives the column and the row of each cell that is missing now, of dates in a second format, and of
            numbers that are written as text; and columns of categories that are mostly numbers.
        place: Name of the table, for messages.

    Returns:
        The table.

    Raises:
        InputError: If an ordinal column has none of its categories, or at the first cell in strict mode.
    """
    import polars as pl

    columns = []
    for name, kind in kinds.items():
        series = frame[name]
        if kind == "numeric" and (series.dtype == pl.String or series.dtype.is_float()):
            columns.append(_numbers(series, findings))
        elif kind == "date" and series.dtype == pl.String:
            columns.append(_dates(series, findings))
        elif kind == "ordinal":
            columns.append(_ranks(series, ordinal[name], findings, place))
        elif series.dtype == pl.String and _is_mixed(series):
            findings.remark(MIXED, name)
    return frame.with_columns(columns)


def _numbers(series: "pl.Series", findings: Findings) -> "pl.Series":
    import polars as pl

    numbers, invalid = finite_numbers(series)
    _add(findings, NOT_NUMERIC, series, invalid)
    if series.dtype == pl.String:  # of a file, the values have several styles, or they would be numbers
        texts = series.str.strip_chars()
        plain = texts.cast(pl.Float64, strict=False).is_not_null() | texts.str.to_lowercase().is_in(list(TRUTH))
        for row in np.flatnonzero(~np.isnan(numbers) & ~plain.fill_null(False).to_numpy()).tolist():
            cell = f"column {series.name}, row {row + 1}: {str(series[row])[:80]!r}"
            findings.remark(ODD_NUMBERS, f"{cell}, read as {numbers[row]:.12g}")
    return pl.Series(series.name, numbers, nan_to_null=True)


def _is_mixed(series: "pl.Series") -> bool:
    """Return whether most categories are numbers, of which there are many, but not all."""
    distinct = series.str.strip_chars().unique()
    numbers, invalid = finite_numbers(distinct)
    count = int((~np.isnan(numbers)).sum())
    return bool(invalid.any()) and count > max(MAX_ONE_HOT, len(distinct) // 2)


def _dates(series: "pl.Series", findings: Findings) -> "pl.Series":
    import polars as pl

    times = parse_times(series)
    invalid = np.isnan(times.seconds) & ~missing(series).to_numpy()
    _add(findings, NOT_DATES, series, invalid)
    second = np.zeros(len(series), bool)
    second[times.other_rows] = True
    _add(findings, SECOND_FORMAT, series, second)
    return series.set(pl.Series(invalid), None)


def _ranks(series: "pl.Series", categories: tuple[str, ...], findings: Findings, place: str) -> "pl.Series":
    import polars as pl

    texts = to_texts(series)
    invalid = (texts.is_not_null() & ~texts.is_in(list(categories)).fill_null(True)).to_numpy()
    if invalid.any() and invalid.sum() == texts.count():
        raise InputError(
            f"{place}: --ordinal {series.name}={'<'.join(categories)}: the column has none of them, but values like "
            f"{texts.drop_nulls()[0][:80]!r}"
        )
    _add(findings, NOT_ORDINAL, series, invalid)
    return texts.set(pl.Series(invalid), None)


def _add(findings: Findings, what: Counted, series: "pl.Series", mask: np.ndarray) -> None:
    for row in np.flatnonzero(mask).tolist():
        findings.add(what, f"column {series.name}, row {row + 1}: {str(series[row])[:80]!r}")
