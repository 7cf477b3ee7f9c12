"""Folders and settings of the user."""

import json
import os
from pathlib import Path

from platformdirs import user_cache_path, user_config_path

from plexus.errors import InputError
from plexus.utils.files import write_whole, writing_to


def data_folder() -> Path:
    """Return the folder of the named data sets.

    Returns:
        `$PLEXUS_DATA`; if it is not set, `data` in the user's cache folder.
    """
    folder = os.environ.get("PLEXUS_DATA")
    return Path(folder) if folder else user_cache_path("plexus", appauthor=False) / "data"


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
        InputError: If the file of settings is damaged.
    """
    file = settings_file()
    if not file.exists():
        return set()
    try:
        return set(json.loads(file.read_text(encoding="utf-8"))["disabled"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f'{file} is damaged: expected {{"disabled": ["NAME"]}}; correct or delete it') from error


def disable_plugins(names: set[str]) -> None:
    """Save which plugins are disabled.

    Args:
        names: Their names; all others are enabled.

    Raises:
        InputError: If the file cannot be written.
    """
    file = settings_file()
    with writing_to(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps({"disabled": sorted(names)}, indent=2) + "\n")
