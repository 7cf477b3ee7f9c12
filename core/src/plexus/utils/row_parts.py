"""A function of the rows of arrays, part by part."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from threadpoolctl import threadpool_limits

from plexus.utils.ordered_map import ordered_map

_BLAS_LIMIT = threading.Lock()
"""The limit is one of the process: two that overlap could leave it set."""


def available_cores() -> int:
    """Return the number of cores that this process may use.

    Returns:
        The number, at least 1.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def single_blas_thread() -> Iterator[None]:
    """Compute matrix products in one thread each, for products that are too small for several.

    The number of threads is one of the process: where several threads enter, they do so one after another. A function
    that enters again does not return.

    Yields:
        Nothing.
    """
    with _BLAS_LIMIT, threadpool_limits(1, "blas"):
        yield


def map_rows(function: Callable[[slice], np.ndarray], rows: int, size: int) -> np.ndarray:
    """Compute a function of many rows part by part, in one thread per core.

    Parts that stay in the cache of the processor take less time than all rows at once. A part is computed by one
    thread: matrix products that are too small for several take many times as long with them on a busy machine.

    Args:
        function: Returns an array of the rows of a slice, one entry per row; it does not call `map_rows`.
        rows: Number of rows.
        size: Rows of a part.

    Returns:
        The arrays of all parts as one, shape `(rows, …)`.
    """
    if rows <= size:
        return function(slice(0, rows))
    parts = [slice(start, start + size) for start in range(0, rows, size)]
    with single_blas_thread():
        return np.concatenate(list(ordered_map(function, parts, available_cores())))
