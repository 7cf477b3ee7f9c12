"""Categories and labels that differ only in upper and lower case: `Basic` and `basic`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from plexus_tables.cell_texts import to_texts

if TYPE_CHECKING:
    import polars as pl

MAX_SHOWN = 3
"""Spellings that a message lists."""


def find_spellings(series: "pl.Series") -> list[tuple[str, ...]]:
    """Find categories of a column that differ only in upper and lower case; blanks around them are no difference.

    Args:
        series: The column.

    Returns:
        The spellings of each such category, sorted.
    """
    texts = to_texts(series).drop_nulls().unique().to_list()
    by_text: dict[str, list[str]] = {}
    for text in texts:
        by_text.setdefault(text.casefold(), []).append(text)
    return sorted(tuple(sorted(spellings)) for spellings in by_text.values() if len(spellings) > 1)


def describe_spellings(groups: Iterable[tuple[str, ...]]) -> str:
    """Describe the result of `find_spellings`.

    Args:
        groups: The spellings of each category.

    Returns:
        `'Basic', 'basic'; 'Pro', 'pro'`, the first `MAX_SHOWN`.
    """
    shown = list(groups)
    more = f" and {len(shown) - MAX_SHOWN:,} more" if len(shown) > MAX_SHOWN else ""
    return "; ".join(", ".join(repr(text[:40]) for text in group) for group in shown[:MAX_SHOWN]) + more
