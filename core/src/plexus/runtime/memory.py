"""Settings of the memory allocator."""

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_MAX_INT = 2**31 - 1


def keep_memory() -> None:
    """Let glibc's allocator keep freed memory for the next training step (`man 3 mallopt`).

    By default each large array is mapped and unmapped, and the kernel zeroes its pages: up to half of the time of
    training a convolutional network on a CPU. Without glibc this does nothing.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return
    mallopt(_M_MMAP_MAX, 0)
    mallopt(_M_TRIM_THRESHOLD, _MAX_INT)
