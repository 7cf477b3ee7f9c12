"""Text from files."""

import csv
import io
from pathlib import Path

from plexus.errors import InputError


def read_text(file: Path) -> str:
    """A text in UTF-8, with or without a byte order mark.

    Raises:
        InputError: it is not, or holds zero bytes, or cannot be read.
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


def read_listing(file: Path) -> "csv.DictReader[str]":
    """The rows of a small CSV, or TSV by its ending; errors as for `read_text`."""
    return csv.DictReader(
        io.StringIO(read_text(file), newline=""), delimiter="\t" if file.suffix.lower() == ".tsv" else ","
    )
