"""Networks for other runtimes.

Run as a program, `python -m plexus.training.export network.keras network.onnx`, it is what `export_onnx` starts.
"""

import contextlib
import functools
import importlib.util
import io
import json
import logging
import os
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
from keras import ops
from keras.src.utils import module_utils

from plexus.errors import InputError
from plexus.training.compilation import synchronize_normalization

FORMATS = ("onnx", "saved_model", "litert", "keras")
KERAS_PACKAGES = {"keras", "keras_hub", "builtins"}
"""Where Keras itself looks for the classes and functions that a saved network names."""


def save_keras(network: keras.Model, file: Path) -> None:
    """Write the network as `.keras`: without the training's optimizer, computing in float32 whatever trained it."""
    alone = keras.Model(network.input, network.output, name=network.name)
    for layer in alone._flatten_layers():
        layer.dtype_policy = "float32"
    synchronize_normalization(alone, False)
    with _tensorflow_left_alone():
        alone.save(file)


@contextlib.contextmanager
def _tensorflow_left_alone() -> Iterator[None]:
    """Of all that it saves Keras asks whether it is TensorFlow's: on another backend it would be imported for that, for
    five seconds."""
    installed = module_utils.tensorflow._available
    if keras.backend.backend() != "tensorflow":
        module_utils.tensorflow._available = False
    try:
        yield
    finally:
        module_utils.tensorflow._available = installed


def export_onnx(keras_file: Path, file: Path, package: str) -> None:
    """Write a saved network as ONNX, its inputs and outputs named as in Keras, the first axis free.

    TensorFlow's exporter is the only one that takes all networks here (JAX's cannot divide two free axes): on another
    backend it runs in a process of its own, whatever trained the network.

    Args:
        package: of the plugin, whose layers the network may have.

    Raises:
        RuntimeError: the network cannot be exported.
    """
    if keras.backend.backend() == "tensorflow":
        _export_onnx(keras_file, file, package)
        return
    environment = {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "plexus.training.export", str(keras_file), str(file), package]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"the network cannot be exported to ONNX: {done.stderr}")


def load_network(keras_file: Path, package: str) -> keras.Model:
    """A saved network; of its layers those are found that Keras has, the core, and the plugin's package.

    The file may come from anyone. Of the modules that it names only those of the core and of the plugin are imported
    that register classes with Keras, so that nothing else runs; Keras itself looks in its own packages alone.

    Raises:
        InputError: it names another module.
    """
    with zipfile.ZipFile(keras_file) as saved:
        modules = set(_modules(json.loads(saved.read("config.json"))))
    for module in sorted(modules):
        root = module.partition(".")[0]
        if root in {"plexus", package} and _registers(module):
            importlib.import_module(module)
        elif root not in KERAS_PACKAGES:
            raise InputError(
                f"{keras_file}: layers of Keras, of Plexus and of {package} are expected, found the module {module!r}: "
                "take the bundle from its source again"
            )
    return keras.saving.load_model(keras_file, compile=False, safe_mode=True)


def _modules(config: Any) -> Iterator[str]:
    """All modules that a saved network's configuration names for its classes."""
    if isinstance(config, dict):
        if "class_name" in config and isinstance(config.get("module"), str):
            yield config["module"]
        config = list(config.values())
    if isinstance(config, list):
        for part in config:
            yield from _modules(part)


def _registers(module: str) -> bool:
    """Whether a module registers classes with Keras, as its source says: it has not been imported yet."""
    parts = module.split(".")
    if not all(part.isidentifier() and not part.startswith("_") for part in parts):
        return False
    # Looking for a module imports the packages that it is in: they must be packages, and no more.
    for end in range(1, len(parts)):
        spec = importlib.util.find_spec(".".join(parts[:end]))
        if spec is None or spec.submodule_search_locations is None:
            return False
    spec = importlib.util.find_spec(module)
    source = getattr(spec and spec.loader, "get_source", lambda name: None)(module)  # noqa: ARG005
    return source is not None and "register_keras_serializable" in source


def _export_onnx(keras_file: Path, file: Path, package: str) -> None:
    network = load_network(keras_file, package)
    with _quiet():
        _teach_erfc()
        # Keras exports only what has been called.
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


def export(keras_file: Path, format: str, to: Path, package: str) -> None:
    """Write a saved network in one of `FORMATS`; arguments as of `export_onnx`.

    Raises:
        InputError: the runtime's converter is not installed.
    """
    if format == "litert":
        try:
            import ai_edge_litert  # noqa: F401
        except ModuleNotFoundError as error:
            raise InputError("--format litert needs ai-edge-litert: pip install 'plexus-suite[litert]'") from error
    names = {"saved_model": "tf_saved_model", "litert": "litert"}
    network = load_network(keras_file, package)
    with _quiet():
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


if __name__ == "__main__":
    _export_onnx(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
