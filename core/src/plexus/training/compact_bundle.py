"""Bundles of half the size or less, to copy and to serve."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.bundle import Bundle, onnx_file
from plexus.errors import InputError
from plexus.inference.bundle_format import MODEL_CARD
from plexus.inference.half_weights import PREFIX
from plexus.inference.manifest import write_manifest
from plexus.inference.onnx import OnnxPredictor
from plexus.report.model_card import full_card
from plexus.utils.files import new_folder

if TYPE_CHECKING:
    from onnx import GraphProto, TensorProto

MIN_WEIGHTS = 1024
"""Constants of fewer numbers stay as they are: they are not what makes a file large."""


def write_compact_bundle(bundle: Bundle, folder: Path) -> None:
    """Write a bundle with float16 weights and without Keras files, and with metrics of its own.

    The networks compute in float32, with weights that were rounded to 11 significant bits. The metrics are computed
    again with them, on the data that the bundle records.

    Args:
        bundle: The bundle.
        folder: The folder to write.

    Raises:
        InputError: If the folder exists, or the data of the bundle cannot be used here.
    """
    task = bundle.task
    options, dataset = bundle.load_dataset()
    if dataset.fingerprint != bundle.manifest["data"]["fingerprint"]:
        raise InputError(f"{options.data} is not the data that {bundle.folder} was trained on: its metrics need that")
    with new_folder(folder) as partial, bundle.reading_numbers():
        for network in bundle.networks:
            halve_weights(bundle.folder / onnx_file(network), partial / onnx_file(network))
        predictor = OnnxPredictor({network: partial / onnx_file(network) for network in bundle.networks})
        metrics = task.evaluate(predictor, dataset, bundle.codec, "test")
        manifest = {name: value for name, value in bundle.manifest.items() if name not in {"format", "files"}}
        manifest |= {"weights": "float16", "scores": {name: metrics[name] for name in bundle.metrics}}
        card = full_card(manifest, task, predictor, dataset, bundle.codec)
        (partial / MODEL_CARD).write_text(card, encoding="utf-8")
        write_manifest(partial, manifest)


def halve_weights(source: Path, target: Path) -> None:
    """Write an ONNX network with its weights as float16, each cast to float32 where it is used.

    Args:
        source: The network.
        target: The file to write.
    """
    import onnx

    model = onnx.load(source)
    _halve(model.graph)
    onnx.save(model, target)


def _halve(graph: "GraphProto") -> None:
    from onnx import TensorProto, helper

    weights = [tensor for tensor in graph.initializer if _is_large(tensor)]
    names = [tensor.name for tensor in weights]
    casts = [helper.make_node("Cast", [PREFIX + name], [name], f"Cast_{name}", to=TensorProto.FLOAT) for name in names]
    for tensor in weights:
        _round(tensor)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])


def _is_large(tensor: "TensorProto") -> bool:
    """Return whether a constant is a weight of float32 with many numbers, all of which float16 can hold."""
    from onnx import TensorProto, numpy_helper

    if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < MIN_WEIGHTS:
        return False
    return bool(np.abs(numpy_helper.to_array(tensor)).max() < np.finfo(np.float16).max)


def _round(tensor: "TensorProto") -> None:
    from onnx import numpy_helper

    values = numpy_helper.to_array(tensor).astype(np.float16)
    tensor.CopyFrom(numpy_helper.from_array(values, PREFIX + tensor.name))
