"""Texts of arguments and tables."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from plexus import InputError, OptionGroup
from plexus.data.text_arguments import argument_lines
from plexus.errors import unknown
from plexus_language.request import PredictOptions, TranslationInput, with_options

if TYPE_CHECKING:
    import polars as pl

    from plexus.data.table_rows import TableRows

TEXT_NAMES = ("text", "source", "sentence", "input", "en", "eng", "english")


def parse_argument(argument: str) -> list[tuple[str, str]]:
    """Return a text, or the lines of a text file or of standard input (`-`).

    Args:
        argument: The argument.

    Returns:
        Pairs of a name and a text.

    Raises:
        InputError: If it is a file or a folder, but no text file, or the file cannot be read.
    """
    lines = argument_lines(argument)
    return [(argument, argument)] if lines is None else lines


def table_inputs(parts: "Iterable[TableRows]", options: OptionGroup | None) -> Iterator[list[TranslationInput]]:
    """Return the texts of a table.

    Args:
        parts: The table in parts; the column is detected in the first one.
        options: The `PredictOptions`; None to detect the column.

    Yields:
        Of each part one input per row.

    Raises:
        InputError: If the table lacks the column, or the glossary cannot be read.
    """
    column = options.column if isinstance(options, PredictOptions) else None
    for rows in parts:
        column = find_text_column(rows.frame, column, rows.name)
        first = with_options("", options)
        texts = rows.frame[column].fill_null("")
        yield [first.model_copy(update={"text": str(text)}) for text in texts]


def find_text_column(table: "pl.DataFrame", name: str | None, place: str) -> str:
    """Return the column of the texts: as named by the user, else by a usual name, else that of the longest texts.

    Args:
        table: The table.
        name: The column, if the user names it.
        place: The file, for messages.

    Returns:
        Name of the column.

    Raises:
        InputError: If there is no such column, or none of strings.
    """
    import polars as pl

    if name is not None:
        if name not in table.columns:
            raise unknown(f"column in {place}", name, table.columns)
        return name
    strings = [column for column, dtype in table.schema.items() if dtype == pl.String]
    if not strings:
        raise InputError(f"{place}: no column contains texts; there are {', '.join(table.columns)}")
    usual = next((column for usual in TEXT_NAMES for column in strings if column.lower() == usual), None)
    lengths = {column: table[column].str.len_chars().mean() or 0 for column in strings}
    return usual or max(strings, key=lambda column: lengths[column])
