"""Networks for other runtimes."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import keras

from plexus.errors import InputError

FORMATS = ("onnx", "saved_model", "litert", "keras")


def export_onnx(network: keras.Model, file: Path) -> None:
    """Write the network as ONNX, its inputs and outputs named as in Keras, the first axis free."""
    with _quiet():
        network.export(file, format="onnx", verbose=False)
    _name_outputs(file, network.output_names)


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
    """Keras lets the exporter number the outputs: give them the network's names."""
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
