"""Limits of time for work outside Python, which one thread watches."""

import threading
import time
from collections.abc import Callable
from typing import Self

POLL_SECONDS = 0.25
_lock = threading.Lock()
_active: "set[TimeLimit]" = set()
_watching: list[threading.Thread] = []


class TimeLimit:
    """A context in which work has to end, else a function is called that ends it.

    A timer would start a thread for each run of a network, which takes longer than many networks do.

    Args:
        seconds: The time.
        end: Called in another thread once the time is over.

    Attributes:
        expired: Whether the time is over.

    Example:
        ```python
        with TimeLimit(60, lambda: setattr(options, "terminate", True)) as limit:
            session.run(names, inputs, options)
        ```
    """

    def __init__(self, seconds: float, end: Callable[[], None]) -> None:
        self.seconds, self.end, self.expired = seconds, end, False
        self.deadline = time.monotonic() + seconds

    def __enter__(self) -> Self:
        with _lock:
            _active.add(self)
            if not any(thread.is_alive() for thread in _watching):  # none is in a forked process
                _watching[:] = [threading.Thread(target=_watch, name="time limits", daemon=True)]
                _watching[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with _lock:
            _active.discard(self)


def _watch() -> None:
    """End what takes too long, until nothing is limited any more."""
    while True:
        time.sleep(POLL_SECONDS)
        with _lock:
            if not _active:
                _watching.clear()
                return
            for limit in [limit for limit in _active if limit.deadline <= time.monotonic()]:
                _active.discard(limit)
                limit.expired = True
                limit.end()
