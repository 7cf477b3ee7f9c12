"""What the user should know, beside the result."""

import sys


def note(line: str) -> None:
    """Say one line on standard error; standard output is the result's."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201
