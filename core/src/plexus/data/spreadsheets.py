"""CSV for spreadsheets: texts of data, which may come from anyone, are no formulas there."""

from collections.abc import Collection
from pathlib import Path
from typing import IO, TYPE_CHECKING

from plexus.data.cells import missing, to_numbers

if TYPE_CHECKING:
    import polars as pl

_FORMULA = r"^[\t\r\n]|^\s*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
"""The beginning of a text that spreadsheets run, also with the characters of full width of East Asian keyboards."""


def write_spreadsheet(
    table: "pl.DataFrame",
    target: Path | IO[bytes],
    numbers: Collection[str] = (),
    with_header: bool = True,
    separator: str = ",",
    decimal_comma: bool = False,
) -> None:
    """Write a table as CSV, whose texts and names of columns a spreadsheet does not run as formulas.

    Args:
        table: The table.
        target: File, or opened file.
        numbers: Columns of numbers that are written as texts, which stay as they are.
        with_header: Whether the names of the columns are written first.
        separator: Character between the columns.
        decimal_comma: Whether floating-point numbers have a decimal comma; the separator is another character then.

    Example:
        ```python
        write_spreadsheet(pl.DataFrame({"label": ["=1+1"]}), Path("labels.csv"))  # label: '=1+1
        ```
    """
    import polars as pl

    if isinstance(target, Path):
        with target.open("wb") as stream:
            write_spreadsheet(table, stream, numbers, with_header, separator, decimal_comma)
        return
    if with_header:  # as a row: two names may be the same without their formulas
        names = without_formulas(pl.Series(table.columns, dtype=pl.String))
        pl.DataFrame([names.to_list()], orient="row").write_csv(target, include_header=False, separator=separator)
    texts = [name for name, dtype in table.schema.items() if dtype == pl.String and name not in numbers]
    safe = table.with_columns(without_formulas(table[name]) for name in texts)
    safe.write_csv(target, include_header=False, separator=separator, decimal_comma=decimal_comma)


def without_formulas(texts: "pl.Series") -> "pl.Series":
    """Put an apostrophe before texts that a spreadsheet would run as a formula; numbers are none.

    Args:
        texts: The texts.

    Returns:
        The texts.
    """
    import numpy as np
    import polars as pl

    risky = texts.str.contains(_FORMULA).fill_null(False)
    if not risky.any():
        return texts
    risky = risky & pl.Series(np.isnan(to_numbers(texts))) & ~missing(texts)
    return ("'" + texts).zip_with(risky, texts).alias(texts.name)
