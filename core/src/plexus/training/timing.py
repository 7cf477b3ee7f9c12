"""Measurement of time by activity."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Sums the seconds that activities take.

    Attributes:
        seconds: Seconds by activity, in the order in which they first occurred.

    Example:
        ```python
        with stopwatch.measure("saving"):
            checkpoint.save()
        ```
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def add(self, activity: str, seconds: float) -> None:
        """Add time that was measured elsewhere.

        Args:
            activity: The activity.
            seconds: The time.
        """
        self.seconds[activity] = self.seconds.get(activity, 0.0) + seconds

    @contextmanager
    def measure(self, activity: str) -> Iterator[None]:
        """Add the time of the block.

        Args:
            activity: The activity.

        Yields:
            Nothing.
        """
        started = time.monotonic()
        try:
            yield
        finally:
            self.add(activity, time.monotonic() - started)

    def table(self) -> list[str]:
        """Format the sums.

        Returns:
            One line per activity: its name, its seconds and their percentage.
        """
        total = sum(self.seconds.values()) or 1.0
        return [f"{name:36} {seconds:9.2f} s {seconds / total:6.1%}" for name, seconds in self.seconds.items()]
