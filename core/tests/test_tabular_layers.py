"""Layers of networks for tables: where they do not train, they compute the same functions in other ways."""

import keras
import numpy as np
import pytest

from plexus.nets.parametric_activation import ParametricActivation
from plexus.nets.periodic_embedding import MAX_ANGLE, RATE, PeriodicEmbedding

HEADS, COLUMNS, BOUND = 2, 5, 3.0


def embedding_with(frequencies):
    """A layer with a bound whose weights are random; the frequencies are in cycles per unit."""
    layer = PeriodicEmbedding(HEADS, COLUMNS, bound=BOUND)
    layer.build((None, COLUMNS))
    layer.frequency.assign(np.resize(frequencies, layer.frequency.shape) / RATE)
    return layer


def cosines(layer, x):
    """The formula of the paper in float64, shape (heads, n, columns * 4)."""
    count = layer.frequencies
    frequency, phase = (
        RATE * keras.ops.convert_to_numpy(weight).astype(np.float64).reshape(HEADS, 1, COLUMNS, count)
        for weight in (layer.frequency, layer.phase)
    )
    weight = RATE * keras.ops.convert_to_numpy(layer.weight).astype(np.float64).reshape(HEADS, COLUMNS, count, 3)
    bias = RATE * keras.ops.convert_to_numpy(layer.bias).astype(np.float64).reshape(HEADS, 1, COLUMNS, 3)
    waves = np.cos(2 * np.pi * frequency * x[None, :, :, None] + phase)
    embedded = np.einsum("hncf,hcfs->hncs", waves, weight) + bias
    columns = np.broadcast_to(x, (HEADS, *x.shape))
    return np.concatenate([columns, embedded.reshape(HEADS, len(x), -1)], axis=2)


@pytest.mark.parametrize("largest", [0.1, 0.4, MAX_ANGLE / (2 * np.pi * BOUND)])
def test_polynomials_equal_cosines(largest):
    generator = np.random.default_rng(0)
    layer = embedding_with(generator.uniform(-largest, largest, 977))
    x = generator.uniform(-BOUND, BOUND, (300, COLUMNS)).astype(np.float32)
    x[:3] = [[-BOUND] * COLUMNS, [0] * COLUMNS, [BOUND] * COLUMNS]
    np.testing.assert_allclose(layer(x, training=True), cosines(layer, x), atol=1e-5)
    np.testing.assert_allclose(layer(x), cosines(layer, x), atol=1e-5)


def test_a_layer_without_a_bound_computes_cosines_of_any_number():
    layer = PeriodicEmbedding(HEADS, COLUMNS)
    x = np.random.default_rng(0).normal(0, 20, (50, COLUMNS)).astype(np.float32)
    np.testing.assert_array_equal(layer(x), layer(x, training=True))
    np.testing.assert_allclose(layer(x), cosines(layer, x), atol=1e-4)


def test_training_limits_the_frequencies():
    layer = embedding_with([0.2])
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build([layer.frequency])
    optimizer.apply([keras.ops.full(layer.frequency.shape, -1e3)])
    frequencies = RATE * keras.ops.convert_to_numpy(layer.frequency)
    np.testing.assert_allclose(2 * np.pi * BOUND * frequencies, MAX_ANGLE, rtol=1e-6)


def test_a_saved_layer_has_the_bound():
    layer = embedding_with([0.3])
    assert PeriodicEmbedding.from_config(layer.get_config()).bound == BOUND


@pytest.mark.parametrize("name", ["selu", "mish", "relu"])
def test_activations_are_those_of_keras(name):
    x = np.concatenate([np.linspace(-100, 100, 401), np.linspace(-3, 3, 99), [0.0, 19.9, 20.1, 88.0, 1e4, -1e4]])
    layer = ParametricActivation(name)
    layer.build((1, None, 1))
    layer.strength.assign(np.array([0.7 / RATE]))
    expected = {
        "selu": lambda: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))),
        "mish": lambda: x * np.tanh(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))),
        "relu": lambda: np.maximum(x, 0),
    }[name]()
    mixed = 0.3 * x + 0.7 * expected
    for training in (False, True):
        outputs = layer(x.astype(np.float32)[None, :, None], training=training)
        np.testing.assert_allclose(keras.ops.convert_to_numpy(outputs)[0, :, 0], mixed, rtol=1e-5, atol=1e-6)
