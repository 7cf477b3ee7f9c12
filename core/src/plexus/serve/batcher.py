"""Adaptive batching: requests that wait for the same model are processed together."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plexus.inference.cancellation import Cancellation
from plexus.serve.decoded_size import CHUNK_BYTES
from plexus.serve.workers import Job, Workers

if TYPE_CHECKING:
    from plexus.codec import Input, JsonObject

Process = Callable[["Sequence[Input]", Cancellation], "list[JsonObject]"]


@dataclass
class _Request:
    values: "Sequence[Input]"
    size: int
    results: "asyncio.Future[list[JsonObject]]"
    job: "Job[list[JsonObject]] | None" = None


class Batcher:
    """A thread that processes all waiting requests together, up to a number of inputs, as soon as it is free.

    No request waits for a batch to fill: a single request is processed at once, and under load a batch holds what
    arrived while the last one was processed (adaptive batching: Crankshaw et al. 2017, Clipper, section 4.3).

    Args:
        process: Returns one result per input, for the inputs of several requests; called in the thread.
        max_batch_size: Inputs in a batch. A request with more inputs is a batch of its own, as is one that is larger
            than `CHUNK_BYTES`.

    Example:
        ```python
        batcher = Batcher(lambda values, cancellation: [{"answer": len(value)} for value in values], 64)
        await batcher(["good film"])
        ```
    """

    def __init__(self, process: Process, max_batch_size: int) -> None:
        self.process, self.max_batch_size = process, max_batch_size
        self._queue: deque[_Request] = deque()
        self._workers = Workers(1, "batcher")
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def __call__(self, values: "Sequence[Input]", size: int = 0) -> "list[JsonObject]":
        """Process the inputs of a request. A request that is cancelled leaves the queue, or ends its batch.

        Args:
            values: The inputs.
            size: Their decoded size in bytes.

        Returns:
            One result per input.
        """
        request = _Request(values, size, asyncio.get_running_loop().create_future())
        self._queue.append(request)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        try:
            return await request.results
        except asyncio.CancelledError:
            if request.job is not None and not request.job.result.done():
                self._workers.cancel(request.job)
            raise

    def close(self) -> None:
        """End the thread, once all waiting requests are processed."""
        self._closing = True
        if self._task is None or self._task.done():
            self._workers.close()

    async def _work(self) -> None:
        while batch := self._next_batch():
            await self._process(batch)
        if self._closing:
            self._workers.close()

    async def _process(self, batch: list[_Request]) -> None:
        values = [value for request in batch for value in request.values]
        job = self._workers.submit(lambda cancellation: self.process(values, cancellation))
        for request in batch:
            request.job = job
        try:
            results = await job.result
        except Exception as error:  # noqa: BLE001 - raised in the request
            await self._process_after(error, batch)
            return
        start = 0
        for request in batch:
            if not request.results.done():
                request.results.set_result(results[start : start + len(request.values)])
            start += len(request.values)

    async def _process_after(self, error: Exception, batch: list[_Request]) -> None:
        """Process requests on their own: only those that cause an error get it."""
        for request in batch:
            if request.results.done():
                continue
            if len(batch) == 1:
                request.results.set_exception(error)
            else:
                await self._process([request])

    def _next_batch(self) -> list[_Request]:
        """Take the requests that waited longest, as many as fit in a batch."""
        batch: list[_Request] = []
        inputs, size = self.max_batch_size, CHUNK_BYTES
        while self._queue and (not batch or (len(self._queue[0].values) <= inputs and self._queue[0].size <= size)):
            request = self._queue.popleft()
            if not request.results.done():
                batch.append(request)
                inputs -= len(request.values)
                size -= request.size
        return batch
