"""Standard output and standard error: any encoding, full disks, closed pipes, and untrusted text."""

import io
import json
import math
import os
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from plexus.utils.printable import printable

if TYPE_CHECKING:
    from rich.table import Table

_NOT_IN_JSON = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that a terminal may interpret, or that no encoding has; JSON itself escapes those below U+0020."""

FILE_WIDTH = 1000
"""Width of a table in a file or a pipe, where no line is broken."""


class OutputError(Exception):
    """Error of standard output: it is closed, or the disk that it goes to is full.

    Example:
        ```python
        raise OutputError("cannot write to standard output: No space left on device")
        ```
    """


def prepare_streams() -> None:
    """Open closed standard streams, so that no file gets their number, and replace what an encoding lacks.

    Standard output that is closed is noticed by `write_lines`.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
    if sys.stderr is None:  # `print(file=None)` would print on standard output
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def write_lines(lines: Iterable["str | Table"]) -> None:
    """Write lines and tables on standard output, with control characters of lines escaped.

    Args:
        lines: The lines. Tables are as wide as the terminal at most, and have colors there unless `NO_COLOR` is set.

    Raises:
        OutputError: If standard output is closed or full.
        BrokenPipeError: If the program that reads it has ended.
    """
    _write("".join(f"{printable(line)}\n" if isinstance(line, str) else _render(line) for line in lines))


def write_json(document: object) -> None:
    """Write a JSON document on standard output; numbers that JSON does not have are null.

    Args:
        document: JSON types.

    Raises:
        OutputError: If standard output is closed or full.
        BrokenPipeError: If the program that reads it has ended.
    """
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("_", "-")
    is_ascii = encoding not in {"utf-8", "utf8"}
    try:
        text = json.dumps(document, indent=2, ensure_ascii=is_ascii, allow_nan=False)
    except ValueError:
        text = json.dumps(_without_nan(document), indent=2, ensure_ascii=is_ascii)
    _write(_NOT_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


def discard_output() -> None:
    """Send what is left in the buffer of standard output nowhere: Python would report it once more at the end."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _render(table: "Table") -> str:
    from rich.console import Console  # no command without a table needs it

    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    width = None if is_terminal else FILE_WIDTH
    console = Console(file=io.StringIO(), force_terminal=is_terminal, width=width, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def _write(text: str) -> None:
    if sys.stdout is None:
        raise OutputError("cannot write to standard output: it is closed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:  # ValueError: closed within Python
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"cannot write to standard output: {reason}") from error


def _without_nan(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    return [_without_nan(item) for item in value] if isinstance(value, list | tuple) else value
