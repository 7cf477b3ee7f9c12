"""How much to do at once, and for how long: batch size, steps an execution, patience.

Both are functions of the data and the network alone, never of a clock, so that a training can be repeated.
"""

import math
from typing import Any

import keras

from plexus.run import Run
from plexus.task import Task

EXECUTION_FLOPS = 150e9
"""Work after which the loop comes back to Python: about half a second on two cores."""
MOST_STEPS = 64


def auto_batch_size(examples: int) -> int:
    """A power of two, about a fiftieth of the data, within 32 to 128 and never more than there is."""
    return min(max(1 << round(math.log2(max(examples, 50) / 50)), 32), 128, examples)


def auto_patience(epochs: int) -> int:
    """Half of the epochs, and ten at the least: schedules gain most at their end."""
    return max(epochs // 2, 10)


def steps_per_execution(flops: float, batch_size: int, steps: int) -> int:
    """Enough steps that Python's share of the time is small, and few enough for a lively progress line and Ctrl-C.

    Args:
        flops: of a forward pass of one example.
        steps: in an epoch.
    """
    if keras.backend.backend() == "torch":
        return 1  # Keras comes back to Python after each
    affordable = EXECUTION_FLOPS / max(3 * flops * batch_size, 1)
    wished = 2 ** math.floor(math.log2(max(affordable, 1)))
    return int(min(wished, MOST_STEPS, max(steps, 1)))


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
