"""Values that follow from the data for options that were left open; Keras is not needed."""

import math
from typing import TYPE_CHECKING

from plexus.options import Options, resolved
from plexus.task import AnyTask

if TYPE_CHECKING:
    from plexus.dataset import Dataset


def default_batch_size(examples: int) -> int:
    """Return a power of two near a fiftieth of the data, from 32 to 128.

    Args:
        examples: Training examples.

    Returns:
        The batch size, never more than there are examples.
    """
    return min(max(1 << round(math.log2(max(examples, 50) / 50)), 32), 128, examples)


def default_patience(epochs: int) -> int:
    """Return half of the epochs, at least ten: learning-rate schedules improve most at their end.

    Args:
        epochs: Number of epochs.

    Returns:
        The patience in epochs.
    """
    return max(epochs // 2, 10)


def data_defaults(task: AnyTask, dataset: "Dataset", options: Options) -> dict[str, object]:
    """Return the values that a training on one device computes for the options that are left open.

    Args:
        task: The task.
        dataset: The dataset.
        options: The options.

    Returns:
        Values by option name.

    Raises:
        InputError: If the data or an option cannot be used.
    """
    chosen = _filled(options, {"batch_size": default_batch_size(max(dataset.count("train"), 1))})
    codec = task.fit_codec(dataset, chosen)
    chosen = _filled(chosen, task.resolve_options(dataset, codec, chosen))
    chosen = _filled(chosen, {"patience": default_patience(resolved(chosen.epochs)), "evaluate_every": 1})
    values = chosen.model_dump()
    return {name: value for name, value in values.items() if value is not None and getattr(options, name) is None}


def _filled(options: Options, values: dict[str, object]) -> Options:
    return options.model_copy(update={name: value for name, value in values.items() if getattr(options, name) is None})
