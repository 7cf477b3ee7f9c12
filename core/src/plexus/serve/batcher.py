"""Adaptive batching: requests that wait for the same model are processed together."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plexus.codec import Input, JsonObject


@dataclass(frozen=True)
class _Request:
    values: "Sequence[Input]"
    results: "asyncio.Future[list[JsonObject]]"


class Batcher:
    """A thread that processes all waiting requests together, up to a number of inputs, as soon as it is free.

    No request waits for a batch to fill: a single request is processed at once, and under load a batch holds what
    arrived while the last one was processed (adaptive batching: Crankshaw et al. 2017, Clipper, section 4.3).

    Args:
        process: Returns one result per input, for the inputs of several requests; called in the thread.
        max_batch_size: Inputs in a batch. A request with more inputs is a batch of its own.

    Example:
        ```python
        batcher = Batcher(lambda values: [{"answer": len(value)} for value in values], 64)
        await batcher(["good film"])
        ```
    """

    def __init__(self, process: "Callable[[Sequence[Input]], list[JsonObject]]", max_batch_size: int) -> None:
        self.process, self.max_batch_size = process, max_batch_size
        self._queue: deque[_Request] = deque()
        self._thread = ThreadPoolExecutor(1, "batcher")
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def __call__(self, values: "Sequence[Input]") -> "list[JsonObject]":
        """Process the inputs of a request. A request that is cancelled leaves the queue.

        Args:
            values: The inputs.

        Returns:
            One result per input.
        """
        request = _Request(values, asyncio.get_running_loop().create_future())
        self._queue.append(request)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await request.results

    def close(self) -> None:
        """End the thread, once all waiting requests are processed."""
        self._closing = True
        if self._task is None or self._task.done():
            self._thread.shutdown(wait=False)

    async def _work(self) -> None:
        while batch := self._next_batch():
            await self._process(batch)
        if self._closing:
            self._thread.shutdown(wait=False)

    async def _process(self, batch: list[_Request]) -> None:
        values = [value for request in batch for value in request.values]
        try:
            results = await asyncio.get_running_loop().run_in_executor(self._thread, self.process, values)
        except Exception as error:  # noqa: BLE001 - raised in the request
            if len(batch) > 1:  # only the requests that cause an error get it
                for request in batch:
                    await self._process([request])
            elif not batch[0].results.done():
                batch[0].results.set_exception(error)
            return
        start = 0
        for request in batch:
            if not request.results.done():
                request.results.set_result(results[start : start + len(request.values)])
            start += len(request.values)

    def _next_batch(self) -> list[_Request]:
        """Take the requests that waited longest, as many as fit in a batch."""
        batch: list[_Request] = []
        free = self.max_batch_size
        while self._queue and (not batch or len(self._queue[0].values) <= free):
            request = self._queue.popleft()
            if not request.results.done():
                batch.append(request)
                free -= len(request.values)
        return batch
