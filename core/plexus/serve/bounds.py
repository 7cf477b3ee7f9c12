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

    bytes: int = 32 << 20
    requests: int = 256
    seconds: float = 30.0
    batch: int = 64
