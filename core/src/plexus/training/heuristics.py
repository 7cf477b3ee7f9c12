"""Values of options that were left open, and steps per execution.

They follow from the data, the network and the devices, never from a clock, so that a training is reproducible.
"""

import math
from typing import TYPE_CHECKING

import keras

from plexus.task import AnyTask
from plexus.training.data_defaults import default_batch_size, default_patience

if TYPE_CHECKING:
    from plexus.codec import Codec
    from plexus.dataset import Dataset
    from plexus.run import Run

EXECUTION_FLOPS = 150e9
"""Work of one execution of the compiled function: about half a second on two cores."""
MAX_STEPS_PER_EXECUTION = 64
FORWARD_PASSES_PER_STEP = 3
LINEAR_SCALING = ("sgd",)
"""Optimizers whose learning rate scales linearly with the batch size (Goyal et al. 2017, arXiv:1706.02677); that of
adaptive ones scales with its square root (Malladi et al. 2022, arXiv:2205.10782)."""


def steps_per_execution(flops: float, batch_size: int, steps: int) -> int:
    """Return how many steps one call of the compiled function takes.

    Many steps make the overhead of Python small; few keep the progress line and Ctrl-C responsive.

    Args:
        flops: Floating-point operations of a forward pass of one example.
        batch_size: Examples per step.
        steps: Steps per epoch.

    Returns:
        A power of two, at most `MAX_STEPS_PER_EXECUTION` and `steps`.
    """
    if keras.backend.backend() == "torch":
        return 1  # Keras returns to Python after each step
    affordable = EXECUTION_FLOPS / max(FORWARD_PASSES_PER_STEP * flops * batch_size, 1)
    power_of_two = 2 ** math.floor(math.log2(max(affordable, 1)))
    return int(min(power_of_two, MAX_STEPS_PER_EXECUTION, max(steps, 1)))


def resolve_options(
    task: AnyTask, run: "Run", dataset: "Dataset", devices: int, largest: int | None = None
) -> "tuple[Run, Codec]":
    """Fit the codec, resolve the options that were left open, and write them to the run's folder.

    A batch size that the user passed is that of all devices together. Otherwise each device gets as many examples as a
    single one would, and the learning rate is scaled.

    Args:
        task: The task.
        run: The run.
        dataset: The dataset.
        devices: Number of devices.
        largest: The largest batch size that fits in memory, with `--batch-size auto`.

    Returns:
        The run with resolved options, and the codec.

    Raises:
        InputError: If the data or an option cannot be used.
    """
    examples = max(dataset.count("train"), 1)  # without a training split, fit_codec says what is missing
    single = default_batch_size(examples)
    batch_size = run.options.batch_size or largest or _over_devices(single, devices, examples)
    growth = batch_size / single if run.options.batch_size is None else 1.0
    run = run.resolve(batch_size=batch_size, backend=keras.backend.backend())
    codec = task.fit_codec(dataset, run.options)
    run = run.resolve(**task.resolve_options(dataset, codec, run.options))
    run = run.resolve(patience=default_patience(run.epochs), evaluate_every=1)
    if growth != 1 and run.options.learning_rate:
        exponent = 1.0 if run.options.optimizer in LINEAR_SCALING else 0.5
        run = run.with_options(learning_rate=run.options.learning_rate * growth**exponent)
    run.save()
    return run, codec


def _over_devices(single: int, devices: int, examples: int) -> int:
    """Return as many examples per device as a single one would take, if there are enough."""
    return max(min(single, examples // devices), 1) * devices
