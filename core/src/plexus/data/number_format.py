"""Whether texts that are numbers in two ways, such as 1.234, have a decimal comma."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_state: ContextVar[tuple[bool, bool]] = ContextVar("decimal_comma", default=(False, False))
"""Whether there is a decimal comma, and whether this is fixed."""


def has_decimal_comma() -> bool:
    """Return whether the numbers of the data have a decimal comma.

    Returns:
        True if a table that was read has one, or if the bundle was trained on such a table.
    """
    return _state.get()[0]


def reset_decimal_comma() -> None:
    """Forget the tables that were read before."""
    _state.set((False, False))


def add_decimal_comma() -> None:
    """Record that a table has decimal commas; without effect while it is fixed."""
    if not _state.get()[1]:
        _state.set((True, False))


@contextmanager
def fixed_decimal_comma(has_comma: bool) -> Iterator[None]:
    """Read numbers as the training of a bundle did, whatever the data of a prediction look like.

    Args:
        has_comma: Whether the data of the training have a decimal comma.

    Yields:
        Nothing.
    """
    token = _state.set((has_comma, True))
    try:
        yield
    finally:
        _state.reset(token)
