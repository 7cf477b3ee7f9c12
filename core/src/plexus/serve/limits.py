"""How much is taken on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """What a server refuses to go beyond.

    Args:
        bytes: of a request's body.
        requests: that are worked on or wait.
        seconds: until a request is answered.
        batch: inputs that a network is given at once; 1: each request on its own.
    """

    bytes: int
    requests: int
    seconds: float
    batch: int
