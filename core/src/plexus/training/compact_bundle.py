"""Bundles of half or a quarter of the size, to copy and to serve."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.bundle import Bundle, onnx_file
from plexus.errors import InputError
from plexus.inference.bundle_format import MODEL_CARD, Weights
from plexus.inference.manifest import write_manifest
from plexus.inference.narrow_weights import INT8_PREFIXES, PREFIX, SCALE_PREFIX
from plexus.report.model_card import full_card
from plexus.utils.files import new_folder

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto

MIN_WEIGHTS = 1024
"""Constants of fewer numbers stay as they are: they are not what makes a file large."""
MAX_ERROR = 2.0**-10
"""Largest error of a weight as float16, in parts of the largest weight of its tensor."""
LARGEST_INT8 = 127
MIN_CHANNELS, MIN_CHANNEL = 16, 16
"""Scales of a kernel at least, and weights with the same scale: else it is stored as float16."""


def write_compact_bundle(bundle: Bundle, folder: Path, weights: Weights = "float16") -> None:
    """Write a bundle with rounded weights and without Keras files, and with metrics of its own.

    The networks compute in float32 with the rounded weights; the codec stays as it is. The metrics are computed again,
    on the data that the bundle records.

    Args:
        bundle: The bundle.
        folder: The folder to write.
        weights: How weights are stored; with `int8` those of one dimension are float16.

    Raises:
        InputError: If the folder exists, the weights of the bundle are rounded, its data cannot be used here, or a
            metric is undefined with the rounded weights.
    """
    stored = bundle.manifest.get("weights", "float32")
    if stored != "float32":
        raise InputError(f"{bundle.folder} stores its weights as {stored}: export the bundle that it was made of")
    options, dataset = bundle.load_dataset()
    if dataset.fingerprint != bundle.manifest["data"]["fingerprint"]:
        raise InputError(f"{options.data} is not the data that {bundle.folder} was trained on: its metrics need that")
    bundle.predictor.open()  # an error of its files is one line
    with new_folder(folder) as partial:
        rounded = 0
        for network in bundle.networks:
            rounded += round_weights(bundle.folder / onnx_file(network), partial / onnx_file(network), weights)
        manifest = {name: value for name, value in bundle.manifest.items() if name not in {"format", "files"}}
        manifest |= {"weights": weights} if rounded else {}
        compact = Bundle(partial, manifest, bundle.task)
        manifest["scores"] = metrics = compact.evaluate()["scores"]
        undefined = [name for name, value in metrics.items() if not math.isfinite(value)]
        if undefined:
            raise InputError(
                f"{bundle.folder}: with {weights} weights {', '.join(undefined)} is undefined: use the original"
            )
        with compact.reading_numbers():
            card = full_card(manifest, bundle.task, compact.predictor, dataset, bundle.codec)
        (partial / MODEL_CARD).write_text(card, encoding="utf-8")
        write_manifest(partial, manifest)


def round_weights(source: Path, target: Path, weights: Weights = "float16") -> int:
    """Write an ONNX network with rounded weights, each made float32 where it is used, and stored once.

    Args:
        source: The network.
        target: The file to write.
        weights: How they are stored. As `int8` a kernel has a scale for each index of its first or of its last axis,
            whichever has the smaller squared error, so that the largest weight is 127 (symmetric quantization of
            weights alone: Jacob et al. 2018, arXiv:1712.05877, section 3). ONNX Runtime's dynamic quantization also
            rounds activations, which changes more predictions and depends on the processor.

    Returns:
        Number of tensors that were rounded; others are small, or float16 cannot represent their values.
    """
    import onnx

    model = onnx.load(source, load_external_data=False)
    _fold_shapes(model.graph)
    _share_transposed(model.graph)
    rounded = _quantize_kernels(model.graph) if weights == "int8" else 0
    rounded += _round_constants(model.graph)
    onnx.save(model, target)
    return rounded


def _fold_shapes(graph: "GraphProto") -> None:
    """Replace operators that return the shape of a constant by that shape, and leave out constants of no other use."""
    from onnx import numpy_helper

    if any(attribute.HasField("g") or attribute.graphs for node in graph.node for attribute in node.attribute):
        return  # a part of the graph may use any constant
    inputs = {value.name for value in graph.input}
    shapes = {tensor.name: list(tensor.dims) for tensor in graph.initializer if tensor.name not in inputs}
    folded = [node for node in graph.node if node.op_type == "Shape" and not node.attribute and node.input[0] in shapes]
    for node in folded:
        shape = np.array(shapes[node.input[0]], np.int64)
        graph.initializer.append(numpy_helper.from_array(shape, node.output[0]))
        graph.node.remove(node)
    used = {name for node in graph.node for name in node.input} | {value.name for value in graph.output}
    for name in {node.input[0] for node in folded} - used:
        graph.initializer.remove(next(tensor for tensor in graph.initializer if tensor.name == name))


def _share_transposed(graph: "GraphProto") -> None:
    """Replace matrices that are the transpose of another one, as those of tied embeddings, by an operator.

    The one whose rows are looked up stays: ONNX Runtime makes the operator a part of a matrix product only.
    """
    from onnx import TensorProto, helper, numpy_helper

    inputs, looked_up = {value.name for value in graph.input}, {n.input[0] for n in graph.node if n.op_type == "Gather"}
    constants: list[tuple[str, np.ndarray]] = []
    for tensor in sorted(graph.initializer, key=lambda tensor: tensor.name not in looked_up):
        is_matrix = tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 2 and tensor.name not in inputs
        if not is_matrix or np.prod(tensor.dims) < MIN_WEIGHTS:
            continue
        values = numpy_helper.to_array(tensor)
        other = next((name for name, each in constants if np.array_equal(each.T, values)), None)
        if other is None:
            constants.append((tensor.name, values))
            continue
        graph.initializer.remove(tensor)
        graph.node.insert(0, helper.make_node("Transpose", [other], [tensor.name], f"Transpose_{tensor.name}"))


def _quantize_kernels(graph: "GraphProto") -> int:
    inputs = {value.name for value in graph.input}
    kernels = [tensor for tensor in graph.initializer if tensor.name not in inputs and _can_be_quantized(tensor)]
    _prepend(graph, [_quantize(graph, tensor) for tensor in kernels])
    return len(kernels)


def _can_be_quantized(tensor: "TensorProto") -> bool:
    from onnx import TensorProto, numpy_helper

    size = np.prod(tensor.dims)
    if tensor.data_type != TensorProto.FLOAT or size < MIN_WEIGHTS or not _scaled_axes(tensor.dims):
        return False
    return bool(np.isfinite(numpy_helper.to_array(tensor)).all())


def _scaled_axes(shape: Sequence[int]) -> list[int]:
    """Return which of the first and the last axis may be the channel axis, that of the scales."""
    axes = [axis for axis in (0, len(shape) - 1) if shape and shape[axis] >= MIN_CHANNELS]
    return [axis for axis in axes if np.prod(shape) // shape[axis] >= MIN_CHANNEL]


def _quantize(graph: "GraphProto", tensor: "TensorProto") -> "NodeProto":
    """Replace a kernel by integers and their scale, and return the operator that multiplies both."""
    from onnx import helper, numpy_helper

    values, name = numpy_helper.to_array(tensor), tensor.name
    candidates = {axis: _scaled_integers(values, axis) for axis in _scaled_axes(values.shape)}
    errors = {axis: np.square(integers * scale - values).sum() for axis, (integers, scale) in candidates.items()}
    axis = min(errors, key=errors.__getitem__)
    integers, scale = candidates[axis]
    quantized = INT8_PREFIXES[axis > 0] + name
    tensor.CopyFrom(numpy_helper.from_array(integers, quantized))
    graph.initializer.append(numpy_helper.from_array(scale.ravel(), SCALE_PREFIX + quantized))
    inputs = [quantized, SCALE_PREFIX + quantized]
    return helper.make_node("DequantizeLinear", inputs, [name], f"DequantizeLinear_{name}", axis=axis)


def _scaled_integers(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return integers, and the scale of each index of an axis, with all axes."""
    others = tuple(other for other in range(values.ndim) if other != axis)
    scale = np.abs(values).max(axis=others, keepdims=True) / np.float32(LARGEST_INT8)
    scale = np.where(scale > 0, scale, np.float32(1))
    return np.clip(np.round(values / scale), -LARGEST_INT8, LARGEST_INT8).astype(np.int8), scale


