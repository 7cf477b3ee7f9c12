"""Where the time of a training goes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Sums of seconds by what they were spent on.

    Attributes:
        seconds: by name, in the order in which they first came.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def add(self, name: str, seconds: float) -> None:
        """Add time that was measured elsewhere."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Add the time of the block."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.add(name, time.monotonic() - started)

    def table(self) -> list[str]:
        """A line for each, with its share of the whole."""
        whole = sum(self.seconds.values()) or 1.0
        return [f"{name:36} {seconds:9.2f} s {seconds / whole:6.1%}" for name, seconds in self.seconds.items()]
