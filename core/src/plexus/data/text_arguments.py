"""Arguments of `plexus predict` that stand for texts."""

import os
from pathlib import Path

from plexus.data.archives import is_archive
from plexus.data.tables import FORMATS
from plexus.data.text import read_standard_input_text, read_text
from plexus.errors import InputError

TEXT_SUFFIXES = {".txt", ".text", ""}


def argument_lines(argument: str) -> list[tuple[str, str]] | None:
    """Return the texts of the file that an argument names: one per line.

    An argument names a file if there is one of that name, if it ends in .txt, or if it has no blank and ends like an
    archive.

    Args:
        argument: The argument; `-` for standard input, whose empty lines are texts, too.

    Returns:
        Pairs of a name and a text; None for an argument that is a text itself.

    Raises:
        InputError: If the file is no text file (.txt, .text or no suffix), or cannot be read.
    """
    if argument == "-":
        text = read_standard_input_text().removesuffix("\n")
        return [(f"line {number}", line) for number, line in _numbered(text)] if text else []
    if os.path.lexists(argument):
        _require_text_file(argument)
    elif not _looks_like_file(argument):
        return None
    lines = _numbered(read_text(Path(argument)))
    return [(f"{argument} line {number}", line) for number, line in lines if line.strip()]


def _numbered(text: str) -> list[tuple[int, str]]:
    lines = text.split("\n")  # U+2028 and others are characters of a text
    return [(number, line.rstrip("\r")) for number, line in enumerate(lines, 1)]


def _looks_like_file(argument: str) -> bool:
    if "\n" in argument:
        return False
    return argument.lower().endswith(".txt") or (is_archive(argument) and " " not in argument)


def _require_text_file(argument: str) -> None:
    if Path(argument).is_dir():
        kind, remedy = "a folder", "pass the .txt files in it"
    elif is_archive(argument):
        kind, remedy = "an archive", "unpack it, and pass the files in it"
    elif Path(argument).suffix.lower() not in TEXT_SUFFIXES:
        kind, remedy = "a file, but no text file", f"pass a .txt with one text per line, or a table ({FORMATS})"
    else:
        return
    raise InputError(f"{argument} is {kind}: {remedy}; if the name itself is the text, pass it on standard input (-)")
