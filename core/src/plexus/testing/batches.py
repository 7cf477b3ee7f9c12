"""Inputs of a network as a training sees them, for the conformance checks."""

import numpy as np

from plexus.codec import Arrays
from plexus.data.batches import Batches
from plexus.dataset import Stateful
from plexus.testing.trial import Trial


def first_inputs(trial: Trial, *epochs: int) -> list[Arrays]:
    """Return the first inputs of epochs, made by a new learner; the dataset is left as it was.

    Args:
        trial: The trial.
        *epochs: Numbers of epochs.

    Returns:
        Arrays by name for each epoch: of all its rows, or of its first batch.
    """
    from plexus.training.callbacks.checkpoint import dataset_state
    from plexus.training.variables import assign, values

    task, codec, dataset, options = trial.task, trial.bundle.codec, trial.dataset, trial.options
    network = task.build_network(codec, options)
    learner = task.build_learner(network, dataset, codec, options)
    weights, state = values(learner.variables), dataset_state(dataset)
    inputs = []
    for epoch in epochs:
        x = _first(task.batches(dataset, codec, learner, options, epoch))
        inputs.append(
            {name: np.asarray(array) for name, array in x.items()}
            if isinstance(x, dict)
            else {network.inputs[0].name: np.asarray(x)}
        )
        assign(learner.variables, weights)
        if isinstance(dataset, Stateful):
            dataset.restore(state)
    return inputs


def _first(batches: Batches) -> object:
    if batches.batch_size is not None:
        return batches.x
    batch = batches.x[0] if hasattr(batches.x, "__getitem__") else next(batches.x.as_numpy_iterator())
    return batch[0]
