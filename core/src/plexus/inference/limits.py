"""Limits of the size of an input, checked before it is decoded."""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class InputLimits:
    """Limits of a single input: a file of a few bytes can claim to hold terabytes.

    Args:
        pixels: Largest number of pixels of an image.
        seconds: Longest recording.

    Example:
        ```python
        set_input_limits(InputLimits(pixels=20_000_000, seconds=60))
        ```
    """

    pixels: float = 100_000_000
    seconds: float = inf


_limits = InputLimits()


def input_limits() -> InputLimits:
    """Return the limits of this process.

    Returns:
        The limits.
    """
    return _limits


def set_input_limits(limits: InputLimits) -> None:
    """Set the limits of this process, once: a server, whose inputs come from anyone, sets lower ones when it starts.

    Args:
        limits: The limits.
    """
    global _limits
    _limits = limits
