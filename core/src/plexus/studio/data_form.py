"""Fields of the form by which a dataset is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import TYPE_CHECKING, Literal, Union, get_args, get_origin

from plexus.utils.option_names import flag_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from plexus.plugins.registry import Registry
    from plexus.task import AnyTask

COMMON = ("seed", "strict")
"""Options of every task that change which examples there are, or which split they are in."""
FIELD = "option."
"""Start of the names of these fields in the form."""


@dataclass(frozen=True)
class OptionField:
    """A field of a form for one option.

    Args:
        name: Name in the form.
        label: Label.
        help: Description of the option.
        type: `check`, `choice`, `number` or `text`.
        default: Its default as text; empty if there is none.
        choices: Values of a choice.

    Example:
        ```python
        [field.label for field in option_fields(task)]  # ["Seed", "Strict"]
        ```
    """

    name: str
    label: str
    help: str
    type: str
    default: str
    choices: tuple[str, ...] = ()


def named_datasets(plugins: "Registry", task: str) -> dict[str, list[tuple[str, str]]]:
    """Return the data sets that have a name, those of the plugin of a task first.

    Args:
        plugins: The installed plugins.
        task: Id of the task.

    Returns:
        Name and summary of each by the title of their group; a group without data sets is left out.
    """
    plugin = plugins.owner("tasks", task).name
    groups: dict[str, list[tuple[str, str]]] = {f"Of the plugin {plugin}": [], "Of other plugins": []}
    own, other = groups.values()
    for name, entry in plugins.entries("data").items():
        (own if plugins.owner("data", name).name == plugin else other).append((name, entry.summary))
    return {title: datasets for title, datasets in groups.items() if datasets}


def option_fields(task: "AnyTask") -> list[OptionField]:
    """Return the fields of the options that say which data are read, and how they are split.

    Args:
        task: The task.

    Returns:
        The fields.
    """
    names = [*task.options.other_data_options().model_fields, *COMMON]
    return [_field(name, task.options.model_fields[name]) for name in dict.fromkeys(names)]


def option_values(form: Mapping[str, object]) -> dict[str, str]:
    """Return the options that a form holds; empty fields are left to their defaults.

    Args:
        form: The form.

    Returns:
        Values by option name.
    """
    return {
        name.removeprefix(FIELD): value.strip()
        for name, value in form.items()
        if name.startswith(FIELD) and isinstance(value, str) and value.strip()
    }


def _field(name: str, info: "FieldInfo") -> OptionField:
    kind, choices = _type(info.annotation)
    default = "" if info.default is None or info.is_required() else str(info.default)
    label = flag_of(name).removeprefix("--").replace("-", " ").capitalize()
    return OptionField(f"{FIELD}{name}", label, info.description or "", kind, default, choices)


def _type(annotation: object) -> tuple[str, tuple[str, ...]]:
    """Return the type of the field, and the values of a choice."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next((each for each in get_args(annotation) if each is not type(None)), str)
    if get_origin(annotation) is Literal:
        return "choice", tuple(map(str, get_args(annotation)))
    if annotation is bool:
        return "check", ()
    return ("number" if annotation in (int, float) else "text"), ()
