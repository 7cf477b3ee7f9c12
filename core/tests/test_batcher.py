"""Requests that wait are answered together; none suffers for another."""

import asyncio
import threading

import pytest

from plexus.serve.batcher import Batcher


class Gated:
    """Answers with each value's double, once it may; remembers the batches."""

    def __init__(self):
        self.batches, self.may = [], threading.Event()

    def __call__(self, values):
        self.batches.append(list(values))
        assert self.may.wait(10)
        if "poison" in values:
            raise ValueError("poison")
        return [{"answer": 2 * value} for value in values]


async def _asked(batcher, *requests, before=lambda: None):
    tasks = [asyncio.create_task(batcher(values)) for values in requests]
    await asyncio.sleep(0.05)
    before()
    batcher.answer.may.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_what_waits_is_answered_together_and_each_gets_its_own():
    gated = Gated()
    batcher = Batcher(gated, 4)
    found = asyncio.run(_asked(batcher, [1], [2, 3], [4], [5], [6] * 9))
    assert gated.batches[0] == [1, 2, 3, 4]
    assert [5] in gated.batches
    assert [6] * 9 in gated.batches, "a request with more than a batch holds is a batch of its own"
    assert found == [
        [{"answer": 2}],
        [{"answer": 4}, {"answer": 6}],
        [{"answer": 8}],
        [{"answer": 10}],
        [{"answer": 12}] * 9,
    ]


def test_alone_a_request_does_not_wait_for_others():
    gated = Gated()
    gated.may.set()
    assert asyncio.run(Batcher(gated, 64)([3])) == [{"answer": 6}]
    assert gated.batches == [[3]]


def test_one_that_fails_fails_alone():
    found = asyncio.run(_asked(Batcher(Gated(), 8), [1], ["poison"], [2]))
    assert found[0] == [{"answer": 2}]
    assert isinstance(found[1], ValueError)
    assert found[2] == [{"answer": 4}]


def test_who_gives_up_leaves_the_queue():
    async def main():
        gated = Gated()
        batcher = Batcher(gated, 1)
        first, second = asyncio.create_task(batcher([1])), asyncio.create_task(batcher([2]))
        await asyncio.sleep(0.05)
        second.cancel()
        gated.may.set()
        await first
        with pytest.raises(asyncio.CancelledError):
            await second
        return gated.batches

    assert asyncio.run(main()) == [[1]]


def test_what_waits_when_it_is_closed_is_answered():
    gated = Gated()
    batcher = Batcher(gated, 1)
    found = asyncio.run(_asked(batcher, [1], [2], [3], before=batcher.close))
    assert [one[0]["answer"] for one in found] == [2, 4, 6]
