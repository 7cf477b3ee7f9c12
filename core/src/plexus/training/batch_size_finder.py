"""How many examples a step memory has room for."""

import gc
import sys
import tempfile
from pathlib import Path
from typing import Any

from plexus.run import Run
from plexus.task import Task
from plexus.training.callbacks.checkpoint import source_state
from plexus.utils.messages import note

MOST, FEWEST_STEPS = 65_536, 10
"""What a search for the largest batch begins with: as many examples, or as make this many steps an epoch."""


def memory_errors() -> tuple[type[BaseException], ...]:
    """What is raised, among others, when memory is full: ask `is_out_of_memory` of what was caught."""
    tensorflow = sys.modules.get("tensorflow")
    return (MemoryError, RuntimeError, *([tensorflow.errors.ResourceExhaustedError] if tensorflow else []))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether it is what NumPy, TensorFlow, JAX or torch raise when memory is full."""
    named = {"MemoryError", "ResourceExhaustedError", "OutOfMemoryError"}
    return bool(named & {kind.__name__ for kind in type(error).__mro__}) or any(
        text in str(error) for text in ("RESOURCE_EXHAUSTED", "Out of memory")
    )


def first_batch(examples: int) -> int:
    """The power of two that a search for the largest batch begins with."""
    return min(1 << max(examples // FEWEST_STEPS, 1).bit_length() - 1, MOST)


def largest_batch(task: Task, run: Run, source: Any, batch_size: int, devices: int) -> int | None:
    """The largest that fits, of a batch size and its halves: each is tried by the first steps of a training.

    Args:
        batch_size: the first to try.
        devices: which share each batch: no batch is smaller than their number.

    Returns:
        None where not even the smallest fits.
    """
    while batch_size >= devices:
        size = batch_size // devices * devices
        state = source_state(source)
        fits = _fits(task, run, source, size)
        if state:
            source.restore(state)
        if fits:
            return size
        note(f"{size} examples a step do not fit in memory")
        batch_size //= 2
    return None


def _fits(task: Task, run: Run, source: Any, batch_size: int) -> bool:
    from plexus.training.trainer import begin

    with tempfile.TemporaryDirectory(prefix="plexus-") as folder:
        options = run.options.model_copy(update={"batch_size": batch_size})
        trial = Run(Path(folder), run.task, options, Path(folder) / "bundle")
        try:
            session = begin(task, trial, source, tracked=False)
            session.request_stop()
            session.fit()
        except KeyboardInterrupt:  # stopped after the first steps, as asked
            return True
        except memory_errors() as error:
            if not is_out_of_memory(error):
                raise
            return False
        finally:
            gc.collect()
    return True
