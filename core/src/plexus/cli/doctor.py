"""`plexus doctor`."""

import argparse
import os
import platform
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from plexus.errors import InputError
from plexus.plugins.loading import installed_plugins
from plexus.plugins.registry import Registry
from plexus.utils.boundary import describe
from plexus.utils.user_settings import data_folder, disabled_plugins, settings_file

if TYPE_CHECKING:
    from plexus.codec import JsonObject


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments.

    Args:
        parser: The parser of the command.
    """


def run(arguments: argparse.Namespace) -> "JsonObject":  # noqa: ARG001 - all commands have this signature
    """Collect what a bug report needs.

    Args:
        arguments: The parsed arguments.

    Returns:
        `machine`, `versions`, `backend`, `devices`, `precision`, `plugins`, `data`, `settings`.
    """
    keras = _attempt(_keras)
    if not isinstance(keras, dict):
        keras = {"backend": keras, "devices": [], "precision": "unknown"}
    versions = _attempt(_versions)
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": versions if isinstance(versions, dict) else {"error": versions},
        **keras,
        "plugins": _plugins(),
        "data": str(data_folder()),
        "settings": _settings(),
    }


def _keras() -> "JsonObject":
    from plexus.runtime.backend import import_keras
    from plexus.runtime.placement import accelerators

    import_keras()
    import keras

    return {
        "backend": keras.backend.backend(),
        "devices": accelerators(),
        "precision": keras.mixed_precision.dtype_policy().name,
    }


def _versions() -> dict[str, str]:
    from plexus.runtime.backend import versions

    return versions()


def _plugins() -> dict[str, str]:
    """Return the state of each plugin. One that crashes its process is loaded in another process only."""
    from plexus.plugins.probe import crashing_plugins

    crashes = crashing_plugins()
    points = [pair for pair in installed_plugins()[0] if pair[0].name not in crashes]
    states = {p.name: p.error or ("disabled" if p.disabled else "ok") for p in Registry(points).plugins}
    broken = {plugin.name: str(plugin.error) for plugin in installed_plugins()[1]}
    return states | broken | {name: f"{crash}; plexus plugins disable {name}" for name, crash in crashes.items()}


def _settings() -> str:
    try:
        disabled_plugins()
    except InputError as error:
        return str(error)
    return str(settings_file())


def _attempt(action: Callable[[], object]) -> object:
    """Return the result of an action, or why it failed: the rest of the report is printed all the same."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001 - of any library
        return f"not available: {describe(error)}"


def show(result: "JsonObject") -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        One line per key.
    """
    for name, value in result.items():
        values = [f"{key} {text}" for key, text in value.items()] if isinstance(value, dict) else value
        yield f"{name:10} {', '.join(values) if isinstance(values, list) else values}"
