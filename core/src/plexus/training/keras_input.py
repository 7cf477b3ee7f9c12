"""Epochs as `keras.Model.fit` takes them."""

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from plexus.data.batches import Batches, Structure
from plexus.data.generated_batches import PREFETCHED, GeneratedBatches

if TYPE_CHECKING:
    import tensorflow as tf


def as_keras_input(batches: Batches) -> Batches:
    """Convert an epoch to the form that `keras.Model.fit` reads fastest.

    On TensorFlow, arrays and `GeneratedBatches` become a `tf.data.Dataset`. To divide arrays into batches, Keras would
    trace several functions in each epoch, which takes longer than an epoch of a small training. For
    `GeneratedBatches`, it would use the shape of the first batch for all; here the axes are free.

    Args:
        batches: The epoch: arrays, a dataset of the backend, or `GeneratedBatches`.

    Returns:
        The same epoch.
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    if batches.batch_size is not None:
        x, rows, steps = _dataset_of_arrays(batches), batches.batch_size, len(batches)
        return replace(batches, x=x, y=None, batch_size=None, rows=rows, steps=steps, examples=batches.total)
    if isinstance(batches.x, GeneratedBatches):
        return replace(batches, x=_dataset_of_generated(batches.x))
    return batches


def _dataset_of_arrays(batches: Batches) -> "tf.data.Dataset":
    import tensorflow as tf

    steps, rows = len(batches), batches.rows_per_step

    def divided(values: Structure) -> Structure:
        values = np.asarray(values)
        dtype = keras.config.floatx() if values.dtype.kind == "f" else values.dtype
        return values[: steps * rows].reshape(steps, rows, *values.shape[1:]).astype(dtype, copy=False)

    both = (batches.x,) if batches.y is None else (batches.x, batches.y)
    return tf.data.Dataset.from_tensor_slices(keras.tree.map_structure(divided, both)).prefetch(PREFETCHED)


def _dataset_of_generated(batches: GeneratedBatches) -> "tf.data.Dataset":
    import tensorflow as tf

    def spec(values: np.ndarray) -> tf.TensorSpec:
        return tf.TensorSpec((None, None, *values.shape[2:])[: values.ndim], values.dtype)

    first = batches[0]
    signature = {name: spec(values) for name, values in first[0].items()}, spec(first[1])

    def generate() -> Any:
        return itertools.chain([first], (batches[index] for index in range(1, len(batches))))

    return tf.data.Dataset.from_generator(generate, output_signature=signature).prefetch(PREFETCHED)
