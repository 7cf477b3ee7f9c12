"""`plexus doctor`."""

import argparse
import os
import platform
from collections.abc import Iterator
from typing import Any

from plexus.plugins.registry import registry
from plexus.utils.user_settings import data_folder, settings_file


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:
    """It has none."""


def run(given: argparse.Namespace) -> dict[str, Any]:  # noqa: ARG001
    """What a bug report needs."""
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


def show(result: dict[str, Any]) -> Iterator[str]:
    """A line a fact."""
    for name, value in result.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {text}" for key, text in value.items())
        yield f"{name:10} {', '.join(value) if isinstance(value, list) else value}"
