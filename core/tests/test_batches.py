"""The data of an epoch: all of it, once, in an order that can be repeated."""

import numpy as np
import pytest

from plexus import Batches
from plexus.data.generated_batches import as_keras_input


@pytest.fixture
def rows():
    """Rows of one to sixty numbers, filled up with 0, and their lengths; each is of its own number."""
    lengths = np.random.default_rng(0).integers(1, 61, 1000)
    return np.where(np.arange(60) < lengths[:, None], np.arange(1, 1001)[:, None], 0), lengths


def bucketed_batches(rows, epoch=0):
    x, lengths = rows
    return Batches.bucketed({"x": x}, np.arange(1, 1001), lengths, 32, seed=1, epoch=epoch)


def taken(batches):
    """As TensorFlow is given them."""
    return [(x["x"].numpy(), y.numpy()) for x, y in as_keras_input(batches.x)]


def test_all_rows_once_and_little_filling(rows):
    batches = bucketed_batches(rows)
    assert (len(batches), batches.total) == (31, 992)
    seen, numbers, filling = [], 0, 0
    for x, y in taken(batches):
        assert (x[:, 0] == y).all()
        assert x.shape[1] in {16, 32, 48, 60}
        np.testing.assert_array_equal(x, rows[0][y - 1][:, : x.shape[1]])
        assert not rows[0][y - 1][:, x.shape[1] :].any()
        seen += y.tolist()
        numbers, filling = numbers + x.size, filling + (x == 0).sum()
    assert len(seen) == len(set(seen)) == 992
    assert filling / numbers < 0.25


def test_the_order_is_of_the_seed_and_the_epoch(rows):
    first, again, other = ([y.tolist() for _, y in taken(bucketed_batches(rows, epoch))] for epoch in (0, 0, 1))
    assert first == again != other


def test_an_epoch_is_entered_in_its_middle(rows):
    whole = bucketed_batches(rows)
    rest = whole.skip(10)
    assert len(rest) == len(taken(rest)) == 21
    for (x, y), (other, expected) in zip(taken(rest), taken(whole)[10:], strict=True):
        np.testing.assert_array_equal(y, expected)
        np.testing.assert_array_equal(x, other)


def test_the_first_batch_has_a_shape(rows):
    """Of whatever kind the batches are."""
    import tensorflow as tf

    (first, _), *_ = taken(bucketed_batches(rows))
    assert bucketed_batches(rows).shapes() == {"x": first.shape}
    assert Batches.shuffled({"x": np.zeros((9, 3))}, np.zeros(9), 4, 0, 0).shapes() == {"x": (8, 3)}
    assert Batches.shuffled(np.zeros((9, 3)), np.zeros(9), 4, 0, 0).shapes() == {"": (8, 3)}
    streams = tf.data.Dataset.from_tensor_slices(({"x": np.zeros((9, 3))}, np.zeros(9))).batch(4)
    assert Batches(streams, steps=3, rows=4).shapes() == {"x": (None, 3)}


def test_fewer_rows_than_a_batch_are_one_batch(rows):
    x, lengths = rows[0][:5], rows[1][:5]
    assert len(Batches.bucketed({"x": x}, np.arange(5), lengths, 32, seed=0, epoch=0)) == 1
    assert len(Batches.shuffled(x, np.arange(5), 32, seed=0, epoch=0)) == 1
