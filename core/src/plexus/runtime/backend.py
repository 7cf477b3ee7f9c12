"""Keras and what it computes with: chosen before it is imported."""

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from plexus.errors import InputError

BACKENDS = ("tensorflow", "jax", "torch")
_VERSIONED = ("keras", *BACKENDS, "numpy", "onnxruntime", "plexus-suite")


def chosen_backend(wanted: str | None) -> str:
    """The backend that a training takes: what is wanted, else what `KERAS_BACKEND` says, else TensorFlow.

    Raises:
        InputError: it is not installed, or Keras runs on another one already.
    """
    name = wanted or os.environ.get("KERAS_BACKEND", "tensorflow")
    if name not in BACKENDS:
        raise InputError(f"KERAS_BACKEND is {name!r}: tensorflow, jax or torch is wanted")
    if find_spec(name) is None:
        raise InputError(f"--backend {name} needs {name}: pip install 'plexus-suite[{name}]'")
    if "keras" in sys.modules and (taken := sys.modules["keras"].backend.backend()) != name:
        raise InputError(f"--backend {name}: this process computes with {taken} already; take another process")
    return name


def import_keras(backend: str | None = None) -> None:
    """Import Keras on that backend, else on what `KERAS_BACKEND` says, else on TensorFlow."""
    os.environ["KERAS_BACKEND"] = backend or os.environ.get("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with muted():
        import keras  # noqa: F401


@contextmanager
def muted() -> Iterator[None]:
    """Without what TensorFlow's C++ says on file descriptor 2 while it is imported, and as it looks for GPUs, whatever
    its log level; Python's exceptions are not muted."""
    sys.stderr.flush()
    spoken, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(spoken, 2)
        os.close(spoken)
        os.close(nowhere)


def versions(backend: str | None = None) -> dict[str, str]:
    """The versions that a training's figures depend on; those of the other backends are left out."""
    found = {"python": platform.python_version()}
    for name in _VERSIONED:
        if backend and name in BACKENDS and name != backend:
            continue
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
