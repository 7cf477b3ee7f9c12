"""The largest batch size that fits in memory."""

import sys
from collections.abc import Callable

from plexus.utils.boundary import message_of
from plexus.utils.messages import note

MAX_BATCH_SIZE, MIN_STEPS = 65_536, 10
"""The search starts with the smaller of two sizes: the first, or the one that leaves so many steps per epoch."""
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
        text in message_of(error) for text in ("RESOURCE_EXHAUSTED", "Out of memory")
    )


def first_batch_size(examples: int) -> int:
    """Return the power of two that the search starts with.

    Args:
        examples: Training examples.

    Returns:
        The batch size.
    """
    return min(1 << max(examples // MIN_STEPS, 1).bit_length() - 1, MAX_BATCH_SIZE)


def largest_batch_size(fits: Callable[[int], bool], batch_size: int, devices: int) -> int | None:
    """Return the largest batch size that fits: a size, or the first of its halves.

    Args:
        fits: Returns whether a batch size fits, from some steps of training.
        batch_size: The first size to try.
        devices: Number of devices, which divide each batch among them.

    Returns:
        The batch size; None if not even the smallest fits.
    """
    while batch_size >= devices:
        size = batch_size // devices * devices
        if fits(size):
            return size
        note(f"{size} examples per step do not fit in memory")
        batch_size //= 2
    return None
