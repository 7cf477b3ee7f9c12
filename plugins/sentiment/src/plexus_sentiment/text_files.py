"""Texts from files, in UTF-8 or Latin-1."""

from pathlib import Path

from plexus import InputError
from plexus.utils.messages import note


def decode_text(content: bytes, name: str, announce: bool = False) -> str:
    """Decode UTF-8, or Latin-1 if it is not UTF-8.

    Args:
        content: The bytes.
        name: Their file, for messages.
        announce: Whether to print that they are read as Latin-1.

    Returns:
        The text.

    Raises:
        InputError: If they contain a byte 0, which no text does.
    """
    if b"\0" in content:
        raise InputError(f"{name} is not text: byte {content.index(0):,} is 0")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if announce:
            note(f"{name} is not UTF-8: read as Latin-1")
        return content.decode("latin-1")


def read_text_file(file: Path) -> str:
    """Read a text file in UTF-8, or in Latin-1, which is announced.

    Args:
        file: The file.

    Returns:
        Its text.

    Raises:
        InputError: If it cannot be read or is not text.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {(error.strerror or str(error)).lower()}") from error
    return decode_text(content, str(file), announce=True)
