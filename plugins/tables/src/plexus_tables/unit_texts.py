"""Numbers with a unit in their cells, such as `129 m²`: a column of them holds texts."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.data.cells import finite_numbers
from plexus_tables.cell_texts import to_texts

if TYPE_CHECKING:
    import polars as pl

MIN_NUMBERS, MAX_UNITS = 3, 3
"""Different numbers from which a column may be meant as one of numbers, and different units, such as `room` and
`rooms`; dates without a year, such as `5 May`, and house numbers, such as `12b`, have more."""
MIN_SHARE = 0.9
"""Share of the different texts that are numbers, most of them with a unit."""
_QUANTITY = r"^(?<number>[+-]?\d[\d.,]*)\s*(?<unit>[^\d\s.,:;+-][^\d]{0,10}[²³23]?)?$"


def find_unit(series: "pl.Series") -> int | None:
    """Find the first cell of a column of numbers with a unit.

    Args:
        series: The column.

    Returns:
        Its row, counted from 0; None if the column holds something else: other texts, numbers alone, categories with
        fewer than `MIN_NUMBERS` numbers, or more than `MAX_UNITS` units.
    """
    import polars as pl

    if series.dtype != pl.String:
        return None
    texts = to_texts(series)
    distinct = texts.drop_nulls().unique().str.extract_groups(_QUANTITY).struct.unnest()
    is_number = ~np.isnan(finite_numbers(distinct["number"])[0])
    has_unit = is_number & distinct["unit"].is_not_null().to_numpy()
    units = distinct["unit"].filter(pl.Series(has_unit)).str.strip_chars().str.to_lowercase()
    numbers = distinct["number"].filter(pl.Series(has_unit))
    if is_number.sum() < MIN_SHARE * len(distinct) or 2 * has_unit.sum() < len(distinct):
        return None
    if numbers.n_unique() < MIN_NUMBERS or units.n_unique() > MAX_UNITS:
        return None
    in_cells = texts.str.extract_groups(_QUANTITY).struct.field("unit").is_not_null()
    return int(in_cells.fill_null(False).arg_max() or 0)
