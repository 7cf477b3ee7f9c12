"""Adaptive batching of requests."""

import asyncio
import io
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from plexus.inference.cancellation import InferenceCancelledError
from plexus.serve import models as models_module
from plexus.serve import workers as workers_module
from plexus.serve.batcher import Batcher
from plexus.serve.decoded_size import LARGE_BYTES, decoded_size, memory_for
from plexus.serve.models import Models
from plexus.serve.workers import Workers

DIGITS = Path(__file__).parents[2] / "models/vision.classify/digits"


class Gated:
    """Doubles each value once a gate is open, and records the batches."""

    def __init__(self):
        self.batches, self.gate = [], threading.Event()

    def __call__(self, values, cancellation):
        self.batches.append(list(values))
        assert self.gate.wait(10)
        if "poison" in values:
            raise ValueError("poison")
        return [{"answer": 2 * value} for value in values]


async def _request(batcher, *requests, before=lambda: None):
    tasks = [asyncio.create_task(batcher(values)) for values in requests]
    await asyncio.sleep(0.05)
    before()
    batcher.process.gate.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_waiting_requests_are_batched_and_get_their_results():
    gated = Gated()
    batcher = Batcher(gated, 4)
    results = asyncio.run(_request(batcher, [1], [2, 3], [4], [5], [6] * 9))
    assert gated.batches[0] == [1, 2, 3, 4]
    assert [5] in gated.batches
    assert [6] * 9 in gated.batches, "a request larger than the maximum batch size is processed alone"
    assert results == [
        [{"answer": 2}],
        [{"answer": 4}, {"answer": 6}],
        [{"answer": 8}],
        [{"answer": 10}],
        [{"answer": 12}] * 9,
    ]


def test_a_single_request_does_not_wait():
    gated = Gated()
    gated.gate.set()
    assert asyncio.run(Batcher(gated, 64)([3])) == [{"answer": 6}]
    assert gated.batches == [[3]]


def test_an_error_reaches_only_the_request_that_causes_it():
    results = asyncio.run(_request(Batcher(Gated(), 8), [1], ["poison"], [2]))
    assert results[0] == [{"answer": 2}]
    assert isinstance(results[1], ValueError)
    assert results[2] == [{"answer": 4}]


def test_a_cancelled_request_leaves_the_queue():
    async def main():
        gated = Gated()
        batcher = Batcher(gated, 1)
        first, second = asyncio.create_task(batcher([1])), asyncio.create_task(batcher([2]))
        await asyncio.sleep(0.05)
        second.cancel()
        gated.gate.set()
        await first
        with pytest.raises(asyncio.CancelledError):
            await second
        return gated.batches

    assert asyncio.run(main()) == [[1]]


def test_waiting_requests_are_processed_after_closing():
    gated = Gated()
    batcher = Batcher(gated, 1)
    results = asyncio.run(_request(batcher, [1], [2], [3], before=batcher.close))
    assert [result[0]["answer"] for result in results] == [2, 4, 6]


def test_a_batch_ends_when_a_request_of_it_is_cancelled_and_the_others_are_processed_again():
    ended = threading.Event()

    def process(values, cancellation):
        while "endless" in values:
            if cancellation.cancelled:
                ended.set()
            cancellation.check()
            time.sleep(0.01)
        return [{"answer": value} for value in values]

    async def main():
        batcher = Batcher(process, 8)
        first = asyncio.create_task(batcher(["endless"]))
        await asyncio.sleep(0.05)
        together = [asyncio.create_task(batcher(values)) for values in (["endless"], ["a"])]
        await asyncio.sleep(0.05)
        first.cancel()
        await asyncio.sleep(0.2)
        together[0].cancel()
        return await asyncio.wait_for(together[1], 5)

    assert asyncio.run(main()) == [{"answer": "a"}]
    assert ended.is_set()


def test_work_that_does_not_end_is_replaced(monkeypatch):
    monkeypatch.setattr("plexus.serve.workers.GRACE_SECONDS", 0.1)
    gate = threading.Event()

    def process(values, cancellation):
        if "stuck" in values:
            gate.wait(20)
        return [{"answer": value} for value in values]

    async def main():
        batcher = Batcher(process, 1)
        stuck = asyncio.create_task(batcher(["stuck"]))
        await asyncio.sleep(0.05)
        stuck.cancel()
        return await asyncio.wait_for(batcher(["a"]), 5)

    assert asyncio.run(main()) == [{"answer": "a"}]
    gate.set()


def test_large_work_that_does_not_end_keeps_no_other_waiting(monkeypatch):
    monkeypatch.setattr(workers_module, "GRACE_SECONDS", 0.1)
    ends = threading.Event()
    inside = []

    def heavy(name, wait):
        def work(cancellation):
            with memory_for(LARGE_BYTES + 1, cancellation):
                inside.append(name)
                return wait()

        return work

    async def main():
        first, second = Workers(1, "first"), Workers(1, "second")
        stuck = first.submit(heavy("stuck", lambda: ends.wait(20)))
        async with asyncio.timeout(5):
            while not inside:
                await asyncio.sleep(0.01)
        waiting = second.submit(heavy("waiting", lambda: "answer"))
        await asyncio.sleep(0.2)
        assert inside == ["stuck"]
        first.cancel(stuck)
        with pytest.raises(InferenceCancelledError):
            await stuck.result
        assert await asyncio.wait_for(waiting.result, 5) == "answer"
        ends.set()
        assert await asyncio.wait_for(first.submit(heavy("next", lambda: "next")).result, 5) == "next"
        assert await asyncio.wait_for(second.submit(heavy("last", lambda: "last")).result, 5) == "last"

    asyncio.run(main())
    assert inside == ["stuck", "waiting", "next", "last"]


@pytest.mark.parametrize(("suffix", "in_a_thread"), [("png", False), ("jpeg", True), ("gif", True), ("ppm", True)])
def test_headers_that_pillow_reads_are_read_in_a_thread(monkeypatch, suffix, in_a_thread):
    stream, threads = io.BytesIO(), []
    Image.new("L", (8, 8), 100).save(stream, suffix)

    def recorded(value):
        threads.append(threading.current_thread())
        return decoded_size(value)

    monkeypatch.setattr(models_module, "decoded_size", recorded)
    models = Models(lambda: [DIGITS], max_batch_size=8)
    (result,) = asyncio.run(models.predict("vision.classify.digits", [stream.getvalue()], explain=False))
    assert "label" in result["answer"]
    assert [thread is not threading.main_thread() for thread in threads] == [in_a_thread]
