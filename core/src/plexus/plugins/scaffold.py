"""A package of one's own to begin with."""

import keyword
import re
from pathlib import Path

from plexus.errors import InputError
from plexus.plugins.registry import registry
from plexus.utils.files import new_folder

TEMPLATE = Path(__file__).with_name("template")
PLACEHOLDER = "yourname"


def new_plugin(name: str, into: Path) -> Path:
    """Write a working plugin with one task, one data set and its test, as a package that can be installed.

    Args:
        name: of the plugin: small letters, digits and underscores; its package is `plexus_NAME`.
        into: the folder to make the package's folder, `plexus-NAME`, in.

    Returns:
        The package's folder.

    Raises:
        InputError: the name cannot be used or is taken, or the folder exists.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise InputError(f"a plugin's name is of small letters, digits and underscores, like weather, not {name!r}")
    taken = next((plugin for plugin in registry().plugins if plugin.name == name), None)
    if taken is not None:
        raise InputError(f"{taken} is installed already: choose another name")
    folder = into / f"plexus-{name}"
    with new_folder(folder) as beside:
        for file in sorted(TEMPLATE.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                _copy(file, beside / _named(str(file.relative_to(TEMPLATE)), name), name)
    return folder


def _copy(file: Path, to: Path, name: str) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(_named(file.read_text(), name))


def _named(text: str, name: str) -> str:
    return text.replace(PLACEHOLDER, name)
