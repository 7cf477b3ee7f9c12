"""Creation of a new plugin from the template."""

import keyword
import re
from pathlib import Path

from plexus.errors import InputError
from plexus.plugins.registry import registry
from plexus.utils.files import new_folder

TEMPLATE = Path(__file__).with_name("template")
PLACEHOLDER = "yourname"


def new_plugin(name: str, parent: Path) -> Path:
    """Write a working plugin with one task, one data set and its tests, as a package that can be installed.

    Args:
        name: Name of the plugin: lower-case letters, digits and underscores; its package is `plexus_NAME`.
        parent: Folder in which the package's folder, `plexus-NAME`, is created.

    Returns:
        The package's folder.

    Raises:
        InputError: If the name cannot be used or is taken, or the folder exists.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise InputError(f"expected a name of lower-case letters, digits and underscores, like weather, got {name!r}")
    installed = next((plugin for plugin in registry().plugins if plugin.name == name), None)
    if installed is not None:
        raise InputError(f"{installed} is installed already: use another name")
    folder = parent / f"plexus-{name}"
    with new_folder(folder) as partial:
        for file in sorted(TEMPLATE.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                _copy(file, partial / _substitute(str(file.relative_to(TEMPLATE)), name), name)
    return folder


def _copy(file: Path, target: Path, name: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_substitute(file.read_text(), name))


def _substitute(text: str, name: str) -> str:
    return text.replace(PLACEHOLDER, name)
