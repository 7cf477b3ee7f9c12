"""Texts of arguments and tables."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from plexus import OptionGroup
from plexus.data.text_arguments import argument_lines
from plexus.data.text_columns import find_text_column
from plexus_language.pair_files import NAMES
from plexus_language.request import PredictOptions, TranslationInput, with_options

if TYPE_CHECKING:
    from plexus.data.table_rows import TableRows

TEXT_NAMES = ("text", "source", "sentence", "input")


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
    first = with_options("", options)
    names = (*TEXT_NAMES, *(name for code, each in NAMES.items() if code != first.to for name in each))
    for rows in parts:
        column = find_text_column(rows.frame, column, rows.name, names)
        texts = rows.frame[column].fill_null("")
        yield [first.model_copy(update={"text": str(text)}) for text in texts]
