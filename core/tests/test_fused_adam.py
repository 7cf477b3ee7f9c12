"""The step of Adam on TensorFlow."""

import keras
import numpy as np
import pytest

from plexus.options import Options
from plexus.training.fused_adam import FusedAdam
from plexus.training.optimizers import Muon, make_optimizer

RATE, DECAY, CLIP, STEPS = 0.01, 0.1, 1.0, 12


class KerasMuon(keras.optimizers.Muon):
    """`Muon` with Keras's own step of Adam."""

    _should_use_adamw = Muon._should_use_adamw
    _muon_update_step = Muon._muon_update_step


def small_network() -> keras.Model:
    keras.utils.set_random_seed(0)
    words = keras.Input((3,), dtype="int32")
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(10, 8)(words))
    x = keras.layers.Dense(8, activation="tanh", name="hidden")(x)
    return keras.Model(words, keras.layers.Dense(2, name="logits")(x))


def fitted_weights(network: keras.Model, optimizer: keras.optimizers.Optimizer) -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    x, y = generator.integers(0, 10, (STEPS * 4, 3)), generator.normal(size=(STEPS * 4, 2))
    network.compile(optimizer, loss="mse", jit_compile=False)
    network.fit(x, y, batch_size=4, shuffle=False, verbose=0)
    return network.get_weights()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["adamw", "adam", "muon"])
def test_the_fused_step_is_that_of_keras(name):
    options = Options.parse({"data": "none", "optimizer": name, "learning_rate": RATE, "schedule": "cosine"})
    options = options.model_copy(update={"weight_decay": 0.0 if name == "adam" else DECAY, "clip_norm": CLIP})
    network = small_network()
    fused = make_optimizer(options, network, STEPS, ["logits"])
    assert isinstance(fused, FusedAdam)
    weights = fitted_weights(network, fused)

    network = small_network()
    common = {"learning_rate": fused._learning_rate, "weight_decay": DECAY, "global_clipnorm": CLIP}
    keras_optimizer = {
        "adamw": lambda: keras.optimizers.AdamW(**common),
        "adam": lambda: keras.optimizers.Adam(**common | {"weight_decay": None}),
        "muon": lambda: KerasMuon(**common, adam_weight_decay=None, exclude_layers=["logits"]),
    }[name]()
    keras_optimizer.exclude_from_weight_decay(var_list=[v for v in network.trainable_variables if len(v.shape) < 2])
    for weight, expected in zip(weights, fitted_weights(network, keras_optimizer), strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-4, atol=1e-6)


def test_the_fused_step_decays_kernels_even_without_a_gradient():
    network = small_network()
    values = {"learning_rate": RATE, "schedule": "constant", "warmup": 0.0, "weight_decay": DECAY}
    options = Options.parse({"data": "none", **values})
    optimizer = make_optimizer(options, network, STEPS)
    before = network.get_weights()
    optimizer.apply([keras.ops.zeros(v.shape) for v in network.trainable_variables])
    for weight, initial in zip(network.get_weights(), before, strict=True):
        expected = initial * (1 - RATE * DECAY) if initial.ndim > 1 else initial
        np.testing.assert_allclose(weight, expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(64, 256), (256, 64)])
@pytest.mark.parametrize("scale", [1e-6, 1e3])
def test_muon_orthogonalizes_in_the_precision_of_the_training(shape, scale):
    matrix = scale * np.random.default_rng(0).normal(size=shape).astype(np.float32)
    muon, results = Muon(0.01), {}
    for precision in ("float32", "mixed_bfloat16", "mixed_float16"):
        keras.mixed_precision.set_global_policy(precision)
        try:
            result = muon.zeropower_via_newtonschulz5(keras.ops.convert_to_tensor(matrix), 5)
        finally:
            keras.mixed_precision.set_global_policy("float32")
        assert keras.backend.standardize_dtype(result.dtype) == "float32"
        results[precision] = keras.ops.convert_to_numpy(result)
    exact, rounded = results["float32"], results["mixed_bfloat16"]
    np.testing.assert_array_equal(results["mixed_float16"], exact)
    assert not np.array_equal(rounded, exact)
    assert np.array_equal(
        rounded, keras.ops.convert_to_numpy(keras.ops.cast(keras.ops.cast(rounded, "bfloat16"), "float32"))
    )
    assert (rounded * exact).sum() / np.linalg.norm(rounded) / np.linalg.norm(exact) > 0.99
    singular = np.linalg.svd(rounded, compute_uv=False)
    assert singular.min() > 0.5
    assert singular.max() < 1.4
