"""Handling of SIGINT and SIGTERM."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_interrupt(request_stop: Callable[[], None]) -> Iterator[None]:
    """Within the block, call a function on the first SIGINT or SIGTERM; the second interrupts immediately.

    Only Python's main thread can have signal handlers; elsewhere this does nothing.

    Args:
        request_stop: The function.

    Yields:
        Nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        request_stop()
        signal.signal(number, signal.default_int_handler)

    previous = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