def _round_constants(graph: "GraphProto") -> int:
    from onnx import TensorProto, helper

    inputs = {value.name for value in graph.input}
    weights = [tensor for tensor in graph.initializer if tensor.name not in inputs and _can_be_rounded(tensor)]
    names = [tensor.name for tensor in weights]
    casts = [helper.make_node("Cast", [PREFIX + name], [name], f"Cast_{name}", to=TensorProto.FLOAT) for name in names]
    for tensor in weights:
        _round(tensor)
    _prepend(graph, casts)
    return len(weights)


def _prepend(graph: "GraphProto", nodes: "Sequence[NodeProto]") -> None:
    others = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *others])


def _can_be_rounded(tensor: "TensorProto") -> bool:
    """Return whether a constant of float32 has many numbers, and float16 represents all of them well."""
    from onnx import TensorProto, numpy_helper

    is_scale = tensor.name.startswith(SCALE_PREFIX)
    if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < MIN_WEIGHTS or is_scale:
        return False
    values = numpy_helper.to_array(tensor)
    largest = np.abs(values).max()
    if largest > np.finfo(np.float16).max:
        return False
    return bool(np.abs(values - values.astype(np.float16)).max() <= MAX_ERROR * largest)


def _round(tensor: "TensorProto") -> None:
    from onnx import numpy_helper

    values = numpy_helper.to_array(tensor).astype(np.float16)
    tensor.CopyFrom(numpy_helper.from_array(values, PREFIX + tensor.name))
