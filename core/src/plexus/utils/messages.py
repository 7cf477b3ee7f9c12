"""Messages to the user."""

import sys
from contextlib import suppress

from plexus.errors import without_passwords
from plexus.utils.printable import printable


def note(line: str) -> None:
    """Print one line on standard error, without passwords in addresses; standard output is reserved for results.

    Args:
        line: The line; control characters in it are escaped.
    """
    with suppress(OSError):  # a full disk: a message is no reason to end the work that it is about
        print(printable(without_passwords(line)), file=sys.stderr, flush=True)  # noqa: T201
