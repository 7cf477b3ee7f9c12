"""A function of several items at the same time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


def ordered_map(function: Callable[[ItemT], ResultT], items: Iterable[ItemT], workers: int) -> Iterator[ResultT]:
    """Compute a function of several items at the same time, in threads; the results are in the order of the items.

    `Executor.map` takes all items first, so that a table that is read in parts would be in memory as a whole; its
    `buffersize`, which limits that, needs Python 3.14.

    Args:
        function: The function; threads save time only where it releases the global interpreter lock, as NumPy does.
        items: The items, which are taken in the calling thread.
        workers: Number of threads, 1 or more; at most `workers + 1` items are taken before the first result is.

    Yields:
        The result of each item. After an error, or if the iterator is closed, no further item is begun, and those in
        progress are not waited for.
    """
    pending: deque[Future[ResultT]] = deque()
    pool = ThreadPoolExecutor(workers, "ordered map")
    try:
        for item in items:
            pending.append(pool.submit(function, item))
            if len(pending) > workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
