"""What the user left open, chosen by the data, the network and the machine."""

from typing import Any

import keras

from plexus.run import Run
from plexus.task import Task
from plexus.training.pace import auto_batch_size, auto_patience

LINEAR = ("sgd",)
"""Optimizers whose learning rate grows as the batch does (Goyal et al. 2017, arXiv:1706.02677); that of the others,
which divide by the gradient's own size, grows as its root does (Malladi et al. 2022, arXiv:2205.10782)."""


def settle(task: Task, run: Run, source: Any, devices: int, room: int | None = None) -> Any:
    """Fill in the options that were left open, and write them down, so that the run goes on with the same ones.

    A batch size that was given is that of all devices together: dividing it changes nothing of the training. Left
    open, each device gets as many examples as one alone would, and the learning rate grows along.

    Args:
        devices: how many there are.
        room: the batch size that was found to fill the memory.

    Returns:
        The codec, fitted.

    Raises:
        InputError: the data or an option cannot be used.
    """
    examples = source.count("train")
    alone = auto_batch_size(examples)
    wanted = run.options.batch_size or room or _of_all(alone, devices, examples)
    grown = wanted / alone if run.options.batch_size is None else 1.0
    run.resolve(batch_size=wanted, backend=keras.backend.backend())
    codec = task.fit_codec(source, run.options)
    run.resolve(**task.choose(source, codec, run.options))
    run.resolve(patience=auto_patience(run.epochs))
    if grown != 1 and run.options.learning_rate:
        rate = run.options.learning_rate * grown ** (1.0 if run.options.optimizer in LINEAR else 0.5)
        run.options = run.options.model_copy(update={"learning_rate": rate})
    run.save()
    return codec


def _of_all(alone: int, devices: int, examples: int) -> int:
    """As many examples a step on each device as one alone would take, while there are so many."""
    return max(min(alone, examples // devices), 1) * devices
