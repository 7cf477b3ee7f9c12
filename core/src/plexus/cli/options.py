"""Options of a training on the command line."""

from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError
from plexus.plugins.registry import registry
from plexus.utils.option_names import field_of

if TYPE_CHECKING:
    from plexus.bundle import Bundle
    from plexus.options import Options
    from plexus.task import AnyTask


def training_options(task: str | None) -> "dict[str, type[Options]]":
    """Return the options of a training.

    Args:
        task: Id of the task; None if it is not known.

    Returns:
        The options of the task, or of every training, by the title of their group.

    Raises:
        InputError: If there is no such task.
    """
    if task is not None:
        return {f"options of {task}": registry().task(task).options}
    from plexus.cli.parser import SHARED
    from plexus.options import Options

    return {SHARED: Options}


def named_bundle_task(name: str) -> "AnyTask":
    """Return the task of a bundle; the bundle itself is not opened.

    Args:
        name: Path of the bundle, or `TASK/NAME` of a shipped model.

    Returns:
        The task.

    Raises:
        InputError: If there is no such bundle, or its plugin is not installed.
    """
    from plexus.inference.manifest import read_manifest
    from plexus.inference.models import find_bundle

    folder = find_bundle(name, registry().packages)
    return registry().bundle_task(folder, read_manifest(folder))


def load_bundle_of(task: "AnyTask", name: str) -> "Bundle":
    """Open the bundle of `--bundle`.

    Args:
        task: The task that it must be of.
        name: Path of the bundle, or `TASK/NAME` of a shipped model.

    Returns:
        The bundle.

    Raises:
        InputError: If there is no such bundle, or it is one of another task.
    """
    from plexus.api import load

    bundle = load(name)
    if bundle.task.id != task.id:
        raise InputError(f"--bundle {name} is a bundle of {bundle.task.id}: expected one of {task.id}")
    return bundle


def read_config(file: Path | None) -> dict[str, object]:
    """Read options from a YAML file.

    Args:
        file: The file; None if there is none.

    Returns:
        Values by option name.

    Raises:
        InputError: If the file cannot be read or does not hold options.
    """
    if file is None:
        return {}
    import yaml

    try:
        content = yaml.safe_load(file.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"--config {file}: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise InputError(f"--config {file}: expected lines of the form `epochs: 10`")
    return {field_of(str(key)): value for key, value in content.items()}
