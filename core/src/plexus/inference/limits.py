"""Limits of the size of an input, checked before it is decoded."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from plexus.errors import InputError, UnreadableInputsError


@dataclass(frozen=True)
class InputLimits:
    """Limits of a single input: a file of a few bytes can claim to hold terabytes.

    The readers of `plexus.data` check them, so that they hold for the command line, the server and the pages alike. Of
    several frames of an image only the first is decoded.

    Args:
        pixels: Largest number of pixels of an image.
        seconds: Longest recording.
        side: Longest side of an image in pixels.
        channels: Most channels of a recording.
        file_bytes: Largest file of an image or of a recording in a container like .m4a.
        memory: Bytes of decoded images that are in memory at once, over all threads; a larger image is decoded alone.
        characters: Most characters of a text.
        explained_words: Words of the longest text that is explained word by word.

    Example:
        ```python
        set_input_limits(InputLimits(pixels=20_000_000, seconds=60))
        ```
    """

    pixels: float = 100_000_000
    seconds: float = inf
    side: int = 65_535
    channels: int = 64
    file_bytes: int = 1 << 30
    memory: int = 1 << 30
    characters: float = 2_000_000
    explained_words: float = inf


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


def limited_text(text: str) -> str:
    """Return a text that is not longer than this process allows.

    Args:
        text: The text.

    Returns:
        The text.

    Raises:
        InputError: If it is longer.
    """
    most = _limits.characters
    if len(text) > most:
        raise InputError(f"the text has {len(text):,} characters, expected at most {most:,}: split it")
    return text


def check_texts(inputs: Sequence[object]) -> None:
    """Refuse texts that are longer than this process allows.

    Args:
        inputs: Raw inputs; those that are no strings are not checked.

    Raises:
        UnreadableInputsError: If a text is longer.
    """
    if not isinstance(inputs, list | tuple):
        return  # a table or an array
    reasons = {}
    for place, text in enumerate(inputs):
        try:
            if isinstance(text, str):
                limited_text(text)
        except InputError as error:
            reasons[place] = str(error)
    if reasons:
        raise UnreadableInputsError(reasons)
