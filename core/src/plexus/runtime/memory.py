"""Settings of the memory allocator."""

import ctypes
import sys
from collections.abc import Callable

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_MAX_INT = 2**31 - 1


def keep_memory() -> None:
    """Let glibc's allocator keep freed memory for the next training step (`man 3 mallopt`).

    By default each large array is mapped and unmapped, and the kernel zeroes its pages: up to half of the time of
    training a convolutional network on a CPU. Without glibc this does nothing.
    """
    mallopt = _glibc("mallopt")
    if mallopt is None:
        return
    mallopt(_M_MMAP_MAX, 0)
    mallopt(_M_TRIM_THRESHOLD, _MAX_INT)


def release_memory() -> None:
    """Return memory that glibc's allocator keeps to the system (`man 3 malloc_trim`); without glibc do nothing."""
    malloc_trim = _glibc("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def _glibc(function: str) -> "Callable[..., object] | None":
    return getattr(ctypes.CDLL(None), function, None) if sys.platform == "linux" else None
