"""Export of networks to Keras, ONNX, SavedModel and LiteRT files.

`export_onnx` runs this module as a program: `python -m plexus.training.export network.keras network.onnx PACKAGE`.
"""

import contextlib
import functools
import importlib.util
import io
import json
import logging
import os
import shutil
import subprocess
import sys
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import keras
from keras import ops
from keras.src.utils import module_utils

from plexus.codec import JsonObject
from plexus.errors import InputError
from plexus.inference.bundle_format import REMEDY
from plexus.training.compilation import synchronize_normalization
from plexus.training.onnx_order import normalize_onnx
from plexus.utils.boundary import describe, reason_of
from plexus.utils.checked_json import parse_json

if TYPE_CHECKING:
    from tf2onnx.graph import Graph, Node

FORMATS = ("onnx", "saved_model", "litert", "keras")
KERAS_PACKAGES = {"keras", "keras_hub", "builtins"}
"""Packages in which Keras itself looks for the classes and functions that a saved network names."""
KERAS_PARTS = {"metadata.json", "config.json", "model.weights.h5"}
MAX_CONFIG_BYTES, MAX_WEIGHTS_BYTES = 1 << 26, 1 << 33
UNDATED = "1980-01-01@00:00:00"
COPY_BYTES = 1 << 20
MAX_REASON = 300
"""Characters of Keras's reason in an error message."""


def save_keras(network: keras.Model, file: Path) -> None:
    """Write a network as `.keras`, without an optimizer and with float32 as its precision.

    The file has no date, so that two trainings with the same weights write the same bytes.

    Args:
        network: The network.
        file: The file.
    """
    copy = keras.Model(network.input, network.output, name=network.name)
    for layer in copy._flatten_layers():
        layer.dtype_policy = "float32"
    synchronize_normalization(copy, False)
    with _without_tensorflow_import():
        copy.save(file)
    _remove_dates(file)


def export_onnx(keras_file: Path, file: Path, package: str) -> None:
    """Write a saved network as ONNX with the names of its inputs and outputs, the first axis free.

    TensorFlow's exporter is the only one that supports all networks: JAX's cannot divide two free axes. On another
    backend it runs in a process of its own.

    Args:
        keras_file: The saved network.
        file: The ONNX file to write.
        package: Package of the plugin, whose layers the network may have.

    Raises:
        RuntimeError: If the network cannot be exported.
    """
    if keras.backend.backend() == "tensorflow":
        _export_onnx(keras_file, file, package)
        return
    environment = {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "plexus.training.export", str(keras_file), str(file), package]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"the network cannot be exported to ONNX: {done.stderr}")


def export(keras_file: Path, format: str, to: Path, package: str) -> None:
    """Write a saved network as SavedModel or LiteRT.

    Args:
        keras_file: The saved network.
        format: `saved_model` or `litert`.
        to: The folder or file to write.
        package: Package of the plugin, whose layers the network may have.

    Raises:
        InputError: If the converter is not installed, or the network names a module that is neither of Keras, of
            Plexus nor of the plugin.
    """
    if format == "litert" and importlib.util.find_spec("ai_edge_litert") is None:
        raise InputError("--format litert needs ai-edge-litert: pip install 'plexus-core[litert]'")
    names = {"saved_model": "tf_saved_model", "litert": "litert"}
    network = load_network(keras_file, package)
    try:
        with _silenced():
            network.export(to, format=names[format], verbose=False)
    except (ImportError, MemoryError, OSError):
        raise
    except Exception as error:  # the converters raise errors of any kind on untrusted networks
        raise InputError(f"{keras_file} cannot be exported as {format}: {describe(error)[:MAX_REASON]}") from error


def load_network(keras_file: Path, package: str) -> keras.Model:
    """Load a saved network whose layers are those of Keras, of Plexus and of the plugin.

    The file may come from anyone. Of the modules that it names, only those of Plexus and of the plugin that register
    classes with Keras are imported, so that nothing else runs; Keras looks in its own packages only.

    Args:
        keras_file: The saved network.
        package: Package of the plugin.

    Returns:
        The network, not compiled.

    Raises:
        InputError: If it names another module, or Keras cannot read it.
    """
    modules = set(_class_modules(_read_config(keras_file)))
    for module in sorted(modules):
        root = module.partition(".")[0]
        if root in {"plexus", package} and _registers_classes(module):
            importlib.import_module(module)
        elif root not in KERAS_PACKAGES:
            raise InputError(
                f"{keras_file}: expected layers of Keras, of Plexus and of {package}, found the module {module!r}: "
                "get the bundle from its source again"
            )
    try:
        return keras.saving.load_model(keras_file, compile=False, safe_mode=True)
    except (InputError, ImportError, MemoryError):
        raise
    except Exception as error:  # Keras raises errors of any kind on untrusted files
        raise InputError(f"{keras_file} cannot be read by Keras ({reason_of(error)}); {REMEDY}") from error


