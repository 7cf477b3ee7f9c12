"""The largest batch size that fits in memory."""

import gc
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plexus.dataset import Stateful
from plexus.run import Run
from plexus.utils.messages import note

if TYPE_CHECKING:
    from plexus.dataset import Dataset
    from plexus.training.trainer import Trainer

MAX_BATCH_SIZE, MIN_STEPS = 65_536, 10
"""The search starts with the smaller of the two: so many examples, or as many as leave so many steps per epoch."""
MEMORY_ERROR_NAMES = {"MemoryError", "ResourceExhaustedError", "OutOfMemoryError"}


def memory_errors() -> tuple[type[BaseException], ...]:
    """Return the exceptions that may mean that memory is full; see `is_out_of_memory`.

    Returns:
        Exception classes for an `except` clause.
    """
    tensorflow = sys.modules.get("tensorflow")
    return (MemoryError, RuntimeError, *([tensorflow.errors.ResourceExhaustedError] if tensorflow else []))


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether NumPy, TensorFlow, JAX or torch raised an exception because memory is full.

    Args:
        error: The exception.

    Returns:
        Whether memory is full.
    """
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(MEMORY_ERROR_NAMES & names) or any(
        text in str(error) for text in ("RESOURCE_EXHAUSTED", "Out of memory")
    )


def first_batch_size(examples: int) -> int:
    """Return the power of two that the search starts with.

    Args:
        examples: Training examples.

    Returns:
        The batch size.
    """
    return min(1 << max(examples // MIN_STEPS, 1).bit_length() - 1, MAX_BATCH_SIZE)


def largest_batch_size(
    trainer: "Trainer", run: Run[Any], dataset: "Dataset", batch_size: int, devices: int
) -> int | None:
    """Return the largest batch size that fits: a size, or the first of its halves, tried by the steps of a training.

    Args:
        trainer: A quiet trainer.
        run: The run.
        dataset: The dataset, whose state is restored after each trial.
        batch_size: The first size to try.
        devices: Number of devices, which share each batch.

    Returns:
        The batch size; None if not even the smallest fits.
    """
    while batch_size >= devices:
        size = batch_size // devices * devices
        state = dataset.state() if isinstance(dataset, Stateful) else None
        fits = _fits(trainer, run, dataset, size)
        if state is not None and isinstance(dataset, Stateful):
            dataset.restore(state)
        if fits:
            return size
        note(f"{size} examples per step do not fit in memory")
        batch_size //= 2
    return None


def _fits(trainer: "Trainer", run: Run[Any], dataset: "Dataset", batch_size: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="plexus-") as folder:
        options = run.options.model_copy(update={"batch_size": batch_size})
        trial = Run(Path(folder), run.task, options, Path(folder) / "bundle")
        try:
            session = trainer.begin(trial, dataset)
            session.request_stop()
            session.fit()
        except KeyboardInterrupt:  # stopped after the first steps, as requested
            return True
        except memory_errors() as error:
            if not is_out_of_memory(error):
                raise
            return False
        finally:
            gc.collect()
    return True
