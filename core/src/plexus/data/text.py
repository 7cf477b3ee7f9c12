"""Text from files."""

from pathlib import Path

from plexus.data.delimited import DelimitedFile
from plexus.data.listing_reader import ListingReader
from plexus.errors import InputError


def read_text(file: Path) -> str:
    """Read a text in UTF-8, with or without a byte order mark.

    Args:
        file: The file.

    Returns:
        The text.

    Raises:
        InputError: If it is not UTF-8, has zero bytes, or cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 (byte {error.start:,}): save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"{file}: {(error.strerror or str(error)).lower()}") from error
    if "\0" in text:
        raise InputError(f"{file} is no text: it has zero bytes")
    return text


def read_listing(file: Path) -> "ListingReader":
    """Read the rows of a small table, whatever its separator and encoding.

    Args:
        file: A CSV, or a TSV if its suffix says so.

    Returns:
        A reader of the rows as dictionaries.

    Raises:
        InputError: If it has zero bytes, or cannot be read.
    """
    table = DelimitedFile(file, is_tsv=file.suffix.lower() == ".tsv")
    table.announce()
    return table.listing()
