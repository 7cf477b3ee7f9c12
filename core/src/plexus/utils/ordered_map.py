"""A function of several items at the same time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


def ordered_map(function: Callable[[ItemT], ResultT], items: Iterable[ItemT], workers: int) -> Iterator[ResultT]:
    """Compute a function of several items at the same time, in threads; the results are in the order of the items.

    `Executor.map` takes all items first: a table that is read in parts would be in memory as a whole.

    Args:
        function: The function; what takes its time has to release the lock of the interpreter, as NumPy does.
        items: The items, which are taken in the calling thread.
        workers: Number of threads, 1 or more; so many items and one more are in memory.

    Yields:
        The result for each item. After an error, items that have not begun are left out, and nothing waits for others.
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
