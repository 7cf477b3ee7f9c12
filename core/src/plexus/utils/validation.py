"""Errors of pydantic as one line."""

import re
from typing import TYPE_CHECKING

from plexus.errors import InputError

if TYPE_CHECKING:
    from pydantic import ValidationError

MAX_SHOWN = 60
"""Characters of a value that an error message shows."""


def first_error(error: "ValidationError", name: str, remedy: str) -> InputError:
    """Create the error for the first field that is not valid.

    Args:
        error: The error of pydantic.
        name: The document, for the message.
        remedy: What to do.

    Returns:
        The error: the document, the field, the rule and the value.
    """
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part)[:MAX_SHOWN] for part in first["loc"])
    reason = first["msg"].removeprefix("Value error, ").replace("Input should be", "expected").rstrip(".")
    reason = re.sub(r" or instance of \w+$", "", reason)  # a class that the reader does not know
    place = f"{name}: {field}: " if field else f"{name}: "
    value = "" if first["type"] in {"value_error", "missing"} else f", found {_shown(first['input'])}"
    return InputError(f"{place}{' '.join(reason.split())}{value}; {remedy}")


def _shown(value: object) -> str:
    if isinstance(value, list | dict):
        return f"{type(value).__name__} of {len(value):,}"
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
