"""The form by which a dataset is chosen."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plexus.options import Options
from plexus.studio.form_fields import FormField, form_fields, form_texts

if TYPE_CHECKING:
    from plexus.task import AnyTask

COMMON = ("seed", "strict")
"""Options of every task that change which examples there are, or which split they are in."""


def data_groups(task: "AnyTask") -> dict[str, list[FormField]]:
    """Return the fields of the options that may change which data are read, how, and how they are split.

    Args:
        task: The task.

    Returns:
        Fields by the title of their group: those that say so of themselves, then all others that only this task has,
        such as the columns of a table.
    """
    reading = {*task.options.other_data_options().model_fields, *COMMON}
    fields = [field for field in form_fields(task.options) if field.name in reading or not _is_shared(field.name)]
    groups = {
        "Options of reading and splitting": [field for field in fields if field.name in reading],
        f"Other options of {task.id}": [field for field in fields if field.name not in reading],
    }
    return {title: each for title, each in groups.items() if each}


def data_fields(task: "AnyTask") -> list[FormField]:
    """Return the fields of all groups.

    Args:
        task: The task.

    Returns:
        The fields.
    """
    return [field for fields in data_groups(task).values() for field in fields]


def data_field(task: "AnyTask") -> FormField:
    """Return the field of the option `data`.

    Args:
        task: The task.

    Returns:
        The field.
    """
    return next(field for field in form_fields(task.options) if field.name == "data")


def _is_shared(name: str) -> bool:
    return name in Options.model_fields


def data_texts(task: "AnyTask", values: Mapping[str, object]) -> dict[str, str]:
    """Return the texts that stand in the form for values of options; those that are left out have their defaults.

    Args:
        task: The task.
        values: Values by name of the option.

    Returns:
        Texts by name of the option.
    """
    options = task.options.model_fields
    defaults = {field.name: options[field.name].default for field in data_fields(task)}
    texts = form_texts(task.options, {**defaults, **values})
    return {name: text for name, text in texts.items() if name in defaults}


def data_values(task: "AnyTask", texts: Mapping[str, str]) -> dict[str, object]:
    """Return the values of the options in a form that was sent.

    Args:
        task: The task.
        texts: Texts by name of the option.

    Returns:
        Values by name of the option for `OptionGroup.parse`, which refuses those that the task does not have; empty
        fields are left to their defaults.
    """
    values = {**texts} | {field.name: field.value(texts) for field in data_fields(task)}
    return {name: value for name, value in values.items() if value not in (None, "")}
