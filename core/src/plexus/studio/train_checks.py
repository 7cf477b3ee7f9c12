"""Checks of the form of a training, before it is added to the queue."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from plexus.errors import InputError
from plexus.studio.form_fields import form_values
from plexus.studio.task_data import check_bundle, check_data, default_data
from plexus.studio.train_form import collect_error, file_errors, option_errors

if TYPE_CHECKING:
    from plexus.plugins.registry import Registry
    from plexus.task import AnyTask

UPLOAD = "upload"
"""Value of the option `data` of uploaded data before they have a folder."""


def training_values(task: "AnyTask", texts: Mapping[str, str], has_upload: bool) -> dict[str, object]:
    """Return the options of a training that a form describes.

    Args:
        task: The task.
        texts: Texts by name of the option.
        has_upload: Whether data are uploaded.

    Returns:
        Values by option for `OptionGroup.parse`.

    Raises:
        InputError: If the form has both an upload and other data, or neither.
    """
    values = form_values(task.options, texts)
    if has_upload:
        if values.get("data", default_data(task)) != default_data(task):
            raise InputError("--data and an upload: expected one of them, got both")
        values["data"] = UPLOAD
    if "data" not in values and not default_data(task):
        raise InputError("--data must be a data set, a file or a folder: choose one, or upload files")
    return values


def training_errors(
    plugins: "Registry", task: "AnyTask", texts: Mapping[str, str], has_upload: bool, local: bool
) -> dict[str, str]:
    """Return the errors of a form, without reading the data.

    Args:
        plugins: The installed plugins.
        task: The task.
        texts: Texts by name of the option.
        has_upload: Whether data are uploaded.
        local: Whether the request comes from the machine of the server, which alone may name its files.

    Returns:
        Errors by option, in the words of the form; that of no option has an empty name.
    """
    errors = {} if local else file_errors(task, texts)
    values = form_values(task.options, texts)
    collect_error(task, errors, partial(training_values, task, texts, has_upload))
    data = str(values.get("data", default_data(task)))
    errors = {**option_errors(task, {**values, "data": data or UPLOAD}), **errors}
    if not has_upload and "data" not in errors:
        collect_error(task, errors, partial(check_data, plugins, task, data), "data")
    if "from_" in values and "from_" not in errors:
        collect_error(task, errors, partial(check_bundle, task, str(values["from_"])))
    return errors
