"""Remarks about columns: numbers that are far from all others, and categories of two spellings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plexus import Findings
from plexus_tables.category_spellings import describe_spellings, find_spellings
from plexus_tables.column_kinds import Kind
from plexus_tables.counted_findings import Counted, CountedFindings
from plexus_tables.extreme_values import find_extremes

if TYPE_CHECKING:
    import polars as pl

EXTREME = Counted(
    "number is far from all others: check it, or leave the row out",
    "numbers are far from all others: check them, or leave the rows out",
)
SPELLINGS = Counted(
    "column has categories that differ only in upper and lower case, and count as different",
    "columns have categories that differ only in upper and lower case, and count as different",
)


def remark_columns(frame: "pl.DataFrame", kinds: Mapping[str, Kind], targets: "pl.Series", findings: Findings) -> None:
    """Remark numbers that are far from all others, and categories that differ only in upper and lower case.

    Args:
        frame: The table; its cells are readable.
        kinds: Kinds of the columns that are features.
        targets: Labels as strings, or numbers, named like their column.
        findings: Receives the remarks: nothing is dropped, and nothing is an error.
    """
    remarks = CountedFindings(findings)
    target_kind: Kind = "numeric" if targets.dtype.is_numeric() else "categorical"
    for series, kind in [*((frame[name], kind) for name, kind in kinds.items()), (targets, target_kind)]:
        if kind == "numeric":
            for extreme in find_extremes(series):
                remarks.remark(EXTREME, f"column {series.name}: {extreme}")
        elif kind == "categorical" and (groups := find_spellings(series)):
            remarks.remark(SPELLINGS, f"column {series.name}: {describe_spellings(groups)}")
    remarks.finish()
