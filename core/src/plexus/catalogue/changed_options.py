"""The options of a run that are not those by default."""

from typing import TYPE_CHECKING

from plexus.catalogue.record import RunRecord

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.task import AnyTask


def changed_options(record: RunRecord, task: "AnyTask") -> "JsonObject":
    """Return the options of a run that differ from the defaults of its task.

    Args:
        record: The run.
        task: Its task.

    Returns:
        Values by option; also options that the task does not have any more.
    """
    defaults = task.options.parse({"data": record.data}).model_dump()
    return {
        name: value
        for name, value in record.options.items()
        if name == "data" or name not in defaults or value != defaults[name]
    }
