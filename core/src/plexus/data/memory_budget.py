"""A limit of the memory that threads use together."""

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 64 << 20
"""Bytes from which memory is returned to the system after its use."""


class MemoryBudget:
    """Bytes that threads may use together; a thread waits until its share is free.

    Example:
        ```python
        budget = MemoryBudget()
        with budget.reserve(300 << 20, limit=1 << 30):
            decode()
        ```
    """

    def __init__(self) -> None:
        self._used, self._changed = 0, threading.Condition()

    @contextmanager
    def reserve(self, count: int, limit: int) -> Iterator[None]:
        """Wait until so many bytes are free, and use them within the block.

        Args:
            count: The bytes; more than the limit are granted while no other reader uses any.
            limit: The bytes of all threads together.

        Yields:
            Nothing.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._used or self._used + count <= limit)
            self._used += count
        try:
            yield
        finally:
            if count >= LARGE:
                return_memory()
            with self._changed:
                self._used -= count
                self._changed.notify_all()


def return_memory() -> None:
    """Return freed memory to the system: glibc keeps what each thread has freed, for that thread alone."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
