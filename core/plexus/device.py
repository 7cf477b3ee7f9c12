"""Backend, devices, threads, precision and seeds: set in one place, before Keras is imported."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from plexus.errors import InputError
from plexus.memory import keep_memory

if TYPE_CHECKING:
    from plexus.options import Options

_BACKENDS = ("tensorflow", "jax", "torch")
_VERSIONED = ("keras", *_BACKENDS, "numpy", "onnxruntime", "plexus-suite")


def prepare(options: "Options") -> None:
    """Make everything that follows a function of the options alone.

    Raises:
        InputError: a GPU is asked for and there is none.
    """
    if options.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
        os.environ["JAX_PLATFORMS"] = "cpu"
    keep_memory()
    import_keras()
    import keras

    if keras.backend.backend() == "tensorflow":
        _prepare_tensorflow(options.threads)
    if options.device == "gpu" and "gpu" not in accelerators():
        raise InputError("--device gpu: this machine has no GPU that the backend can use; leave it out or say cpu")
    # TensorFlow orders sums by the names of layers: the second training in a process is to have those of the first.
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(options.seed)
    keras.mixed_precision.set_global_policy(options.precision)


def import_keras() -> None:
    """Import Keras, on TensorFlow unless `KERAS_BACKEND` says otherwise.

    TensorFlow's C++ speaks on file descriptor 2 while it is imported, whatever its log level: it is muted meanwhile.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    spoken, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import keras  # noqa: F401
    finally:
        os.dup2(spoken, 2)
        os.close(spoken)
        os.close(nowhere)


def _prepare_tensorflow(threads: int) -> None:
    import tensorflow as tf

    # Sums in a fixed order: what makes two runs agree to the last digit.
    tf.config.experimental.enable_op_determinism()
    if tf.config.threading.get_intra_op_parallelism_threads() != threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)


def accelerators() -> list[str]:
    """The kinds of device that Keras sees: `cpu`, `gpu`, `tpu`."""
    import keras

    return sorted({name.split(":")[0] for name in keras.distribution.list_devices()} | {"cpu"})


def versions(backend: str | None = None) -> dict[str, str]:
    """The versions that a training's figures depend on; those of the other backends are left out."""
    found = {"python": platform.python_version()}
    for name in _VERSIONED:
        if backend and name in _BACKENDS and name != backend:
            continue
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
