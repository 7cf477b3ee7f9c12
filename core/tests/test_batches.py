"""Batches of an epoch: every row once, in a reproducible order."""

import numpy as np
import pytest

from plexus import Batches
from plexus.training.keras_input import as_keras_input


@pytest.fixture
def rows():
    """Rows of 1 to 60 equal numbers, unique per row and padded with 0, and the lengths of the rows."""
    lengths = np.random.default_rng(0).integers(1, 61, 1000)
    return np.where(np.arange(60) < lengths[:, None], np.arange(1, 1001)[:, None], 0), lengths


def bucketed_batches(rows, epoch=0):
    x, lengths = rows
    return Batches.bucketed({"x": x}, np.arange(1, 1001), lengths, 32, seed=1, epoch=epoch)


def as_arrays(batches):
    """Return the batches as TensorFlow gets them."""
    return [(x["x"].numpy(), y.numpy()) for x, y in as_keras_input(batches).x]


def test_bucketed_batches_hold_all_rows_once_with_little_padding(rows):
    batches = bucketed_batches(rows)
    assert (len(batches), batches.total) == (31, 992)
    values, size, padding = [], 0, 0
    for x, y in as_arrays(batches):
        assert (x[:, 0] == y).all()
        assert x.shape[1] in {16, 32, 48, 60}
        np.testing.assert_array_equal(x, rows[0][y - 1][:, : x.shape[1]])
        assert not rows[0][y - 1][:, x.shape[1] :].any()
        values += y.tolist()
        size, padding = size + x.size, padding + (x == 0).sum()
    assert len(values) == len(set(values)) == 992
    assert padding / size < 0.25


def test_order_depends_on_seed_and_epoch(rows):
    first, again, other = ([y.tolist() for _, y in as_arrays(bucketed_batches(rows, epoch))] for epoch in (0, 0, 1))
    assert first == again != other


def test_skip_starts_within_an_epoch(rows):
    whole = bucketed_batches(rows)
    rest = whole.skip(10)
    assert len(rest) == len(as_arrays(rest)) == 21
    for (x, y), (other, expected) in zip(as_arrays(rest), as_arrays(whole)[10:], strict=True):
        np.testing.assert_array_equal(y, expected)
        np.testing.assert_array_equal(x, other)


def test_shapes_of_all_kinds_of_batches(rows):
    import tensorflow as tf

    (first, _), *_ = as_arrays(bucketed_batches(rows))
    assert bucketed_batches(rows).shapes() == {"x": first.shape}
    assert Batches.shuffled({"x": np.zeros((9, 3))}, np.zeros(9), 4, 0, 0).shapes() == {"x": (8, 3)}
    assert Batches.shuffled(np.zeros((9, 3)), np.zeros(9), 4, 0, 0).shapes() == {"": (8, 3)}
    streams = tf.data.Dataset.from_tensor_slices(({"x": np.zeros((9, 3))}, np.zeros(9))).batch(4)
    assert Batches(streams, steps=3, rows=4).shapes() == {"x": (None, 3)}


def test_fewer_rows_than_a_batch_make_one_batch(rows):
    x, lengths = rows[0][:5], rows[1][:5]
    assert len(Batches.bucketed({"x": x}, np.arange(5), lengths, 32, seed=0, epoch=0)) == 1
    assert len(Batches.shuffled(x, np.arange(5), 32, seed=0, epoch=0)) == 1


def test_passes_of_an_epoch_are_the_epochs_of_one_pass():
    x, y = {"x": np.arange(22.0)[:, None]}, np.arange(22)
    epochs = [Batches.shuffled(x, y, 4, seed=3, epoch=epoch) for epoch in range(3, 6)]
    passes = Batches.shuffled(x, y, 4, seed=3, epoch=1, passes=3)
    np.testing.assert_array_equal(passes.y, np.concatenate([epoch.y for epoch in epochs]))
    np.testing.assert_array_equal(passes.x["x"][:, 0], passes.y)
    assert (len(passes), passes.total) == (15, 60)


def test_keras_gets_the_whole_batches_of_arrays_in_their_order():
    x, y = np.arange(22, dtype="float64").reshape(11, 2), np.arange(11)
    epoch = as_keras_input(Batches({"x": x}, y, batch_size=4))
    assert (len(epoch), epoch.rows_per_step, epoch.total) == (2, 4, 8)
    steps = [(inputs["x"].numpy(), targets.numpy()) for inputs, targets in epoch.x]
    np.testing.assert_array_equal(np.concatenate([inputs for inputs, _ in steps]), x[:8])
    np.testing.assert_array_equal(np.concatenate([targets for _, targets in steps]), y[:8])
    assert {(inputs.shape, str(inputs.dtype)) for inputs, _ in steps} == {((4, 2), "float32")}
