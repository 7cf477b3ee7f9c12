"""Limits of the code of plugins while it is loaded."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from plexus.errors import InputError


class _Stopped(BaseException):
    """Leaves the code of a plugin; no `except Exception` in it stops that."""


@contextmanager
def limit_loading(seconds: float) -> Iterator[None]:
    """Run code of a plugin that must not take long, and must not end the process.

    Args:
        seconds: Longest time; it is not limited in other threads than the main one, and not on Windows.

    Yields:
        Nothing.

    Raises:
        InputError: If it takes longer, or ends the process.
    """
    end_process, own_id = os._exit, os.getpid()
    os._exit = _refuse_to_exit  # it ends the process without an exception; everything else that does has one
    try:
        with _time_limit(seconds), _interrupts() as received:
            yield
    except _Stopped as error:
        raise InputError(str(error)) from error
    except KeyboardInterrupt as error:
        if not received:
            raise InputError("it raises KeyboardInterrupt when it is loaded") from error
        raise
    finally:
        os._exit = end_process
        if os.getpid() != own_id:  # the plugin has forked this process
            end_process(0)


def _refuse_to_exit(status: int) -> NoReturn:
    raise _Stopped(f"it ends the process with status {status} when it is loaded")


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Yield the interrupts that the user sends: an exception of the same name may also be raised by the plugin."""
    received: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        if handler != signal.SIG_IGN:  # which is that of a process in the background: the user cannot interrupt it
            received.append(0)  # unknown
        yield received
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        received.append(number)
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield received
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise _Stopped(f"it has not been loaded after {seconds:g} s")

    handler = signal.signal(signal.SIGALRM, stop)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, remaining, interval)
        signal.signal(signal.SIGALRM, handler)
