"""Initial weights of a training: those of another bundle, layer by layer."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np

from plexus.errors import InputError
from plexus.options import Options
from plexus.tasks.abilities import StartsFromBundles
from plexus.training.initial_bundle import InitialBundle
from plexus.training.variables import assign, values
from plexus.utils.option_names import flag_of

if TYPE_CHECKING:
    from plexus.codec import Codec

MIN_SHARE = 0.5
"""Share of the layers before the output that have to fit: less is another architecture, in which some sizes agree by
chance."""


@dataclass(frozen=True)
class CopiedLayers:
    """How many layers have weights of a bundle.

    Args:
        copied: Layers that do.
        layers: Layers with weights.
        new_output: Why the output layers are new; empty if they are copied, too.

    Example:
        ```python
        CopiedLayers(12, 13, "other labels").describe("vision.classify/mnist")
        ```
    """

    copied: int
    layers: int
    new_output: str

    def describe(self, name: str) -> str:
        """Return one line about the layers.

        Args:
            name: Name of the bundle.

        Returns:
            The line.
        """
        line = f"initial weights of {name}: {self.copied} of {self.layers} layers"
        return f"{line}; the output layer is new: {self.new_output}" if self.new_output else line


def copy_initial_weights(
    initial: InitialBundle, networks: Mapping[str, keras.Model], codec: "Codec", options: Options
) -> CopiedLayers:
    """Assign the weights of a bundle to the layers of networks that have the same place and shapes.

    The layers with weights before the output have to be of the same kinds in the same order; those whose shapes are the
    same get the weights. The output layers get them if the task says that the outputs mean the same.

    Args:
        initial: The bundle.
        networks: The networks to train, by name. A network that the bundle does not have gets the weights of the
            bundle's `network`.
        codec: The codec of the training.
        options: The resolved options of the training.

    Returns:
        The numbers of layers.

    Raises:
        InputError: If the bundle's network has another architecture; the line says what differs.
    """
    reason = _reason_for_new_output(initial, codec)
    copied = count = 0
    for name, network in networks.items():
        with _random_state_preserved():
            source = initial.load_network(name)
        done = _copy_body(initial, source, network, options)
        outputs = output_layers(network)
        if not reason:
            done_outputs = _copy_fitting(output_layers(source), outputs)
            reason = "" if done_outputs == len(outputs) else "another shape"
            done += done_outputs
        copied, count = copied + done, count + len(weighted_layers(network))
    return CopiedLayers(copied, count, reason)


def weighted_layers(network: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers that have weights of their own, also those within other layers.

    Args:
        network: The network.

    Returns:
        The layers in the order of the network.
    """
    return [layer for layer in network._flatten_layers(include_self=False) if _own_weights(layer)]


