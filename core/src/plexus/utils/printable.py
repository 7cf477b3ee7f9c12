"""Names of files and labels for people."""

import re
from pathlib import Path

_UNPRINTABLE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but the tab, line separators, marks that reverse the direction of writing, and halves of
characters."""
_names: dict[str, str] = {}
"""Paths of temporary folders, and the paths that stand for them in texts for people."""


def name_folder(folder: Path, name: Path) -> None:
    """Declare the path that stands for a temporary folder in texts for people.

    Args:
        folder: The folder.
        name: Path of the archive that was unpacked into it.
    """
    _names[str(folder)] = str(name)


def printable(text: str) -> str:
    r"""Escape what a terminal would interpret or could not print, so that a text is one line.

    Paths in temporary folders are replaced by those that `name_folder` declares.

    Args:
        text: A text that may hold names of files, which are bytes in any encoding.

    Returns:
        The text; control characters are escaped as in Python (`\n`), bytes of a name that is not UTF-8 as `\xff`.
    """
    for folder, name in list(_names.items()):  # other threads may add to it
        text = text.replace(folder, name)
    return _UNPRINTABLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as `os.fsdecode` keeps it
        return f"\\x{code - 0xDC00:02x}"
    return match[0].encode("unicode_escape").decode()
