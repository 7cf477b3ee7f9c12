"""Memory that is kept instead of being handed back."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_NEVER = 2**31 - 1


def keep_memory() -> None:
    """Let the allocator of glibc keep what a training step frees, for the next step (`man 3 mallopt`).

    By default each large array is mapped anew and the kernel zeroes its pages: up to half of the time of training a
    convolutional network on a CPU. Where there is no glibc nothing is changed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return
    mallopt(_MMAP_MAX, 0)
    mallopt(_TRIM_THRESHOLD, _NEVER)
