"""The data of a training."""

from typing import TYPE_CHECKING

from plexus.data.number_format import reset_decimal_comma

if TYPE_CHECKING:
    from plexus.dataset import Dataset
    from plexus.options import Options
    from plexus.task import AnyTask


def load_dataset(task: "AnyTask", options: "Options") -> "Dataset":
    """Read the data of a training.

    Args:
        task: The task.
        options: The options of the run.

    Returns:
        The dataset.

    Raises:
        InputError: If the data cannot be used.
    """
    reset_decimal_comma()
    dataset: Dataset = task.load_dataset(options)
    return dataset
