"""Shipped models by name."""

import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from plexus.errors import InputError, unknown
from plexus.inference.bundle_format import MANIFEST
from plexus.utils.user_settings import data_folder

FOLDER = "models"


def shipped_models(packages: Iterable[str]) -> dict[str, Path]:
    """Return the bundles that come with Plexus, its plugins, or were downloaded.

    They are in `models/TASK/NAME` of the working folder, of a plugin's package, of the repository that a plugin is
    installed from in editable mode, or of the data folder; earlier places take precedence.

    Args:
        packages: Top-level packages of the installed plugins.

    Returns:
        Folders by name, `TASK/NAME`, sorted.
    """
    models: dict[str, Path] = {}
    for place in _places(packages):
        for file in sorted(place.glob(f"*/*/{MANIFEST}")):
            models.setdefault(f"{file.parent.parent.name}/{file.parent.name}", file.parent)
    return dict(sorted(models.items()))


def find_bundle(name: str | Path, packages: Iterable[str]) -> Path:
    """Return the folder of a bundle.

    Args:
        name: Its path, or `TASK/NAME` of a shipped model.
        packages: Top-level packages of the installed plugins.

    Returns:
        The folder; a path that does not exist is returned as it is if it does not look like a name.

    Raises:
        InputError: If there is no such folder or model.
    """
    path = Path(name)
    if path.exists():
        return path
    models = shipped_models(packages)
    if str(name) in models:
        return models[str(name)]
    if str(name).count("/") == 1 and "." in path.parts[0]:
        raise unknown("model", str(name), models)
    raise InputError(f"{path} is not a bundle: expected a folder with a {MANIFEST}, or TASK/NAME of a shipped model")


def _places(packages: Iterable[str]) -> Iterator[Path]:
    yield Path(FOLDER)
    for package in packages:
        for root in _package_folders(package):
            yield root / FOLDER
            # Editable installation: plugins/DOMAIN/src/PACKAGE in the repository.
            if len(root.parents) > 3 and root.parent.name == "src":
                yield root.parents[3] / FOLDER
    yield data_folder() / FOLDER


def _package_folders(package: str) -> list[Path]:
    module = sys.modules.get(package)
    if module is not None:
        return [Path(place) for place in getattr(module, "__path__", ())]  # a single file has none
    spec = find_spec(package)
    return [Path(place) for place in spec.submodule_search_locations or ()] if spec else []