def output_layers(network: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers with weights from which no other layer with weights is on the way to an output.

    A layer on the way to one output that is an output of its own, such as the features before the logits, is left out.

    Args:
        network: A functional network.

    Returns:
        The layers in the order of the outputs: the dense layer before the logits, say.
    """
    last = _last_layers(network.outputs)
    nodes = _nodes(network)
    before = {id(layer) for output in last for layer in _layers_before(output, nodes)}
    return [layer for layer in last if id(layer) not in before]


def _last_layers(tensors: Sequence[keras.KerasTensor]) -> list[keras.layers.Layer]:
    """Return the layers with weights from which no other one is on the way to the tensors."""
    by_id: dict[int, keras.layers.Layer] = {}
    tensors, seen = list(tensors), set()
    while tensors:
        tensor = tensors.pop(0)
        operation, node, _ = tensor._keras_history
        if (id(operation), node) in seen:
            continue
        seen.add((id(operation), node))
        if getattr(operation, "variables", None):
            by_id[id(operation)] = operation
        elif operation._inbound_nodes:
            tensors += operation._inbound_nodes[node].input_tensors
    return list(by_id.values())


def _nodes(network: keras.Model) -> set[int]:
    """Return the ids of the nodes from the inputs of a network to its outputs."""
    tensors, nodes = list(network.outputs), set()
    while tensors:
        operation, place, _ = tensors.pop()._keras_history
        node = operation._inbound_nodes[place]
        if id(node) not in nodes:
            nodes.add(id(node))
            tensors += node.input_tensors
    return nodes


def _layers_before(layer: keras.layers.Layer, nodes: set[int]) -> list[keras.layers.Layer]:
    """Return all layers with weights that the inputs of a layer depend on, in the network with the nodes of these ids.

    A layer has nodes of other networks, too: those of the learner that trains the network, or that share it.
    """
    by_id: dict[int, keras.layers.Layer] = {}
    layers = [layer]
    while layers:
        inbound = [node for node in layers.pop()._inbound_nodes if id(node) in nodes]
        inputs = [tensor for node in inbound for tensor in node.input_tensors]
        others = [other for other in _last_layers(inputs) if id(other) not in by_id]
        by_id |= {id(other): other for other in others}
        layers += others
    return list(by_id.values())


def _reason_for_new_output(initial: InitialBundle, codec: "Codec") -> str:
    if initial.is_pretrained:
        return f"{initial.bundle.manifest['task']} has none"
    task = initial.bundle.task
    is_same = isinstance(task, StartsFromBundles) and task.has_same_outputs(codec, initial.bundle.codec)
    return "" if is_same else "other labels"


def _copy_body(initial: InitialBundle, source: keras.Model, network: keras.Model, options: Options) -> int:
    """Copy the layers before the output; return how many fit."""
    body = _without(weighted_layers(network), output_layers(network))
    source_body = weighted_layers(source)
    if not initial.is_pretrained:
        source_body = _without(source_body, output_layers(source))
    same_kinds = [type(layer) for layer in body] == [type(layer) for layer in source_body]
    fitting = sum(map(_fits, source_body, body)) if same_kinds else 0
    if not fitting or fitting < MIN_SHARE * len(body):
        differences = _differences(initial, source, network, options)
        raise InputError(
            f"--from {initial.name}: its network is another one, {fitting} of {len(body)} layers fit ({differences}): "
            "train with the same options, or start from another bundle"
        )
    return _copy_fitting(source_body, body)


def _copy_fitting(source: Sequence[keras.layers.Layer], target: Sequence[keras.layers.Layer]) -> int:
    """Copy the layers whose kind and shapes are the same; return how many."""
    if [type(layer) for layer in source] != [type(layer) for layer in target]:
        return 0
    pairs = [pair for pair in zip(source, target, strict=True) if _fits(*pair)]
    for old, new in pairs:
        assign(_own_weights(new), values(_own_weights(old)))
    return len(pairs)


def _fits(source: keras.layers.Layer, target: keras.layers.Layer) -> bool:
    old, new = ([tuple(variable.shape) for variable in _own_weights(layer)] for layer in (source, target))
    return old == new


def _own_weights(layer: keras.layers.Layer) -> list[keras.Variable]:
    """Return the weights of a layer without those of layers within it, and without the states of seed generators."""
    return [*layer._trainable_variables, *layer._non_trainable_variables]


def _without(layers: list[keras.layers.Layer], others: list[keras.layers.Layer]) -> list[keras.layers.Layer]:
    left_out = {id(each) for other in others for each in other._flatten_layers()}
    return [layer for layer in layers if id(layer) not in left_out]


def _differences(initial: InitialBundle, source: keras.Model, network: keras.Model, options: Options) -> str:
    """Return the options of the task and the inputs that differ: one of them is the reason."""
    recorded = initial.bundle.manifest["options"]
    names = [name for name in type(options).model_fields if name in recorded and name not in Options.model_fields]
    parts = [
        f"{flag_of(name)} is {recorded[name]} there and {getattr(options, name)} here"
        for name in names
        if recorded[name] != getattr(options, name) and name not in type(options).data_options
    ]
    for there, here in zip(source.inputs, network.inputs, strict=False):
        if there.shape != here.shape:
            sizes = (" x ".join(map(str, tensor.shape[1:])) for tensor in (there, here))
            parts.append("the input {} is {} there and {} here".format(here.name, *sizes))
    return ", ".join(parts) or "its layers are others"


@contextmanager
def _random_state_preserved() -> Iterator[None]:
    """Restore the global generators, from which the layers of a loaded network draw seeds.

    The training continues as if no network had been loaded, as a resumed one does.
    """
    state, numpy_state = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)
