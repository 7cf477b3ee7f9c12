"""What a network costs, before it is trained."""

import math
from dataclasses import dataclass

import keras

from plexus.units import short

FLOAT = 4
"""Bytes."""


@dataclass(frozen=True)
class Complexity:
    """A network's cost.

    Args:
        parameters: weights of all kinds.
        flops: floating-point operations of one forward pass of one example, a multiplication and an addition being
            two, as is custom; activations and normalization, some percent, are left out.
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


def complexity(network: keras.Model, optimizer: keras.optimizers.Optimizer | None, batch_size: int) -> Complexity:
    """What a network costs to train and to ask; of an axis whose length is free, one place is counted."""
    parameters = network.count_params()
    state = sum(math.prod(v.shape) for v in optimizer.variables) if optimizer else 0
    given = sum(_size(layer) for layer in network._flatten_layers(include_self=False))
    memory = FLOAT * (2 * parameters + state + batch_size * given)
    return Complexity(parameters, _flops(network, 1), memory)


def _flops(layer: keras.Layer, places: int) -> float:
    """Of a layer and those in it; `places`: how often the weights of a layer outside of the graph are used."""
    places = _places(layer) or places
    if isinstance(layer, keras.layers.Embedding):
        return 0.0  # rows are looked up
    own = [*layer._trainable_variables, *layer._non_trainable_variables]
    kernels = [w for w in own if len(w.shape) > 1 and w.name != "bias"]  # attention's biases have two axes
    total = 2.0 * places * sum(math.prod(w.shape) for w in kernels)
    if isinstance(layer, keras.layers.MultiHeadAttention):
        total += _attention(layer, places)
    return float(total + sum(_flops(inner, places) for inner in layer._layers))


def _places(layer: keras.Layer) -> int:
    """How often each weight is used for one example; 0: not known, the layer is not in the graph."""
    try:
        inputs, outputs = layer.input, layer.output
    except (AttributeError, ValueError):
        return 0
    if isinstance(layer, keras.Model):
        return 0
    if isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional):
        return int(inputs.shape[1] or 1)
    return math.prod(size or 1 for size in keras.tree.flatten(outputs)[0].shape[1:-1])


def _attention(layer: keras.layers.MultiHeadAttention, places: int) -> float:
    """The products of queries with keys, and of weights with values, which have no weights of their own.

    Within another layer nobody knows what it is given: itself, as in an encoder.
    """
    try:
        queries, values = (tensor.shape[1] or 1 for tensor in keras.tree.flatten(layer.input)[:2])
    except (AttributeError, ValueError):
        queries = values = places
    return float(2 * queries * values * layer.num_heads * (layer.key_dim + layer.value_dim))


def _size(layer: keras.Layer) -> int:
    """Numbers that a layer of the graph gives for an example."""
    try:
        tensors = keras.tree.flatten(layer.output)
    except (AttributeError, ValueError):
        return 0
    return sum(math.prod(size or 1 for size in tensor.shape[1:]) for tensor in tensors)
