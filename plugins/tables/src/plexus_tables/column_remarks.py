"""Remarks about columns that are easily read in another way than they are meant."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plexus import Findings
from plexus.data.findings import Counted
from plexus_tables.ambiguous_dates import find_ambiguous_date
from plexus_tables.category_spellings import describe_spellings, find_spellings
from plexus_tables.column_kinds import Kind
from plexus_tables.extreme_values import find_extremes
from plexus_tables.unit_texts import find_unit

if TYPE_CHECKING:
    import polars as pl

TEXTS: tuple[Kind, ...] = ("categorical", "text", "identifier")
"""Kinds of columns that numbers with a unit may have."""
MAX_CELL = 80
"""Characters of a cell in a remark."""
EXTREME = Counted(
    "number is far from all others: check it, or leave the row out",
    "numbers are far from all others: check them, or leave the rows out",
)
SPELLINGS = Counted(
    "column has categories that differ only in upper and lower case, and count as different",
    "columns have categories that differ only in upper and lower case, and count as different",
)


UNITS = Counted(
    "column holds numbers with a unit, and is one of texts: remove the unit from its cells to use it as numbers",
    "columns hold numbers with a unit, and are of texts: remove the units from their cells to use them as numbers",
)
DATE_ORDER = Counted(
    "column has dates that may be day/month or month/day: if they were read in the wrong order, write them as "
    "YYYY-MM-DD",
    "columns have dates that may be day/month or month/day: if they were read in the wrong order, write them as "
    "YYYY-MM-DD",
)


def remark_columns(frame: "pl.DataFrame", kinds: Mapping[str, Kind], targets: "pl.Series", findings: Findings) -> None:
    """Remark extreme numbers, numbers with a unit, dates of an unknown order, and spellings of one category.

    Args:
        frame: The table; its cells are readable.
        kinds: Kinds of the columns that are features, and of texts and identifiers, which are not.
        targets: Labels as strings, or numbers, named like their column.
        findings: Receives the remarks: nothing is dropped, and nothing is an error.
    """
    target_kind: Kind = "numeric" if targets.dtype.is_numeric() else "categorical"
    for series, kind in [*((frame[name], kind) for name, kind in kinds.items()), (targets, target_kind)]:
        if kind == "numeric":
            for extreme in find_extremes(series):
                findings.remark(EXTREME, f"column {series.name}: {extreme}")
        elif kind == "date" and (date := find_ambiguous_date(series)):
            cell = f"column {series.name}, row {date.row + 1}: {series[date.row]!r}"
            findings.remark(DATE_ORDER, f"{cell} was read as {date.date}, {date.order}")
        elif kind in TEXTS and (row := find_unit(series)) is not None:
            findings.remark(UNITS, f"column {series.name}, row {row + 1}: {series[row][:MAX_CELL]!r}")
        elif kind == "categorical" and (groups := find_spellings(series)):
            findings.remark(SPELLINGS, f"column {series.name}: {describe_spellings(groups)}")
