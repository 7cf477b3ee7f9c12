"""Layers for tables."""

import keras
import numpy as np
import pytest

from plexus.nets.tabular import (
    MAX_DEVIATION,
    BatchEnsembleDense,
    PerHeadDense,
    PiecewiseLinearEncoding,
    Standardization,
    ensemble_features,
)


def test_half_of_the_bins_are_quantiles_of_the_focus():
    x = np.random.default_rng(0).normal(size=(1000, 2)).astype(np.float32)
    layer = PiecewiseLinearEncoding(columns=2, bins=8, size=3)
    assert layer(x).shape == (1000, 6)
    layer.fit(x)
    edges = keras.ops.convert_to_numpy(layer.edges)
    np.testing.assert_allclose(edges[0], np.quantile(x[:, 0], np.linspace(0, 1, 9)[:-1]), rtol=1e-5)
    focus = x[:, 0] > 1
    layer.fit(x, focus)
    edges = keras.ops.convert_to_numpy(layer.edges)
    assert (edges[0, :7] >= 1).sum() >= 4
    assert edges[0, 7] > 1e29, "a bin that the column does not have is never reached"


def test_encoding_is_linear_within_a_bin_and_constant_outside():
    x = np.linspace(0, 1, 11, dtype=np.float32)[:, None]
    layer = PiecewiseLinearEncoding(columns=1, bins=4, size=1)
    layer(x)
    layer.fit(x)
    layer.kernel.assign(np.ones((1, 4, 1)))
    layer.bias.assign(np.zeros((1, 1)))
    values = np.array([[-5.0], [0.0], [0.125], [0.25], [1.0], [9.0]], np.float32)
    encoded = keras.ops.convert_to_numpy(layer(values))[:, 0]
    np.testing.assert_allclose(encoded, [0, 0, 0.5, 1, 4, 4], atol=1e-6)


def test_standardization_clips_extreme_values():
    x = np.random.default_rng(0).normal(3, 2, size=(1000, 2)).astype(np.float32)
    layer = Standardization()
    layer(x)
    layer.fit(x)
    standardized = keras.ops.convert_to_numpy(layer(x))
    np.testing.assert_allclose(standardized.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(standardized.std(axis=0), 1, atol=1e-5)
    assert keras.ops.convert_to_numpy(layer(np.full((1, 2), 1e9, np.float32))).max() == MAX_DEVIATION


def test_heads_share_the_kernel_only():
    x = np.random.default_rng(0).normal(size=(5, 3, 4)).astype(np.float32)
    layer = BatchEnsembleDense(heads=3, units=2)
    layer(x)
    bias, scale = np.arange(6.0).reshape(3, 2), np.arange(12.0).reshape(3, 4)
    layer.bias.assign(bias)
    layer.input_scale.assign(scale)
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    outputs = keras.ops.convert_to_numpy(layer(x))
    for head in range(3):
        np.testing.assert_allclose(outputs[:, head], (x[:, head] * scale[head]) @ kernel + bias[head], rtol=1e-5)


@pytest.mark.slow
def test_networks_of_these_layers_can_be_saved_and_loaded(tmp_path):
    x = keras.Input((4,), name="x")
    features = PiecewiseLinearEncoding(4, bins=8, size=2)(x)
    logits = PerHeadDense()(ensemble_features(Standardization()(features), heads=3, width=8, depth=2, dropout=0.1))
    network = keras.Model({"x": x}, {"logits": logits})
    network.save(tmp_path / "network.keras")
    values = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(loaded({"x": values})["logits"], network({"x": values})["logits"])
    assert network.output["logits"].shape == (None, 3)
