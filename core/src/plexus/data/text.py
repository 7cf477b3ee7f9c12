"""Text from files."""

from pathlib import Path

from plexus.data.delimited import ENCODING_NAMES, DelimitedFile
from plexus.data.findings import Counted, Findings
from plexus.data.listing_reader import ListingReader
from plexus.data.text_survey import UTF_16, require_western
from plexus.errors import InputError, os_error
from plexus.utils.files import read_standard_input
from plexus.utils.messages import note


def read_text(file: Path) -> str:
    """Read a text, as `decode_text` decodes it.

    Args:
        file: The file.

    Returns:
        The text.

    Raises:
        InputError: If it is no text, or cannot be read.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise os_error(error, "read", file) from error
    return decode_text(content, str(file))


def read_standard_input_text() -> str:
    """Read standard input to its end as text, whatever the locale, as `decode_text` decodes it.

    Returns:
        The text.

    Raises:
        InputError: If it is closed, cannot be read, or is no text.
    """
    return decode_text(read_standard_input(), "standard input")


def decode_text(content: bytes, name: str, findings: Findings | None = None) -> str:
    """Decode a text in UTF-8, or in UTF-16 with a byte order mark, or else in Windows-1252.

    Args:
        content: The bytes.
        name: Their file, for messages.
        findings: Receives the encoding if it is not UTF-8; it is printed if this is None.

    Returns:
        The text.

    Raises:
        InputError: If it contains a byte 0, which no text has, is cut off, or has another encoding
            (`require_western`).
    """
    is_utf16 = content[:2] in UTF_16
    if b"\0" in content and not is_utf16:
        raise InputError(f"{name} is not text: byte {content.index(0):,} is 0, which no text has")
    encoding = "utf-16" if is_utf16 else "cp1252"
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not is_utf16:
            require_western([content], name, error.start)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is damaged or cut off: {error}") from error
    if findings is None:
        note(f"{name} is not UTF-8: read as {ENCODING_NAMES[encoding]}")
    else:
        read_as = f"read as {ENCODING_NAMES[encoding]}"
        findings.remark(
            Counted(f"text is not UTF-8 and was {read_as}", f"texts are not UTF-8 and were {read_as}"), name
        )
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
