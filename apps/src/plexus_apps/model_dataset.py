"""The data of a model's training, where it is on this machine."""

from typing import Any, cast

from plexus import Bundle, Examples, InputError, SupervisedDataset
from plexus.plugins.registry import registry


def load_model_dataset(bundle: Bundle) -> SupervisedDataset[Examples[Any]]:
    """Read the data of a model if it is a data set with a name: a bundle may come from anyone, and name any file.

    Args:
        bundle: The model.

    Returns:
        The dataset.

    Raises:
        InputError: If the data is no named data set, is not on this machine, or has changed since the training.
    """
    options = bundle.task.options.parse(bundle.manifest["options"])
    if options.data not in registry().entries("data"):
        raise InputError(f"{options.data!r} is no named data set: open the bundle in the folder of its run")
    dataset = bundle.task.load_dataset(options)
    if dataset.fingerprint != bundle.manifest["data"]["fingerprint"]:
        raise InputError(f"{options.data} is not the data of the model's training: it has changed since")
    return cast("SupervisedDataset[Examples[Any]]", dataset)
