"""Messages to the user."""

import re
import sys

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that a terminal may interpret, that reverse the direction of a line or end it, and bytes that are no
text: a label, a name or an error message may come from anyone."""


def printable(text: str) -> str:
    r"""Return a text as one line that a terminal shows as it is: control characters are escaped.

    Args:
        text: The text.

    Returns:
        The text; a control character is written like `\x1b`.
    """
    return _CONTROL.sub(lambda match: ascii(match[0])[1:-1], text)


def note(line: str) -> None:
    """Print one line on standard error; standard output is reserved for results.

    Args:
        line: The line; control characters in it are escaped.
    """
    print(printable(line), file=sys.stderr, flush=True)  # noqa: T201