def _remove_dates(keras_file: Path) -> None:
    """Write a saved network again with the earliest date of a ZIP file: Keras notes the time, and has no option."""
    undated = keras_file.with_name(f"{keras_file.stem}.undated{keras_file.suffix}")
    with zipfile.ZipFile(keras_file) as dated, zipfile.ZipFile(undated, "w") as archive:
        for name in dated.namelist():
            part = zipfile.ZipInfo(name)
            part.compress_type = dated.getinfo(name).compress_type
            if name == "metadata.json":
                metadata = parse_json(dated.read(name), f"{keras_file}: {name}", REMEDY)
                archive.writestr(part, json.dumps({**metadata, "date_saved": UNDATED}))
                continue
            part.file_size = dated.getinfo(name).file_size  # of 2 GiB and more, ZIP64 is used
            with dated.open(name) as source, archive.open(part, "w") as copy:
                shutil.copyfileobj(source, copy, COPY_BYTES)
    undated.replace(keras_file)


def _read_config(keras_file: Path) -> JsonObject:
    """Return the configuration of a saved network, whose parts have limited sizes when they are unpacked."""
    try:
        with zipfile.ZipFile(keras_file) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
            if sizes.keys() != KERAS_PARTS:
                raise InputError(f"{keras_file}: expected {', '.join(sorted(KERAS_PARTS))}, found {len(sizes)} parts")
            if sizes["config.json"] > MAX_CONFIG_BYTES or sum(sizes.values()) > MAX_WEIGHTS_BYTES:
                raise InputError(f"{keras_file} has {sum(sizes.values()):,} bytes when unpacked, more than is allowed")
            config = archive.read("config.json")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InputError(f"{keras_file} is not a saved network ({error}); {REMEDY}") from error
    return parse_json(config, f"{keras_file}: config.json", REMEDY)


@contextlib.contextmanager
def _without_tensorflow_import() -> Iterator[None]:
    """On other backends, keep Keras from importing TensorFlow, for five seconds, to check what it saves."""
    available = module_utils.tensorflow._available
    if keras.backend.backend() != "tensorflow":
        module_utils.tensorflow._available = False
    try:
        yield
    finally:
        module_utils.tensorflow._available = available


def _class_modules(config: object) -> Iterator[str]:
    """Return all modules that the configuration of a saved network names for its classes."""
    if isinstance(config, dict):
        if "class_name" in config and isinstance(config.get("module"), str):
            yield config["module"]
        config = list(config.values())
    if isinstance(config, list):
        for part in config:
            yield from _class_modules(part)


def _registers_classes(module: str) -> bool:
    """Return whether a module registers classes with Keras, from its source: it has not been imported yet."""
    parts = module.split(".")
    if not all(part.isidentifier() and not part.startswith("_") for part in parts):
        return False
    # `find_spec` imports the packages that contain the module: check first that they are packages.
    for end in range(1, len(parts)):
        spec = importlib.util.find_spec(".".join(parts[:end]))
        if spec is None or spec.submodule_search_locations is None:
            return False
    spec = importlib.util.find_spec(module)
    source = getattr(spec and spec.loader, "get_source", lambda name: None)(module)  # noqa: ARG005
    return source is not None and "register_keras_serializable" in source


def _export_onnx(keras_file: Path, file: Path, package: str) -> None:
    network = load_network(keras_file, package)
    with _silenced():
        _register_erfc()
        # Keras exports only models that have been called.
        network({t.name: ops.zeros([size or 1 for size in t.shape], t.dtype) for t in network.inputs})
        network.export(file, format="onnx", verbose=False)
    _normalize(file, sorted(network.output))


@functools.cache
def _register_erfc() -> None:
    """Register TensorFlow's `Erfc`, 1 - erf, with tf2onnx: every exact GELU has it."""
    import numpy as np
    from tf2onnx.handler import tf_op

    @tf_op("Erfc")
    class Erfc:
        @classmethod
        def version_9(cls, graph: "Graph", node: "Node", **_: object) -> None:
            unit = graph.make_const(f"{node.name}_one", np.ones((), np.float32)).output[0]
            name, output = node.name, node.output[0]
            dtype, shape = graph.get_dtype(output), graph.get_shape(output)
            graph.remove_node(name)
            erf = graph.make_node("Erf", node.input, name=f"{name}_erf").output[0]
            graph.make_node("Sub", [unit, erf], name=name, outputs=[output], dtypes=[dtype], shapes=[shape])


def _normalize(file: Path, names: list[str]) -> None:
    """Rename the parts of an exported network, and sort them, by the structure of the network alone.

    The exporter numbers outputs in the order of their sorted names: they get these names back.
    """
    import onnx

    model = onnx.load(file)
    normalize_onnx(model, {output.name: name for output, name in zip(model.graph.output, names, strict=True)})
    onnx.save(model, file)


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """Discard what the exporters print and their warnings, which are about Keras itself."""
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
