"""The files of a bundle: their names and limits."""

from collections.abc import Sequence
from typing import Literal

FORMAT = 2
MANIFEST = "bundle.json"
MODEL_CARD = "README.md"
REMEDY = "get the bundle from its source again"
NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.+!-]{0,127}\Z"
"""Names of tasks and plugins, and versions: error messages say what to install."""
MAX_MANIFEST_BYTES = 1 << 28
MAX_FILE_BYTES = {".md": 1 << 20, ".onnx": 1 << 31, ".keras": 1 << 33}
"""Largest size of each kind of file; ONNX itself ends at 2 GiB."""
Weights = Literal["float16", "int8"]
"""How weights are rounded."""
ROUNDED_FORMATS: dict[str, Weights] = {"compact": "float16", "int8": "int8"}
"""Formats of `plexus export` that write a bundle without Keras files, and how it stores its weights."""


def bundle_files(networks: Sequence[str]) -> tuple[set[str], set[str]]:
    """Return the files of a bundle, apart from its manifest.

    Args:
        networks: Names of its networks.

    Returns:
        Names of the files that every bundle has, and of those that it may have: the Keras files, since a network
        without trainable weights has none.
    """
    return {MODEL_CARD, *(f"{name}.onnx" for name in networks)}, {f"{name}.keras" for name in networks}
