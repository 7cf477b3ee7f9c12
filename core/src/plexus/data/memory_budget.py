"""A limit of the memory that threads use together."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


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
            count: The bytes; more than the limit are granted while nobody else uses any.
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
            with self._changed:
                self._used -= count
                self._changed.notify_all()
