"""Messages to the user."""

import sys


def note(line: str) -> None:
    """Print one line on standard error; standard output is reserved for results.

    Args:
        line: The line.
    """
    print(line, file=sys.stderr, flush=True)  # noqa: T201
