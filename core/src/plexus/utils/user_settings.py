"""Where things are kept."""

import json
import os
from pathlib import Path

from plexus.utils.files import write_whole


def data_folder() -> Path:
    """The folder of the named data sets: `$PLEXUS_DATA`, else the user's cache."""
    if given := os.environ.get("PLEXUS_DATA"):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plexus" / "data"


def settings_file() -> Path:
    """The user's settings: `$PLEXUS_SETTINGS`, else `plexus/settings.json` in the user's configuration folder."""
    if given := os.environ.get("PLEXUS_SETTINGS"):
        return Path(given)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "plexus" / "settings.json"


def disabled_plugins() -> set[str]:
    """The names of the plugins that the user has switched off."""
    file = settings_file()
    return set(json.loads(file.read_text())["disabled"]) if file.exists() else set()


def disable_plugins(names: set[str]) -> None:
    """Remember which plugins are switched off; replaces the earlier choice."""
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    write_whole(settings_file(), json.dumps({"disabled": sorted(names)}, indent=2) + "\n")
