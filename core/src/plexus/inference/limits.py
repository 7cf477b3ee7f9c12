"""How large one input may be, before it is decoded whole."""

from dataclasses import dataclass
from math import inf


@dataclass
class Limits:
    """Bounds that readers ask for: a file of a few bytes can claim to hold terabytes.

    Attributes:
        pixels: of a picture.
        seconds: of a recording.
    """

    pixels: float = 100_000_000
    seconds: float = inf


LIMITS = Limits()
"""Those of this process. A server, which is asked by strangers, lowers them when it starts."""
