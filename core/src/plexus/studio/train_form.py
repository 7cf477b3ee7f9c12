"""The form of a training."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from plexus.errors import InputError
from plexus.options import Options
from plexus.serve.problems import public_text
from plexus.studio.form_fields import FLAG, FormField, form_fields, with_labels
from plexus.studio.task_data import names_file

if TYPE_CHECKING:
    from plexus.task import AnyTask

BASIC = ("data", "epochs", "seed")
SHARED = {
    "Initial weights and data reading": ("from_", "strict"),
    "Optimization": (
        "batch_size",
        "optimizer",
        "learning_rate",
        "schedule",
        "warmup",
        "momentum",
        "beta_2",
        "epsilon",
        "clip_norm",
        "averaging",
    ),
    "Regularization": ("weight_decay", "l1", "l2", "dropout"),
    "Early stopping and evaluation": ("patience", "stop_at", "evaluate_every"),
    "Computation": (
        "backend",
        "devices",
        "hosts",
        "precision",
        "compile",
        "threads",
        "checkpoint_minutes",
        "profile",
    ),
}
"""Options of every training by the title of their group."""


@dataclass(frozen=True)
class FormGroup:
    """Fields under a title.

    Args:
        title: The title.
        fields: The fields.
        is_advanced: Whether the group is closed until it is needed.

    Example:
        ```python
        [group.title for group in form_groups(task)]  # ["Training", "Options of vision.classify", …]
        ```
    """

    title: str
    fields: tuple[FormField, ...]
    is_advanced: bool


def form_groups(task: "AnyTask") -> list[FormGroup]:
    """Return the fields of a task's options.

    Args:
        task: The task.

    Returns:
        Data, epochs and seed; the options that only this task has; then those of every training.
    """
    fields = {field.name: field for field in form_fields(task.options)}
    own = [field for name, field in fields.items() if name not in Options.model_fields]
    groups = [
        FormGroup("Training", tuple(fields[name] for name in BASIC), False),
        FormGroup(f"Options of {task.id}", tuple(own), False),
        *(FormGroup(title, tuple(fields[name] for name in names), True) for title, names in SHARED.items()),
    ]
    return [group for group in groups if group.fields]


def failed_field(task: "AnyTask", error: str) -> str:
    """Return the option that an error is about.

    Args:
        task: The task.
        error: The error of `OptionGroup.parse`.

    Returns:
        Name of the option; empty if the error names none of the task.
    """
    names = {field.flag: field.name for field in form_fields(task.options)}
    return next((names[flag] for flag in FLAG.findall(error) if flag in names), "")


def collect_error(task: "AnyTask", errors: dict[str, str], check: Callable[[], object], option: str = "") -> None:
    """Run a check, and add its error to those of the form.

    Args:
        task: The task.
        errors: Errors by option, in the words of the form, one of each; that of no option has an empty name.
        check: The check, which raises an `InputError`.
        option: The option to report if the error names none.
    """
    try:
        check()
    except InputError as error:
        text = str(error)
        errors.setdefault(failed_field(task, text) or option, public_text(with_labels(task.options, text)))


def option_errors(task: "AnyTask", values: Mapping[str, object]) -> dict[str, str]:
    """Return the errors of all options, of which `OptionGroup.parse` raises the first.

    Args:
        task: The task.
        values: Values by option.

    Returns:
        Errors by option, in the words of the form; one that names no option of the form has an empty name.
    """
    errors, rest = dict[str, str](), dict(values)
    while True:
        count = len(errors)
        collect_error(task, errors, partial(task.options.parse, rest))
        name = list(errors)[-1] if len(errors) > count else ""
        if name not in rest:
            return errors
        del rest[name]  # so that the next error is the first one


def summarize_errors(task: "AnyTask", errors: Mapping[str, str]) -> str:
    """Return the line above a form with errors; each error of an option is at its field.

    Args:
        task: The task.
        errors: Errors by option; that of no option has an empty name.

    Returns:
        The error of no option, or the labels of the fields to correct; empty without errors.
    """
    if "" in errors or not errors:
        return errors.get("", "")
    labels = [field.label for group in form_groups(task) for field in group.fields if field.name in errors]
    return f"Correct the marked field{'s' if len(labels) > 1 else ''}: {', '.join(labels)}."


def file_errors(task: "AnyTask", texts: Mapping[str, str]) -> dict[str, str]:
    """Return the errors of options that name files of the server, which only its own browser may use.

    Args:
        task: The task.
        texts: Texts by name of the option.

    Returns:
        Errors by option that names a file, a folder or an address.
    """
    reason = "only a browser on the machine of the server may name its files: upload the data"
    fields = [field for field in form_fields(task.options) if _names_file(task, field, texts.get(field.name, ""))]
    return {field.name: f"{field.label} {public_text(texts[field.name])}: {reason}" for field in fields}


def without_files(task: "AnyTask", texts: Mapping[str, str]) -> dict[str, str]:
    """Empty the fields that name files of the server, for browsers of other machines.

    Args:
        task: The task.
        texts: Texts by name of the option.

    Returns:
        The texts.
    """
    names = {field.name for field in form_fields(task.options) if _names_file(task, field, texts.get(field.name, ""))}
    return {name: "" if name in names else text for name, text in texts.items()}


def _names_file(task: "AnyTask", field: FormField, text: str) -> bool:
    text = text.strip()
    return field.kind == "text" and text not in ("", field.default) and names_file(task, text)
