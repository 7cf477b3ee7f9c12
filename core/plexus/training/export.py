"""Networks for other runtimes."""

import contextlib
import functools
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
from keras import ops

from plexus.errors import InputError

FORMATS = ("onnx", "saved_model", "litert", "keras")


def export_onnx(network: keras.Model, file: Path) -> None:
    """Write the network as ONNX, its inputs and outputs named as in Keras, the first axis free."""
    with _quiet():
        if keras.backend.backend() == "tensorflow":
            _teach_erfc()
        # Keras exports only what has been called: a run that was cut off after its last epoch has not.
        network({t.name: ops.zeros([size or 1 for size in t.shape], t.dtype) for t in network.inputs})
        network.export(file, format="onnx", verbose=False)
    _name_outputs(file, sorted(network.output))


@functools.cache
def _teach_erfc() -> None:
    """Tell tf2onnx what TensorFlow's `Erfc` is, which every exact GELU has: 1 - erf."""
    import numpy as np
    from tf2onnx.handler import tf_op

    @tf_op("Erfc")
    class Erfc:
        @classmethod
        def version_9(cls, graph: Any, node: Any, **_: Any) -> None:
            one = graph.make_const(f"{node.name}_one", np.ones((), np.float32)).output[0]
            name, output = node.name, node.output[0]
            dtype, shape = graph.get_dtype(output), graph.get_shape(output)
            graph.remove_node(name)
            erf = graph.make_node("Erf", node.input, name=f"{name}_erf").output[0]
            graph.make_node("Sub", [one, erf], name=name, outputs=[output], dtypes=[dtype], shapes=[shape])


def export(keras_file: Path, format: str, to: Path) -> None:
    """Write a saved network in one of `FORMATS`.

    Raises:
        InputError: the runtime's converter is not installed.
    """
    network = keras.saving.load_model(keras_file, compile=False)
    if format == "litert":
        try:
            import ai_edge_litert  # noqa: F401
        except ModuleNotFoundError as error:
            raise InputError("--format litert needs ai-edge-litert: pip install 'plexus-suite[litert]'") from error
    names = {"saved_model": "tf_saved_model", "litert": "litert"}
    with _quiet():
        if format == "onnx":
            export_onnx(network, to)
        else:
            network.export(to, format=names[format], verbose=False)


def _name_outputs(file: Path, names: list[str]) -> None:
    """Keras lets the exporter number the outputs: give them the names of the network's, sorted."""
    import onnx

    model = onnx.load(file)
    renamed = {output.name: name for output, name in zip(model.graph.output, names, strict=True)}
    for node in model.graph.node:
        node.output[:] = [renamed.get(name, name) for name in node.output]
        node.input[:] = [renamed.get(name, name) for name in node.input]
    for output in model.graph.output:
        output.name = renamed[output.name]
    onnx.save(model, file)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporters print, and warn of what Keras itself does: keep both from the user."""
    logger = logging.getLogger("tf2onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
