"""Requests that wait for the same model are answered together."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

Answers = list[dict[str, Any]]


@dataclass(frozen=True)
class _Waiting:
    values: Sequence[Any]
    answers: "asyncio.Future[Answers]"


class Batcher:
    """One thread that answers all that waits, up to a number, as soon as it is free.

    Nobody waits for a batch to fill: alone, a request is answered at once; under load, batches are as large as what
    came while the last one was answered (adaptive batching: Crankshaw et al. 2017, Clipper, section 4.3).

    Args:
        answer: for the inputs of several requests, an answer each; called in the thread.
        most: inputs in a batch. A request with more is a batch of its own.
    """

    def __init__(self, answer: Callable[[Sequence[Any]], Answers], most: int) -> None:
        self.answer, self.most = answer, most
        self._waiting: deque[_Waiting] = deque()
        self._thread = ThreadPoolExecutor(1, "answers")
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def __call__(self, values: Sequence[Any]) -> Answers:
        """The answers to a request's inputs; whoever gives up waiting leaves the queue."""
        one = _Waiting(values, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await one.answers

    def close(self) -> None:
        """End the thread, once all that waits is answered."""
        self._closing = True
        if self._task is None or self._task.done():
            self._thread.shutdown(wait=False)

    async def _work(self) -> None:
        while batch := self._next():
            await self._answer(batch)
        if self._closing:
            self._thread.shutdown(wait=False)

    async def _answer(self, batch: list[_Waiting]) -> None:
        values = [value for one in batch for value in one.values]
        try:
            answers = await asyncio.get_running_loop().run_in_executor(self._thread, self.answer, values)
        except Exception as error:  # noqa: BLE001 - whoever asked raises it
            if len(batch) > 1:  # one of them is at fault: the others are not to suffer for it
                for one in batch:
                    await self._answer([one])
            elif not batch[0].answers.done():
                batch[0].answers.set_exception(error)
            return
        at = 0
        for one in batch:
            if not one.answers.done():
                one.answers.set_result(answers[at : at + len(one.values)])
            at += len(one.values)

    def _next(self) -> list[_Waiting]:
        """The requests that waited longest, as many as a batch holds."""
        batch: list[_Waiting] = []
        room = self.most
        while self._waiting and (not batch or len(self._waiting[0].values) <= room):
            one = self._waiting.popleft()
            if not one.answers.done():
                batch.append(one)
                room -= len(one.values)
        return batch
