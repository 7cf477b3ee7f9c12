"""The Keras backend, which has to be set before Keras is imported."""

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from plexus.errors import InputError

EXTRAS = {"tensorflow": "train", "jax": "jax", "torch": "torch"}
"""Backends, and the extra of plexus-core that installs each."""
_RECORDED = ("keras", *EXTRAS, "numpy", "onnxruntime", "plexus-core")


def resolve_backend(name: str | None) -> str:
    """Return the backend of a training.

    Args:
        name: Name of a backend; None for the one that `KERAS_BACKEND` names, else TensorFlow.

    Returns:
        `tensorflow`, `jax` or `torch`.

    Raises:
        InputError: If it is unknown or not installed, or if this process has imported Keras with another one.
    """
    backend = name or os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend not in EXTRAS:
        raise InputError(f"KERAS_BACKEND must be tensorflow, jax or torch, not {backend!r}")
    if missing := sorted({extra for name, extra in _required(backend) if find_spec(name) is None}):
        raise InputError(f"--backend {backend} is not installed: pip install 'plexus-core[{','.join(missing)}]'")
    if "keras" in sys.modules and (current := sys.modules["keras"].backend.backend()) != backend:
        raise InputError(f"--backend {backend}: this process uses {current} already; start another process")
    return backend


def _required(backend: str) -> list[tuple[str, str]]:
    """Return the packages that a backend needs, and their extras."""
    return [("keras", "train"), (backend, EXTRAS[backend])]


def import_keras(backend: str | None = None) -> None:
    """Import Keras.

    Args:
        backend: The backend; None for the one that `KERAS_BACKEND` names, else TensorFlow.
    """
    os.environ["KERAS_BACKEND"] = backend or os.environ.get("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with stderr_silenced():
        import keras  # noqa: F401


@contextmanager
def stderr_silenced() -> Iterator[None]:
    """Discard what is written to file descriptor 2 within the block; Python exceptions are not affected.

    TensorFlow's C++ code writes to it while it is imported and while it looks for GPUs, whatever its log level.

    Yields:
        Nothing.
    """
    sys.stderr.flush()
    stderr, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(null)


def versions(backend: str | None = None) -> dict[str, str]:
    """Return the versions of the libraries that the result of a training depends on.

    Args:
        backend: The backend of the training, to leave out the others; None for all.

    Returns:
        Versions by distribution, and that of Python; distributions that are not installed are left out.
    """
    result = {"python": platform.python_version()}
    for name in _RECORDED:
        if backend and name in EXTRAS and name != backend:
            continue
        try:
            result[name] = version(name)
        except PackageNotFoundError:
            continue
    return result
