"""Names and order of an ONNX graph that follow from the network alone.

The exporter numbers nodes and free axes with counters of the process and orders them by Python's hashes, so that the
files of two identical trainings differ.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto


def normalize_onnx(model: "ModelProto", outputs: Mapping[str, str]) -> None:
    """Rename and order the nodes, values, constants and free axes of a model.

    What does not reach an output is dropped, and so are descriptions: the exporter's name a function of the process.

    Args:
        model: The model, which is changed.
        outputs: New names of its outputs by their names.
    """
    numbers = count()
    _normalize(model.graph, dict(outputs) | {value.name: value.name for value in model.graph.input}, numbers)
    _name_axes(model.graph, {})
    model.graph.name = "network"
    opsets = sorted(model.opset_import, key=lambda opset: opset.domain)
    del model.opset_import[:]
    model.opset_import.extend(opsets)


def _normalize(graph: "GraphProto", names: dict[str, str], numbers: Iterator[int]) -> None:
    """Normalize a graph, in which `names` has the new names of what is defined outside of it or at its border."""
    nodes, constants = _ordered(graph), {tensor.name: tensor for tensor in graph.initializer}
    used: dict[str, None] = {}
    for node in nodes:
        _name_constants(_needed(node), constants, names, used, numbers)
        for name in filter(None, node.output):
            names.setdefault(name, f"value_{next(numbers)}")
        _rename(node, names, numbers)
    _name_constants((value.name for value in graph.output), constants, names, used, numbers)
    _replace(graph.initializer, [constants[name] for name in used])
    _replace(graph.node, nodes)
    for item in (*graph.initializer, *graph.output):
        item.name = names.get(item.name, item.name)
    graph.doc_string = ""
    del graph.value_info[:]


def _name_axes(graph: "GraphProto", names: dict[str, str]) -> None:
    """Name free axes by the order of their first use; axes of one name, which have one size, get one name."""
    for value in (*graph.input, *graph.output):
        for axis in value.type.tensor_type.shape.dim:
            if axis.dim_param:
                axis.dim_param = names.setdefault(axis.dim_param, f"axis_{len(names)}")
    for node in graph.node:
        for inner in _subgraphs(node):
            _name_axes(inner, names)


def _name_constants(
    needed: Iterable[str],
    constants: "Mapping[str, TensorProto]",
    names: dict[str, str],
    used: dict[str, None],
    numbers: Iterator[int],
) -> None:
    """Name constants by the order of their first use; one that is an output has a name already."""
    for name in needed:
        if name in constants:
            names.setdefault(name, f"constant_{next(numbers)}")
            used.setdefault(name)


def _rename(node: "NodeProto", names: dict[str, str], numbers: Iterator[int]) -> None:
    node.input[:] = [names.get(name, name) for name in node.input]
    node.output[:] = [names.get(name, name) for name in node.output]
    node.name = f"{node.op_type}_{next(numbers)}"
    node.doc_string = ""
    _replace(node.attribute, sorted(node.attribute, key=lambda attribute: attribute.name))
    for graph in _subgraphs(node):
        inner = dict(names)
        for value in graph.input:
            inner[value.name] = value.name = f"value_{next(numbers)}"
        _normalize(graph, inner, numbers)


def _ordered(graph: "GraphProto") -> "list[NodeProto]":
    """Return the nodes that the outputs need: before each node those that it needs, in the order of its inputs."""
    producers = {name: index for index, node in enumerate(graph.node) for name in node.output if name}
    order: list[int] = []
    seen: set[int] = set()
    for output in graph.output:
        stack = [(producers[output.name], False)] if output.name in producers else []
        while stack:
            index, is_complete = stack.pop()
            if is_complete:
                order.append(index)
            elif index not in seen:
                seen.add(index)
                stack.append((index, True))
                needed = [producers[name] for name in _needed(graph.node[index]) if name in producers]
                stack += [(other, False) for other in reversed(needed) if other not in seen]
    return [graph.node[index] for index in order]


def _needed(node: "NodeProto") -> Iterator[str]:
    """Return the names of the values that a node or a graph in it takes from outside."""
    yield from node.input
    for graph in _subgraphs(node):
        inner = {value.name for value in graph.input} | {tensor.name for tensor in graph.initializer}
        inner |= {name for other in graph.node for name in other.output}
        names = [name for other in graph.node for name in _needed(other)] + [value.name for value in graph.output]
        yield from (name for name in names if name not in inner)


def _subgraphs(node: "NodeProto") -> "list[GraphProto]":
    graphs = []
    for attribute in sorted(node.attribute, key=lambda attribute: attribute.name):
        graphs += [attribute.g] if attribute.HasField("g") else []
        graphs += attribute.graphs
    return graphs


def _replace(field: "object", items: list) -> None:  # type: ignore[type-arg]
    """Set the content of a repeated field of protobuf."""
    copies = []
    for item in items:
        copy = type(item)()
        copy.CopyFrom(item)
        copies.append(copy)
    del field[:]  # type: ignore[attr-defined]
    field.extend(copies)  # type: ignore[attr-defined]
