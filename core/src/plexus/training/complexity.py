"""Parameters, floating-point operations and memory of a network."""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import keras
from keras.src.backend import compute_output_spec

from plexus.utils.formatting import short

BYTES_PER_FLOAT = 4


@dataclass(frozen=True)
class Complexity:
    """The cost of a network.

    Args:
        parameters: Number of weights of all kinds.
        flops: Floating-point operations of a forward pass of one example as long as those of the first training batch;
            a multiplication and an addition count as two. Activations and normalization, some percent, do not count.
        memory: Approximate bytes in training: weights, gradients, variables of the optimizer, and the outputs of all
            layers for a batch, which the backward pass needs.

    Example:
        ```python
        print(complexity(network, learner.optimizer, batch_size=64).flops)
        ```
    """

    parameters: int
    flops: float
    memory: int

    def __str__(self) -> str:
        return (
            f"{self.parameters:,} parameters, {short(self.flops)}FLOPs per forward pass, "
            f"about {short(self.memory)}B in training"
        )


def complexity(
    network: keras.Model,
    optimizer: keras.optimizers.Optimizer | None,
    batch_size: int,
    shapes: Mapping[str, tuple[int | None, ...]] = MappingProxyType({}),
) -> Complexity:
    """Compute the cost of a network.

    Args:
        network: The network.
        optimizer: The optimizer, whose variables take memory; None if there is none.
        batch_size: Examples per step.
        shapes: Shapes of a batch of the inputs by name, for axes whose length is free; by default that length is 1.

    Returns:
        The cost.
    """
    inputs = {t.name: _one_example(t, shapes.get(t.name, shapes.get("", ()))) for t in network.inputs}
    calls = _trace_calls(network, inputs)
    parameters = network.count_params()
    optimizer_size = sum(math.prod(v.shape) for v in optimizer.variables) if optimizer else 0
    activations = sum(math.prod(tensor.shape) for tensor in inputs.values())
    activations += sum(math.prod(call.output) for call in calls if not list(call.layer._layers))
    memory = BYTES_PER_FLOAT * (2 * parameters + optimizer_size + batch_size * activations)
    return Complexity(parameters, sum(map(_flops, calls)), memory)


def _one_example(tensor: keras.KerasTensor, shape: tuple[int | None, ...]) -> keras.KerasTensor:
    """Return a tensor of batch size 1 without free axes."""
    lengths = shape[1:] if len(shape) == len(tensor.shape) else [None] * (len(tensor.shape) - 1)
    sizes = [size or length or 1 for size, length in zip(tensor.shape[1:], lengths, strict=True)]
    return keras.KerasTensor((1, *sizes), tensor.dtype)


@dataclass(frozen=True)
class _Call:
    """A call of a layer.

    Args:
        layer: The layer.
        inputs: Shapes of the inputs.
        output: Shape of the first output.
        counted: Whether it is a part of attention or recurrence, which count as a whole.
    """

    layer: keras.Layer
    inputs: list[tuple[int, ...]]
    output: tuple[int, ...]
    counted: bool


def _trace_calls(network: keras.Model, inputs: dict[str, keras.KerasTensor]) -> list[_Call]:
    """Return the calls of all layers in a symbolic forward pass; a layer that is called twice counts twice."""
    calls: list[_Call] = []
    layers = network._flatten_layers(include_self=False)
    composites = [layer for layer in layers if isinstance(layer, keras.layers.MultiHeadAttention | keras.layers.RNN)]
    parts = {id(part) for layer in composites for part in layer._flatten_layers(include_self=False)}
    for layer in layers:
        object.__setattr__(layer, "call", _recording_call(layer, id(layer) in parts, calls))
    try:
        compute_output_spec(lambda tensors: network(tensors, training=False), inputs)
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")
    return calls


def _recording_call(layer: keras.Layer, counted: bool, calls: list[_Call]) -> Callable[..., object]:
    call = layer.call

    @functools.wraps(call)
    def record(*arguments: object, **keywords: object) -> object:
        outputs: object = call(*arguments, **keywords)
        tensors = [t for t in keras.tree.flatten((arguments, keywords)) if hasattr(t, "shape")]
        calls.append(_Call(layer, list(map(_shape, tensors)), _shape(keras.tree.flatten(outputs)[0]), counted))
        return outputs

    return record


def _shape(tensor: keras.KerasTensor) -> tuple[int, ...]:
    return tuple(size or 1 for size in tensor.shape)


def _flops(call: _Call) -> float:
    layer = call.layer
    if call.counted or isinstance(layer, keras.layers.Embedding):
        return 0.0
    if isinstance(layer, keras.layers.MultiHeadAttention):
        return _attention_flops(call)
    if isinstance(layer, keras.layers.RNN):
        return 2.0 * math.prod(call.inputs[0][:2]) * sum(map(_multipliers, layer.weights))
    if hasattr(layer, "flops_per_row"):  # of several networks at once the rows are not the first axis
        return float(call.output[-2:][0] * layer.flops_per_row)
    weights = [*layer._trainable_variables, *layer._non_trainable_variables]
    return 2.0 * math.prod(call.output[:-1]) * sum(map(_multipliers, weights))


def _attention_flops(call: _Call) -> float:
    """Count the projections, and the products of queries with keys and of attention weights with values."""
    layer, (queries, values) = call.layer, (shape[:-1] for shape in call.inputs[:2])
    pairs = math.prod(queries) * values[-1]
    projections = math.prod(queries) * sum(map(_multipliers, layer.weights))
    return float(2 * (projections + pairs * layer.num_heads * (layer.key_dim + layer.value_dim)))


def _multipliers(variable: keras.Variable) -> int:
    """Return the number of weights that multiply; biases and scales do not count."""
    return math.prod(variable.shape) if len(variable.shape) > 1 and variable.name != "bias" else 0
