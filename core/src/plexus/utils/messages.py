"""Messages to the user."""

import sys

from plexus.utils.printable import printable


def note(line: str) -> None:
    """Print one line on standard error; standard output is reserved for results.

    Args:
        line: The line; control characters in it are escaped.
    """
    print(printable(line), file=sys.stderr, flush=True)  # noqa: T201
