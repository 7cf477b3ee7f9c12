"""Folders and settings of the user."""

import json
import os
from pathlib import Path

from platformdirs import user_cache_path, user_config_path

from plexus.errors import InputError
from plexus.utils.files import read_regular, require_regular, write_whole, writing_to
from plexus.utils.messages import note

MAX_BYTES = 1 << 20
"""Largest size of the file of settings."""


def data_folder() -> Path:
    """Return the folder of the named data sets.

    Returns:
        `$PLEXUS_DATA`; if it is not set, `data` in the user's cache folder.
    """
    folder = os.environ.get("PLEXUS_DATA")
    return Path(folder) if folder else user_cache_path("plexus", appauthor=False) / "data"


def without_data_folder(text: str) -> str:
    """Shorten the paths of named data sets, which a bundle is published with, to those below their folder.

    Args:
        text: The text.

    Returns:
        The text without the path of the machine.
    """
    return text.replace(f"{data_folder()}{os.sep}", "")


def settings_file() -> Path:
    """Return the file of the user's settings.

    Returns:
        `$PLEXUS_SETTINGS`; if it is not set, `settings.json` in the user's configuration folder.
    """
    file = os.environ.get("PLEXUS_SETTINGS")
    return Path(file) if file else user_config_path("plexus", appauthor=False) / "settings.json"


def disabled_plugins() -> set[str]:
    """Return the plugins that the user has disabled.

    Returns:
        Their names.

    Raises:
        InputError: If the file of settings is damaged, too large, or not a regular file.
    """
    file = settings_file()
    if not file.exists():
        return set()
    try:
        content = json.loads(read_regular(file, MAX_BYTES, links=True).decode())["disabled"]
        if not isinstance(content, list) or not all(isinstance(name, str) for name in content):
            raise TypeError("not a list of names")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f'{file} is damaged: expected {{"disabled": ["NAME"]}}; correct or delete it') from error
    return set(content)


def read_disabled_plugins() -> set[str]:
    """Return the plugins that the user has disabled; settings that cannot be read disable none, with a message.

    Returns:
        Their names.
    """
    try:
        return disabled_plugins()
    except InputError as error:
        note(f"plexus: {error}; no plugin is disabled until then")
        return set()


def disable_plugins(names: set[str]) -> None:
    """Save which plugins are disabled. Settings that are damaged are kept next to the new ones.

    Args:
        names: Their names; all others are enabled.

    Raises:
        InputError: If the file cannot be written, or is not a regular file.
    """
    file = settings_file()
    if file.exists():
        require_regular(file, links=True)
    with writing_to(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
    try:
        disabled_plugins()
    except InputError:
        with writing_to(file.parent):
            file.replace(file.with_name(f"{file.name}.damaged"))
    write_whole(file, json.dumps({"disabled": sorted(names)}, indent=2) + "\n")
