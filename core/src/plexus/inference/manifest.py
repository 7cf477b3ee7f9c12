"""The manifest of a bundle. It is read without importing NumPy or a plugin."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError
from plexus.inference.bundle_format import FORMAT, MANIFEST, MAX_FILE_BYTES, MAX_MANIFEST_BYTES, NAME, REMEDY
from plexus.utils.checked_json import dump_checked_json, has_checksum, parse_checked_json, parse_json
from plexus.utils.files import read_regular, require_regular, sha256

if TYPE_CHECKING:
    from plexus.codec import JsonObject


def read_manifest(folder: Path) -> "JsonObject":
    """Read the manifest of a bundle; its other files are not read.

    Checked are the checksum, the format, and the fields that name the task, its plugin and the metrics; all others are
    checked when the bundle is opened.

    Args:
        folder: The folder.

    Returns:
        The content of `bundle.json`, without its checksum.

    Raises:
        InputError: If it is not a bundle, a byte of the manifest was changed, its format is another one, or one of
            these fields is not valid.
    """
    file = folder / MANIFEST
    if not os.path.lexists(file):
        raise InputError(f"{folder} is not a bundle: expected a folder with a {MANIFEST}")
    document = read_regular(file, MAX_MANIFEST_BYTES)
    if has_checksum(document):
        manifest = parse_checked_json(document, file, REMEDY)
        _check_format(manifest.get("format"), file)
    else:
        _check_format(parse_json(document, file, REMEDY).get("format"), file)
        manifest = parse_checked_json(document, file, REMEDY)
    if not _has_head(manifest):
        from plexus.inference.manifest_schema import check_manifest  # with pydantic, which `plexus list` does not need

        check_manifest(manifest, file)  # it names the field
    return manifest


def write_manifest(folder: Path, manifest: "JsonObject") -> None:
    """Write the manifest of a bundle, with the checksums of all its files and of itself.

    Args:
        folder: The folder, which holds the other files.
        manifest: The content, without `format` and `files`.

    Raises:
        InputError: If the content is not what `read_manifest` accepts.
    """
    from plexus.inference.manifest_schema import check_manifest

    files = {file.name: sha256(file) for file in sorted(folder.iterdir()) if file.name != MANIFEST}
    complete = {"format": FORMAT, **manifest, "files": files}
    check_manifest(complete, folder / MANIFEST)
    (folder / MANIFEST).write_bytes(dump_checked_json(complete))


def verify_files(folder: Path, manifest: "JsonObject") -> None:
    """Check that a bundle has exactly the files of its manifest, each a regular file with its checksum.

    Args:
        folder: The folder.
        manifest: The result of `read_manifest`.

    Raises:
        InputError: If a file is missing, was changed, is a link, is too large, or is not a file of the format.
    """
    files = manifest["files"]
    present = {entry.name for entry in os.scandir(folder)} - {MANIFEST}
    for name in sorted(files.keys() - present):
        raise InputError(f"{folder} is incomplete: {name} is missing; {REMEDY}")
    for name in sorted(present - files.keys()):
        raise InputError(f"{folder} has {name!r}, which is not a file of a bundle: remove it, or {REMEDY}")
    for name, expected in files.items():
        file = folder / name
        require_regular(file, MAX_FILE_BYTES[file.suffix])
        if sha256(file) != expected:
            raise InputError(f"{file} was changed after the bundle was made: {REMEDY}")


def _has_head(manifest: "JsonObject") -> bool:
    """Return whether the fields that name the task, its plugin and the metrics have their types."""
    plugin, scores = manifest.get("plugin"), manifest.get("scores")
    if not isinstance(plugin, dict) or not isinstance(scores, dict):
        return False
    names = [manifest.get("task")]  # a task that no plugin registers has no plugin
    names += [plugin.get(name) for name in ("name", "distribution", "version")] if plugin else []
    numbers = [value for value in scores.values() if isinstance(value, int | float) and not isinstance(value, bool)]
    score = manifest.get("score")
    are_names = all(isinstance(name, str) and re.match(NAME, name) for name in names)
    return are_names and len(numbers) == len(scores) and isinstance(score, str) and score in scores


def _check_format(format: object, file: Path) -> None:
    if format == FORMAT and isinstance(format, int):
        return
    is_older = isinstance(format, int) and format < FORMAT
    remedy = "train the model again, or get a newer bundle" if is_older else "update Plexus"
    raise InputError(f"{file} has format {str(format)[:20]}, this Plexus reads {FORMAT}: {remedy}")
