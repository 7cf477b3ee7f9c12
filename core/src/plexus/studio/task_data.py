"""Which data sets a task reads, and whether there are the data that a form names."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError, unknown
from plexus.inference.models import find_bundle

if TYPE_CHECKING:
    from plexus.plugins.registry import Registry
    from plexus.studio.form_fields import FormField
    from plexus.task import AnyTask

DEFAULT = "default"
"""Summary of default data that are not a named data set."""


def offered_data(plugins: "Registry", task: "AnyTask") -> dict[str, str]:
    """Return the data that a form offers for a task.

    Args:
        plugins: The installed plugins.
        task: The task.

    Returns:
        Summaries by name: the named data sets of the task, and its default if that is another name, such as that of an
        environment.
    """
    entries, default = plugins.entries("data"), default_data(task)
    offered = {name: entries[name].summary for name in task_datasets(plugins, task)}
    return offered if default in ("", *entries) else {default: DEFAULT, **offered}


def default_data(task: "AnyTask") -> str:
    """Return the data that a training reads by default.

    Args:
        task: The task.

    Returns:
        Default of the option `data`; empty if there is none.
    """
    default = task.options.model_fields["data"].default
    return default if isinstance(default, str) else ""


def takes_files(field: "FormField") -> bool:
    """Return whether data can be files: not those of a task with another description, such as of environments.

    Args:
        field: The field of the option `data`.

    Returns:
        Whether they can.
    """
    return not field.title or any(word in field.help for word in ("file", "folder"))


def task_datasets(plugins: "Registry", task: "AnyTask") -> list[str]:
    """Return the named data sets that a form offers for a task.

    Args:
        plugins: The installed plugins.
        task: The task.

    Returns:
        Their names, sorted; none for a task whose default is no data set, such as an environment or `NAME-strings`.
    """
    return plugins.task_datasets(task.id) if default_data(task) in ("", *plugins.entries("data")) else []


def check_data(plugins: "Registry", task: "AnyTask", data: str) -> None:
    """Check that there are the data that an option names, without reading them.

    What only the task understands, such as an environment, the address of a database or a part of a data set, is left
    to the training.

    Args:
        plugins: The installed plugins.
        task: The task.
        data: Value of the option `data`.

    Raises:
        InputError: If there is neither a data set, a file nor a folder of that name, or the task cannot read the data
            set.
    """
    for name in [data] if exists(data) or "://" in data else data.split(","):
        if name in task.context.dataset_errors:
            task.locate(name)
    names, default = task_datasets(plugins, task), default_data(task)
    reads_names = _is_dataset(task, default) if default else bool(names)
    if not reads_names or "://" in data or data == default or exists(data):
        return
    for name in data.split(","):
        if _is_dataset(task, name) or exists(name):
            continue
        if name.strip() and "/" not in name and not Path(name).suffix:
            raise unknown("data set", name, list(offered_data(plugins, task)))
        task.locate(name)


def _is_dataset(task: "AnyTask", text: str) -> bool:
    """Return whether a text is a data set, or a part or form of one: `NAME/FILE`, `NAME-strings`."""
    return any(re.fullmatch(rf"{re.escape(name)}(/.*|-\w+)?", text) for name in task.context.datasets)


def is_name(task: "AnyTask", data: str) -> bool:
    """Return whether data are chosen by a name, which a browser of any machine may use.

    Args:
        task: The task.
        data: Value of the option `data`.

    Returns:
        Whether they are a named data set or the default of the task.
    """
    return data in task.context.datasets or data == default_data(task)


def exists(path: str) -> bool:
    """Return whether there is a file or folder, also of a text that cannot be the name of one.

    Args:
        path: The path; `~` at its beginning stands for the home folder.

    Returns:
        Whether there is one.
    """
    return os.path.exists(os.path.expanduser(path))  # noqa: PTH110, PTH111 - `Path` raises for unknown users and long names


def names_file(task: "AnyTask", text: str) -> bool:
    """Return whether a value of an option may name files of this machine.

    Args:
        task: The task.
        text: The value; several names are separated by commas.

    Returns:
        Whether a part of it that is no named data set has a separator of folders, begins with `~`, or exists.
    """
    parts = [part for part in (text, *text.split(",")) if part.strip() not in task.context.datasets]
    return any(mark in text for mark in "/\\\0") or any(part.strip().startswith("~") or exists(part) for part in parts)


def check_bundle(task: "AnyTask", name: str) -> None:
    """Check that there is the bundle that a training starts from.

    Args:
        task: The task.
        name: Value of the option `from_`.

    Raises:
        InputError: If there is none.
    """
    try:
        find_bundle(name, [task.package])
    except InputError as error:
        raise InputError(f"--from: {error}") from error
