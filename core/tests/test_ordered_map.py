"""A function of several items at the same time, in order."""

import threading
import time

import pytest

from plexus.utils.ordered_map import ordered_map


def test_results_are_in_the_order_of_the_items():
    def slow_first(item):
        time.sleep(0.05 if item == 0 else 0)
        return item * item

    assert list(ordered_map(slow_first, range(7), 3)) == [0, 1, 4, 9, 16, 25, 36]
    assert list(ordered_map(slow_first, [], 2)) == []


def test_two_items_are_computed_at_the_same_time():
    barrier = threading.Barrier(2, timeout=10)
    assert list(ordered_map(lambda _: barrier.wait() >= 0, range(4), 2)) == [True] * 4


def test_few_items_are_taken_ahead():
    taken = []

    def items():
        for item in range(10):
            taken.append(item)
            yield item

    results = ordered_map(str, items(), 2)
    assert next(results) == "0"
    assert taken == [0, 1, 2]
    results.close()
    assert taken == [0, 1, 2]


def test_an_error_ends_the_work():
    begun = []

    def fail(item):
        begun.append(item)
        if item == 1:
            raise ValueError("no")
        return item

    with pytest.raises(ValueError, match="no"):
        list(ordered_map(fail, range(100), 2))
    assert len(begun) < 6
