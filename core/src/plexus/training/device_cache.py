"""Data that is kept where it is computed with."""

from dataclasses import replace
from typing import Any

import keras

from plexus.data.batches import Batches
from plexus.runtime.placement import Placement

SHARE = 0.25
"""Of an accelerator's free memory: an epoch that needs less is sent there whole, instead of batch by batch."""


def cached_on_device(batches: Batches, placement: Placement) -> Batches:
    """An epoch's arrays on the accelerator, if there is one, and room for them; Keras sends other batches one ahead.

    On TensorFlow and on several devices, where each gets another part of every batch, they stay where they are.
    """
    if keras.backend.backend() != "jax" or len(placement.devices) > 1 or batches.batch_size is None:
        return batches
    import jax

    (device,) = jax.local_devices()[:1]
    if device.platform == "cpu" or _size(batches) > SHARE * _free(device):
        return batches
    return sent(batches, device)


def sent(batches: Batches, device: Any) -> Batches:
    """An epoch's arrays on a device of JAX's."""
    import jax

    return replace(batches, x=jax.device_put(batches.x, device), y=jax.device_put(batches.y, device))


def _free(device: Any) -> int:
    """Bytes; 0 where the device does not say."""
    said = device.memory_stats() or {}
    return int(said.get("bytes_limit", 0) - said.get("bytes_in_use", 0))


def _size(batches: Batches) -> int:
    return sum(array.nbytes for array in keras.tree.flatten((batches.x, batches.y)) if array is not None)
