"""Threads for work that may be cancelled."""

import asyncio
import logging
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

from starlette.exceptions import HTTPException

from plexus.errors import InputError
from plexus.inference.cancellation import Cancellation, InferenceCancelledError

GRACE_SECONDS = 2.0
"""Time in which cancelled work has to end; after it, another thread takes the place of its own."""
MAX_ABANDONED = 8
"""Threads that are replaced because their work does not end."""
ResultT = TypeVar("ResultT")
log = logging.getLogger("plexus.serve")


class Job(Generic[ResultT]):
    """Work in a thread.

    Args:
        function: The work; it gets the cancellation.

    Attributes:
        cancellation: Ends the work.

    Example:
        ```python
        job = workers.submit(lambda cancellation: bundle.predict(values, cancellation=cancellation))
        await job.result
        ```
    """

    def __init__(self, function: Callable[[Cancellation], ResultT]) -> None:
        self.function, self.cancellation = function, Cancellation()
        self.loop = asyncio.get_running_loop()
        self.result: asyncio.Future[ResultT] = self.loop.create_future()
        self.running = self.abandoned = False

    def work(self) -> None:
        """Do the work, and pass the result to the event loop."""
        try:
            self.cancellation.check()
            result = self.function(self.cancellation)
        except (InputError, HTTPException, InferenceCancelledError) as error:
            self._pass(self._fail, error.with_traceback(None))  # its frames would keep the inputs in memory
        except Exception as error:  # noqa: BLE001 - raised where the result is awaited
            self._pass(self._fail, error)
        else:
            self._pass(self._succeed, result)

    def fail(self, error: Exception) -> None:
        """Raise an error where the result is awaited, unless it is there already.

        Args:
            error: The error.
        """
        self._fail(error)

    def _pass(self, function: Callable[..., None], value: object) -> None:
        try:
            self.loop.call_soon_threadsafe(function, value)
        except RuntimeError:
            return  # the server has stopped, and the loop is closed

    def _succeed(self, result: ResultT) -> None:
        if not self.result.done():
            self.result.set_result(result)

    def _fail(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)


class Workers:
    """Threads that do one piece of work each at a time; what waits is done in order.

    Threads of `concurrent.futures` are joined when Python exits, however long their work takes. These are daemons, and
    one whose cancelled work does not end is replaced, so that nothing waits behind it.

    Args:
        count: Number of threads; they are started with the first work.
        name: Name of the threads.

    Example:
        ```python
        workers = Workers(2, "explanations")
        path = await workers.run(lambda cancellation: bundle.explain(value, path, cancellation))
        ```
    """

    def __init__(self, count: int, name: str) -> None:
        self.count, self.name = count, name
        self._queue: SimpleQueue[Job[object] | None] = SimpleQueue()
        self._lock = Lock()
        self._started = self._abandoned = 0

    def submit(self, function: Callable[[Cancellation], ResultT]) -> Job[ResultT]:
        """Queue work.

        Args:
            function: The work.

        Returns:
            The job, whose `result` is a future.
        """
        while self._started < self.count:
            self._start_thread()
        job = Job(function)
        self._queue.put(job)  # type: ignore[arg-type]
        return job

    async def run(self, function: Callable[[Cancellation], ResultT]) -> ResultT:
        """Queue work and wait for its result; if the waiting is cancelled, the work is.

        Args:
            function: The work.

        Returns:
            The result.
        """
        job = self.submit(function)
        try:
            return await job.result
        except asyncio.CancelledError:
            self.cancel(job)
            raise
        finally:
            del job  # an error refers to this frame, and its inputs would stay in memory

    def cancel(self, job: Job[ResultT]) -> None:
        """End work; its result is an `InferenceCancelledError`.

        Args:
            job: The job.
        """
        if not job.cancellation.cancelled:
            job.cancellation.cancel()
            job.loop.call_later(GRACE_SECONDS, self._abandon, job)

    def close(self) -> None:
        """End the threads once the work that waits is done."""
        for _ in range(self._started):
            self._queue.put(None)

    def _start_thread(self) -> None:
        self._started += 1
        Thread(target=self._work, name=self.name, daemon=True).start()

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            with self._lock:
                job.running = True
            job.work()
            with self._lock:
                job.running = False
                if job.abandoned:
                    self._abandoned -= 1
                    return
            del job  # its inputs are not kept until the next one

    def _abandon(self, job: Job[ResultT]) -> None:
        """Replace the thread of cancelled work that has not ended."""
        with self._lock:
            job.cancellation.abandoned = job.running
            job.abandoned = job.running and self._abandoned < MAX_ABANDONED
            self._abandoned += job.abandoned
        if job.abandoned:
            log.error("%s: cancelled work does not end; another thread takes its place", self.name)
            self._start_thread()
            self._started -= 1
        job.fail(InferenceCancelledError())
