"""The manifest of a bundle. It is read without importing NumPy or a plugin."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError

if TYPE_CHECKING:
    from plexus.codec import JsonObject

FORMAT = 1
MANIFEST = "bundle.json"


def read_manifest(folder: Path) -> "JsonObject":
    """Read the manifest of a bundle; its other files are not read.

    Args:
        folder: The folder.

    Returns:
        The content of `bundle.json`.

    Raises:
        InputError: If it is not a bundle, or its format is newer.
    """
    file = folder / MANIFEST
    if not file.is_file():
        raise InputError(f"{folder} is not a bundle: expected a folder with a {MANIFEST}")
    try:
        manifest = dict(json.loads(file.read_text(encoding="utf-8")))
    except ValueError as error:
        raise InputError(f"{file} is damaged ({error}): get the bundle from its source again") from error
    if manifest.get("format") != FORMAT:
        raise InputError(f"{file} has format {manifest.get('format')}, this Plexus reads {FORMAT}: update Plexus")
    return manifest
