"""Limits of the server."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ServerLimits:
    """Limits beyond which the server refuses requests.

    Args:
        max_bytes: Size of a request's body in bytes.
        max_requests: Requests that are processed or wait.
        max_seconds: Time to answer a request, in seconds.
        max_batch_size: Inputs that a network computes at once; 1: each request on its own.

    Example:
        ```python
        ServerLimits(max_bytes=32 << 20, max_requests=256, max_seconds=30, max_batch_size=64)
        ```
    """

    max_bytes: int
    max_requests: int
    max_seconds: float
    max_batch_size: int
