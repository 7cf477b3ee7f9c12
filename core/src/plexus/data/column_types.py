"""The types of the columns of a table that is text."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from plexus.data.cells import STYLES, NumberStyle, matches, missing, to_numbers
from plexus.data.number_format import add_decimal_comma, has_decimal_comma
from plexus.utils.messages import note_once

if TYPE_CHECKING:
    import polars as pl

SAMPLE = 200
MAX_DIGITS = 18
"""Whole numbers with so many digits fit in 64 bits."""
_DIGITS, _LEADING_ZERO, _TELEPHONE = r"^[+-]?\d+$", r"^[+-]?0\d+$", r"^\+\d{7,}$"


@dataclass
class ColumnTypes:
    """How the columns of a CSV are read, the same for all chunks of the file.

    A column is whole numbers, numbers, or text. Digits with a leading zero, whole numbers of 20 digits or more, and
    telephone numbers with a plus sign stay text: they identify something. Text loses the blanks around it.

    Numbers of a file have one style: 1.234 is read as 1234 if another column has a decimal comma.

    Args:
        numbers: Style of each column of numbers.
        whole: Columns of whole numbers.

    Example:
        ```python
        types = ColumnTypes.infer(file.chunks(50_000), separator=",")
        typed = types.apply(chunk)
        ```
    """

    numbers: dict[str, NumberStyle] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    examples: dict[str, str] = field(default_factory=dict)

    @classmethod
    def infer(cls, chunks: "Iterable[pl.DataFrame]", separator: str) -> Self:
        """Infer the types from all rows.

        Args:
            chunks: The table, in chunks of text.
            separator: Separator of its columns; with a semicolon, 1,234 has a decimal comma unless a column says else.

        Returns:
            The types.
        """
        columns: dict[str, _Candidate] = {}
        for chunk in chunks:
            for series in chunk:
                columns.setdefault(series.name, _Candidate()).add(series)
        types, clear = cls(), {candidate.clear_style() for candidate in columns.values()} - {None}
        for name, candidate in columns.items():
            style = candidate.style(clear, separator)
            if style is not None:
                types.numbers[name] = style
                types.examples[name] = candidate.example
                if style == "plain" and candidate.is_whole:
                    types.whole.add(name)
        if "european" in types.numbers.values():
            add_decimal_comma()
        return types

    def apply(self, chunk: "pl.DataFrame") -> "pl.DataFrame":
        """Convert the columns of a chunk.

        Args:
            chunk: A part of the table, of text.

        Returns:
            The part with the types.
        """
        return chunk.with_columns(self._convert(series) for series in chunk)

    def announce(self, file: Path) -> None:
        """Print which columns have numbers that are not written as programs write them, once for each file.

        Args:
            file: The table.
        """
        import polars as pl

        for name, style in self.numbers.items():
            if style != "plain":
                example = self.examples[name]
                number = to_numbers(pl.Series([example]), style)[0]
                note_once(file, f"{file}: column {name} holds numbers like {example!r}, read as {number:.12g}")

    def _convert(self, series: "pl.Series") -> "pl.Series":
        import polars as pl

        if series.name in self.whole:
            return series.str.strip_chars().cast(pl.Int64, strict=False)
        if series.name in self.numbers:
            return pl.Series(series.name, to_numbers(series, self.numbers[series.name])).fill_nan(None)
        return series.str.strip_chars().replace("", None)


class _Candidate:
    """The styles in which all values of a column are numbers, so far."""

    def __init__(self) -> None:
        self.styles: list[NumberStyle] = list(STYLES)
        self.is_whole, self.has_numbers, self.is_identifier = True, False, False
        self.has_groups, self.example = False, ""

    def add(self, series: "pl.Series") -> None:
        """Update the styles with the next values.

        Args:
            series: The next values, as text.
        """
        if not self.styles or self.is_identifier:
            return
        texts = series.str.strip_chars()
        numbers = texts.cast(float, strict=False).fill_nan(None)
        odd = texts.filter(numbers.is_null())
        odd = odd.filter(~missing(odd)) if len(odd) else odd
        if len(odd):
            present = texts.filter(~missing(texts))
            self.styles = [style for style in self.styles if style != "plain" and _all_match(present, style)]
            self.example = odd[0]
            self.is_whole = False
        elif numbers.count():
            self._add_plain(texts.filter(numbers.is_not_null()))
        self.has_numbers = self.has_numbers or bool(len(odd) or numbers.count())

    def clear_style(self) -> NumberStyle | None:
        """Return the style if only one is possible, other than plain numbers; else None.

        Returns:
            The style.
        """
        is_clear = self.has_numbers and len(self.styles) == 1 and not self.is_identifier
        return self.styles[0] if is_clear else None

    def style(self, clear: "set[NumberStyle | None]", separator: str) -> NumberStyle | None:
        """Return how the numbers are written, where several styles are possible as in other columns; None for text.

        Args:
            clear: The styles of the columns in which only one is possible.
            separator: Separator of the fields.

        Returns:
            The style.
        """
        if not self.has_numbers or not self.styles or self.is_identifier:
            return None
        if "european" in self.styles:
            is_plain = "plain" in self.styles
            is_usual = clear == {"european"} or (has_decimal_comma() and "english" not in clear)
            if is_usual and (self.has_groups or not is_plain):
                return "european"
            if separator == ";" and not clear and not is_plain:
                return "european"
        return self.styles[0]

    def _add_plain(self, present: "pl.Series") -> None:
        """Look at values that are all plain numbers."""
        whole = present.cast(int, strict=False).is_not_null()
        long = present.filter((present.str.len_bytes() > MAX_DIGITS) & ~whole)
        zero = present.filter(present.str.starts_with("0") | present.str.contains("^[+-]0"))
        plus = present.filter(present.str.starts_with("+"))
        identifiers = ((long, _DIGITS), (zero, _LEADING_ZERO), (plus, _TELEPHONE))
        self.is_identifier = any(bool(texts.str.contains(pattern).any()) for texts, pattern in identifiers)
        if not whole.all():
            self.is_whole = False
            self.styles = [style for style in self.styles if style != "european" or _all_match(present, style)]
        if not self.has_groups and "european" in self.styles:
            groups = present.filter(present.str.contains(".", literal=True))
            self.has_groups = len(groups) > 0
            self.example = self.example or (groups[0] if len(groups) else "")


def _all_match(texts: "pl.Series", style: NumberStyle) -> bool:
    return all(bool(matches(part, style).all()) for part in (texts[:SAMPLE], texts))
