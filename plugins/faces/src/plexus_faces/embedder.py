"""The network from aligned faces to embeddings, with its initial weights."""

from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import InputError
from plexus.training.export import load_network
from plexus_faces import dlib_network
from plexus_faces.options import RecognizeOptions

if TYPE_CHECKING:
    import keras

TASK = "faces.recognize"
RADIUS = 2.0
"""Radius of the sphere that dlib's embeddings are mapped onto; their lengths are 1.4 +- 0.05 on `orl_faces`."""


def build_embedder(options: RecognizeOptions, package: str) -> "keras.Model":
    """Build the network.

    Args:
        options: The resolved options.
        package: Package of the plugin, whose layers a bundle's network may have.

    Returns:
        From `face`, bytes of shape `(n, 150, 150, 3)`, to `embedding` of shape `(n, d)`. That of dlib is not trainable
        without epochs.

    Raises:
        InputError: If the initial weights cannot be read.
    """
    if options.weights == "none":
        from plexus_faces.network import build_network

        return build_network(options)
    if options.weights == "dlib":
        network = _on_sphere(dlib_network.build_embedder())
        network.trainable = bool(options.epochs)
        return network
    return _read_bundle(options.weights, package)


def _on_sphere(network: "keras.Model") -> "keras.Model":
    """Add a dimension that gives all embeddings of dlib the same length.

    dlib's network was trained with the Euclidean distance d. Of its embeddings on the sphere, the cosine similarity is
    1 - d² / (2 RADIUS²), less what their lengths differ by.
    """
    import keras
    from keras import ops

    embedding = network.output["embedding"]
    squares = ops.sum(ops.square(embedding), axis=1, keepdims=True)
    last = ops.sqrt(ops.maximum(RADIUS**2 - squares, 1e-6))
    sphere = ops.concatenate([embedding, last], axis=1) / RADIUS
    return keras.Model(network.input, {"embedding": sphere}, name=network.name)


def _read_bundle(name: str, package: str) -> "keras.Model":
    bundle = plexus.load(name)
    if bundle.task.id != TASK:
        raise InputError(f"--weights {name}: expected a bundle of {TASK}, found one of {bundle.task.id}")
    file = Path(bundle.folder) / "network.keras"
    if not file.exists():
        raise InputError(f"--weights {name}: its network was not trained: pass --weights dlib --epochs N to train it")
    return load_network(file, package)
