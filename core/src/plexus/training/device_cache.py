"""Cache of training data in an accelerator's memory."""

from dataclasses import replace
from typing import TYPE_CHECKING

import keras

from plexus.data.batches import Batches
from plexus.runtime.placement import Placement

if TYPE_CHECKING:
    import jax

MAX_MEMORY_FRACTION = 0.25
"""Fraction of an accelerator's free memory that an epoch may take to be sent at once, instead of batch by batch."""


def cached_on_device(batches: Batches, placement: Placement) -> Batches:
    """Move an epoch's arrays to the accelerator if there is one with enough memory.

    On TensorFlow and on several devices, each of which gets another part of every batch, nothing is moved.

    Args:
        batches: The epoch.
        placement: The devices.

    Returns:
        The epoch.
    """
    if keras.backend.backend() != "jax" or len(placement.devices) > 1 or batches.batch_size is None:
        return batches
    import jax

    (device,) = jax.local_devices()[:1]
    if device.platform == "cpu" or _size(batches) > MAX_MEMORY_FRACTION * _free_memory(device):
        return batches
    return put_on_device(batches, device)


def put_on_device(batches: Batches, device: "jax.Device") -> Batches:
    """Move an epoch's arrays to a JAX device.

    Args:
        batches: The epoch.
        device: The device.

    Returns:
        The epoch.
    """
    import jax

    return replace(batches, x=jax.device_put(batches.x, device), y=jax.device_put(batches.y, device))


def _free_memory(device: "jax.Device") -> int:
    """Return the free bytes of a device; 0 if they are unknown."""
    stats = device.memory_stats() or {}
    return int(stats.get("bytes_limit", 0) - stats.get("bytes_in_use", 0))


def _size(batches: Batches) -> int:
    return sum(array.nbytes for array in keras.tree.flatten((batches.x, batches.y)) if array is not None)
