"""Limits of the server."""

from dataclasses import dataclass

HEAD_BYTES = 1 << 16
"""Size of the request line and headers."""
HEAD_SECONDS = 10
"""Time until the headers of a request are complete; a connection without a request is closed after it."""
JSON_BYTES = 8 << 20
"""Size of a body of JSON, which takes up to twenty times as much memory once it is parsed."""
MAX_EXPLANATIONS = 16
"""Inputs of a request with explanations."""
SHUTDOWN_SECONDS = 30
"""Time for requests that are being processed when the server is stopped."""


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

    @property
    def max_body_bytes(self) -> int:
        """Size of the bodies of all requests together, in bytes."""
        return 8 * self.max_bytes
