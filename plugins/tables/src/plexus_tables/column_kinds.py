"""Kinds of columns, inferred from their values."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from plexus.data.cells import finite_numbers, holds_identifiers, missing
from plexus.data.times import holds_times, parse_time
from plexus_tables.cell_texts import absent, to_texts

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["numeric", "categorical", "ordinal", "date", "text", "identifier", "constant", "empty"]
FEATURES: tuple[Kind, ...] = ("numeric", "categorical", "ordinal", "date")
"""Kinds of the columns that become features."""

MAX_NAMES = 8
"""Columns of a kind that a line names."""
MAX_NON_NUMERIC_SHARE = 0.1
"""A column of texts with a larger share of values that are no numbers is not numeric."""
MAX_PLACEHOLDERS = 2
"""Different texts, such as `-` or `#N/A`, that may stand for a missing number or date in any share of a column."""
MAX_CATEGORY = 1000
"""Characters of a category; a column with longer ones holds texts."""
MAX_ONE_HOT = 12
"""Categories of a column that have a feature each; a column with more has codes."""
FREQUENT_ROWS, FREQUENT_SHARE = 10, 0.01
"""Rows of a category from which its own embedding can be learned; in fewer than 1,000 rows a share of them, so that a
small table does not lose a column."""
DISTINCT_SHARE, TEXT_DISTINCT_SHARE = 0.9, 0.5
"""Share of distinct values from which single words are identifiers, and several words are texts."""
FIRST_TEXTS = 5
"""Texts of which one is a date, if they are dates."""
_COUNTER_NAME = re.compile(r"(^|[ _.-])(id|uuid|guid|idnumber|key|index|row|no|nr)$|^unnamed|(?<=[a-z])I[dD]$", re.I)
_IDENTIFIER_NAME = re.compile(r"(^|[ _.-])(id|uuid|guid|idnumber)$|(?<=[a-z])ID$")
_LEADING_ZERO = r"^[+-]?0\d+$"


def infer_kinds(
    frame: "pl.DataFrame", names: Sequence[str], ordinal: Collection[str] = (), keep: Collection[str] = ()
) -> dict[str, Kind]:
    """Infer what columns hold.

    - numeric: numbers, or texts of numbers; whole numbers of few values and truth values too;
    - categorical: texts that repeat;
    - date: dates with or without time of day;
    - identifier: numbers that count the rows, whole numbers of 16 digits or more, distinct whole numbers in a column
      named like an identifier, and words that hardly ever repeat;
    - text: several words that rarely repeat;
    - constant, empty: one value only, or none; one value and many missing ones is the kind of the value.

    Texts that stand for missing values, such as `-` and `#N/A`, do not change the kind of numbers and dates: up to two
    different ones in any number of rows, or any in one of ten rows.

    Args:
        frame: The table.
        names: The columns to look at.
        ordinal: Columns whose categories have an order.
        keep: Columns that are used although they look like identifiers or texts.

    Returns:
        The kinds by column, in the order of `names`.
    """
    return {name: _infer_kind(frame[name], name in ordinal, name in keep) for name in names}


def describe_kinds(kinds: Mapping[str, Kind], left_out: Mapping[str, str], most: int | None = MAX_NAMES) -> str:
    """Describe the columns of a table in one line.

    Args:
        kinds: Kinds of the columns that are features.
        left_out: Why each other column is left out.
        most: Largest number of names of a kind; None: all.

    Returns:
        `2 numeric: age, weight; 1 date: seen; left out: id (identifier)`.
    """
    parts = []
    for kind in FEATURES:
        names = [name for name, other in kinds.items() if other == kind]
        more = f" and {len(names) - most:,} more" if most is not None and len(names) > most else ""
        if names:
            counted = f"{len(names):,} {'dates' if kind == 'date' and len(names) > 1 else kind}"
            parts.append(f"{counted}: {', '.join(names[:most])}{more}")
    if left_out:
        parts.append(f"left out: {describe_left_out(left_out)}")
    return "; ".join(parts if kinds else ["no columns", *parts])


def describe_left_out(left_out: Mapping[str, str]) -> str:
    """Describe the columns that are no features.

    Args:
        left_out: Why each one is left out.

    Returns:
        `id (identifier), notes (text)`.
    """
    return ", ".join(f"{name} ({reason})" for name, reason in left_out.items())


def frequent_rows(rows: int) -> int:
    """Return the number of rows from which a category is not rare.

    Args:
        rows: Number of training rows.

    Returns:
        `FREQUENT_ROWS`, or `FREQUENT_SHARE` of the rows if this is less; at least 2.
    """
    return max(min(FREQUENT_ROWS, int(FREQUENT_SHARE * rows)), 2)


def constant_kind(series: "pl.Series") -> Kind | None:
    """Return whether a column has no value, or one only.

    Args:
        series: The column.

    Returns:
        `empty`, `constant`, or None. A column of one value that many rows have and many lack, such as a mark or
        nothing, is not constant.
    """
    present = series.filter(~absent(series))
    if not len(present):
        return "empty"
    is_mark = min(len(present), len(series) - len(present)) >= frequent_rows(len(series))
    return "constant" if present.n_unique() == 1 and not is_mark else None


def _holds_dates(present: "pl.Series") -> bool:
    """Return whether a column holds dates, apart from placeholders; `holds_times` tries some hundred formats."""
    import polars as pl

    if present.dtype != pl.String:
        return holds_times(present)
    has_digits = present.str.contains(r"[1-9]")
    dates = present.filter(has_digits)
    if present.filter(~has_digits).n_unique() <= MAX_PLACEHOLDERS and dates.n_unique() > MAX_ONE_HOT:
        present = dates
    return any(not math.isnan(parse_time(text)[0]) for text in present[:FIRST_TEXTS]) and holds_times(present)


def _infer_kind(series: "pl.Series", is_ordinal: bool, is_kept: bool) -> Kind:
    kind = constant_kind(series)
    if kind is not None:
        return kind
    if is_ordinal:
        return "ordinal"
    present = series.filter(~missing(series))
    if _holds_dates(present):
        return "date"
    if _is_numeric(present):
        return "identifier" if not is_kept and _counts_rows(series, present) else "numeric"
    texts = to_texts(series).drop_nulls()
    return "categorical" if is_kept or _repeats(texts) else _words(texts)


def _is_numeric(present: "pl.Series") -> bool:
    import polars as pl

    if holds_identifiers(present):
        return False
    if present.dtype != pl.String:
        return not present.dtype.is_temporal()
    distinct, counts = present.str.strip_chars().value_counts().get_columns()
    if distinct.str.contains(_LEADING_ZERO).any():
        return False
    invalid = finite_numbers(distinct)[1]
    if invalid.sum() <= MAX_PLACEHOLDERS and (~invalid).sum() > MAX_ONE_HOT:
        return True
    return bool(counts.to_numpy()[invalid].sum() <= MAX_NON_NUMERIC_SHARE * len(present))


def _counts_rows(series: "pl.Series", present: "pl.Series") -> bool:
    """Return whether numbers count 1, 2, 3, …, or are distinct whole numbers of a column named like an identifier."""
    numbers = finite_numbers(present)[0]
    if np.isnan(numbers).any() or (numbers != np.rint(numbers)).any():
        return False
    with np.errstate(over="ignore"):
        is_counter = bool((np.diff(numbers) == 1).all())
    if len(present) == len(series) and is_counter:
        return True
    distinct = len(np.unique(numbers)) / len(numbers)
    is_identifier = _IDENTIFIER_NAME.search(series.name) is not None and distinct > TEXT_DISTINCT_SHARE
    return is_identifier or (_COUNTER_NAME.search(series.name) is not None and distinct == 1)


def _repeats(texts: "pl.Series") -> bool:
    """Return whether texts are categories: some of them are frequent, and few are distinct."""
    distinct = texts.n_unique()
    if holds_identifiers(texts) or int(texts.str.len_chars().max() or 0) > MAX_CATEGORY:  # type: ignore[arg-type]
        return False
    if distinct <= MAX_ONE_HOT:
        return distinct < DISTINCT_SHARE * len(texts)
    if distinct > TEXT_DISTINCT_SHARE * len(texts) and _are_several_words(texts):
        return False
    frequent = int(texts.value_counts()["count"].max() or 0) >= frequent_rows(len(texts))  # type: ignore[arg-type]
    return frequent and distinct < DISTINCT_SHARE * len(texts)


def _words(texts: "pl.Series") -> Kind:
    return "text" if _are_several_words(texts) else "identifier"


def _are_several_words(texts: "pl.Series") -> bool:
    return float(texts.str.count_matches(r"\S+").median() or 0) >= 2  # type: ignore[arg-type]
