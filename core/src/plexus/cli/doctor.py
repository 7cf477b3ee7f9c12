"""`plexus doctor`."""

import argparse
import os
import platform
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plexus.plugins.registry import registry
from plexus.utils.user_settings import data_folder, settings_file

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
    from plexus.runtime.backend import import_keras, versions
    from plexus.runtime.placement import accelerators

    import_keras()
    import keras

    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": versions(),
        "backend": keras.backend.backend(),
        "devices": accelerators(),
        "precision": keras.mixed_precision.dtype_policy().name,
        "plugins": {p.name: p.error or ("disabled" if p.disabled else "ok") for p in registry().plugins},
        "data": str(data_folder()),
        "settings": str(settings_file()),
    }


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
