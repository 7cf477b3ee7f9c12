"""Messages to the user."""

import sys

from plexus.errors import without_secrets


def note(line: str) -> None:
    """Print one line on standard error, without passwords in addresses; standard output is reserved for results.

    Args:
        line: The line.
    """
    print(without_secrets(line), file=sys.stderr, flush=True)  # noqa: T201
