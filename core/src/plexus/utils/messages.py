"""Messages to the user."""

import sys
from contextlib import suppress

from plexus.errors import without_passwords


def note(line: str) -> None:
    """Print one line on standard error, without passwords in addresses; standard output is reserved for results.

    Args:
        line: The line.
    """
    with suppress(OSError):  # a full disk: a message is no reason to end the work that it is about
        print(without_passwords(line), file=sys.stderr, flush=True)  # noqa: T201
