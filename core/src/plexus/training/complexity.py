"""What a network costs, before it is trained."""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import keras
from keras.src.backend import compute_output_spec

from plexus.utils.formatting import short

FLOAT = 4
"""Bytes."""


@dataclass(frozen=True)
class Complexity:
    """A network's cost.

    Args:
        parameters: weights of all kinds.
        flops: floating-point operations of one forward pass of one example, as long as those of the training's first
            batch, a multiplication and an addition being two, as is custom; activations and normalization, some
            percent, are left out.
        memory: bytes in training, about: weights, gradients, the optimizer's variables, and what each layer gives for
            each example of a batch, kept for the backward pass.
    """

    parameters: int
    flops: float
    memory: int

    def __str__(self) -> str:
        return (
            f"{self.parameters:,} parameters, {short(self.flops)}FLOPs a forward pass, "
            f"about {short(self.memory)}B in training"
        )


def complexity(
    network: keras.Model,
    optimizer: keras.optimizers.Optimizer | None,
    batch_size: int,
    shapes: Mapping[str, tuple[int | None, ...]] = MappingProxyType({}),
) -> Complexity:
    """What a network costs to train and to ask.

    Args:
        shapes: of a batch of its inputs, by name: an axis whose length is free, of time say, is as long as there; one
            that is not told has one place.
    """
    inputs = {t.name: _settled(t, shapes.get(t.name, shapes.get("", ()))) for t in network.inputs}
    calls = _calls(network, inputs)
    parameters = network.count_params()
    state = sum(math.prod(v.shape) for v in optimizer.variables) if optimizer else 0
    given = sum(math.prod(tensor.shape) for tensor in inputs.values())
    given += sum(math.prod(call.output) for call in calls if not list(call.layer._layers))
    memory = FLOAT * (2 * parameters + state + batch_size * given)
    return Complexity(parameters, sum(map(_flops, calls)), memory)


def _settled(tensor: keras.KerasTensor, shape: tuple[int | None, ...]) -> keras.KerasTensor:
    """One example of it, with no free axis left."""
    told = shape[1:] if len(shape) == len(tensor.shape) else [None] * (len(tensor.shape) - 1)
    sizes = [own or length or 1 for own, length in zip(tensor.shape[1:], told, strict=True)]
    return keras.KerasTensor((1, *sizes), tensor.dtype)


@dataclass(frozen=True)
class _Call:
    """That a layer was called: with inputs of these shapes, for an output of that one.

    Args:
        inside: whether it is a part of attention or recurrence, which are counted as wholes.
    """

    layer: keras.Layer
    inputs: list[tuple[int, ...]]
    output: tuple[int, ...]
    inside: bool


def _calls(network: keras.Model, inputs: dict[str, keras.KerasTensor]) -> list[_Call]:
    """The calls of all layers in a forward pass of one example, traced, not computed: so that a network within the
    network that is asked for several variants of an example is counted for each."""
    calls: list[_Call] = []
    layers = network._flatten_layers(include_self=False)
    wholes = [layer for layer in layers if isinstance(layer, keras.layers.MultiHeadAttention | keras.layers.RNN)]
    parts = {id(part) for layer in wholes for part in layer._flatten_layers(include_self=False)}
    for layer in layers:
        object.__setattr__(layer, "call", _heard(layer, id(layer) in parts, calls))
    try:
        compute_output_spec(lambda given: network(given, training=False), inputs)
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")
    return calls


def _heard(layer: keras.Layer, inside: bool, calls: list[_Call]) -> Callable[..., Any]:
    call = layer.call

    @functools.wraps(call)
    def heard(*given: Any, **named: Any) -> Any:
        outputs = call(*given, **named)
        tensors = [t for t in keras.tree.flatten((given, named)) if hasattr(t, "shape")]
        calls.append(_Call(layer, list(map(_shape, tensors)), _shape(keras.tree.flatten(outputs)[0]), inside))
        return outputs

    return heard


def _shape(tensor: Any) -> tuple[int, ...]:
    return tuple(size or 1 for size in tensor.shape)


def _flops(call: _Call) -> float:
    layer = call.layer
    if call.inside or isinstance(layer, keras.layers.Embedding):
        return 0.0  # counted with the whole; rows are looked up
    if isinstance(layer, keras.layers.MultiHeadAttention):
        return _attention(call)
    if isinstance(layer, keras.layers.RNN):
        return 2.0 * math.prod(call.inputs[0][:2]) * sum(map(_size, layer.weights))
    own = [*layer._trainable_variables, *layer._non_trainable_variables]
    return 2.0 * math.prod(call.output[:-1]) * sum(map(_size, own))


def _attention(call: _Call) -> float:
    """The products with weights, of queries with keys, and of their softmax with values."""
    layer, (queries, values) = call.layer, (shape[:-1] for shape in call.inputs[:2])
    pairs = math.prod(queries) * values[-1]
    weights = math.prod(queries) * sum(map(_size, layer.weights))
    return float(2 * (weights + pairs * layer.num_heads * (layer.key_dim + layer.value_dim)))


def _size(variable: Any) -> int:
    """Weights that multiply: biases and scales add to each place, or have one axis."""
    return math.prod(variable.shape) if len(variable.shape) > 1 and variable.name != "bias" else 0
