"""Prediction with Keras networks during a training."""

import math
from collections.abc import Callable, Mapping

import keras
import numpy as np

from plexus.codec import Arrays
from plexus.inference.predictor import NETWORK

MIN_ROWS, MAX_NUMBERS = 256, 2**18
"""Rows computed at once: at least so many, and as many as hold so many numbers."""


class KerasPredictor:
    """A `Predictor` that computes with Keras networks, with their weights at the time of each call.

    A call of `Model.predict` takes 50 ms before it computes anything; this takes half a millisecond on TensorFlow and a
    tenth on JAX. Outputs are float32 where the network computes in lower precision.

    Args:
        networks: A Keras network, or several by name.

    Example:
        ```python
        predictor = KerasPredictor(network)
        predictor({"observation": observations})["action"]
        ```
    """

    def __init__(self, networks: keras.Model | Mapping[str, keras.Model]) -> None:
        self._networks = dict(networks) if isinstance(networks, Mapping) else {NETWORK: networks}
        make = {"tensorflow": _tensorflow_function, "jax": _jax_function}.get(keras.backend.backend(), _eager_function)
        self._functions = {name: make(network) for name, network in self._networks.items()}
        self._types = {
            name: {tensor.name: tensor.dtype for tensor in network.inputs} for name, network in self._networks.items()
        }

    def __call__(self, inputs: Arrays, network: str = NETWORK) -> Arrays:
        """Compute the outputs of a network.

        Args:
            inputs: The network's inputs by name.
            network: Name of the network.

        Returns:
            The network's outputs by name.
        """
        types = self._types[network]
        arrays = {name: np.asarray(inputs[name]).astype(dtype, copy=False) for name, dtype in types.items()}
        first = next(iter(arrays.values()))
        rows, batch = len(first), max(MIN_ROWS, MAX_NUMBERS // math.prod(first.shape[1:]))
        parts = [
            self._functions[network]({name: values[start : start + batch] for name, values in arrays.items()})
            for start in range(0, max(rows, 1), batch)
        ]
        return {name: _concatenated([part[name] for part in parts]) for name in parts[0]}


def _concatenated(parts: list[object]) -> np.ndarray:
    arrays = [np.asarray(part) for part in parts]
    whole = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
    return whole if whole.dtype.kind in "iub" else whole.astype(np.float32, copy=False)


def _tensorflow_function(network: keras.Model) -> Callable[[Arrays], Mapping[str, object]]:
    import tensorflow as tf

    signature = {tensor.name: tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype) for tensor in network.inputs}
    function: Callable[[Arrays], Mapping[str, object]] = tf.function(
        lambda inputs: network(inputs, training=False), input_signature=[signature]
    )
    return function


def _jax_function(network: keras.Model) -> Callable[[Arrays], Mapping[str, object]]:
    import jax

    compiled = jax.jit(
        lambda trainable, other, inputs: network.stateless_call(trainable, other, inputs, training=False)[0]
    )

    def compute(inputs: Arrays) -> Mapping[str, object]:
        # Of replicated weights the first device's copy: prediction takes one device.
        trainable, other = (
            [variable.value.addressable_data(0) for variable in variables]
            for variables in (network.trainable_variables, network.non_trainable_variables)
        )
        outputs: Mapping[str, object] = compiled(trainable, other, inputs)
        return outputs

    return compute


def _eager_function(network: keras.Model) -> Callable[[Arrays], Mapping[str, object]]:
    def compute(inputs: Arrays) -> Mapping[str, object]:
        outputs = network(inputs, training=False)
        return {name: keras.ops.convert_to_numpy(values) for name, values in outputs.items()}

    return compute
