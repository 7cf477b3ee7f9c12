"""The points of the network's maps, each of which detects at most one object."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("plexus")
class PointBoxes(keras.layers.Layer):
    """Logits and distances of all maps, to one list of points with boxes in pixels.

    Each point predicts the distances from it to the sides of its box (Tian et al. 2019, arXiv:1904.01355, equation 1),
    here in strides of its map and by softplus.

    Args:
        strides: Strides of the maps, in pixels.
        name: Name of the layer.

    Example:
        ```python
        scores, boxes = PointBoxes((8, 16))([logits_8, distances_8, logits_16, distances_16])
        ```
    """

    def __init__(self, strides: tuple[int, ...], name: str = "boxes") -> None:
        super().__init__(name=name, dtype="float32")
        self.strides = tuple(strides)

    def call(self, maps: list[keras.KerasTensor]) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """Compute the boxes.

        Args:
            maps: Logits of shape `(n, height, width, classes)` and distances of shape `(n, height, width, 4)` of each
                stride in turn.

        Returns:
            Logits of shape `(n, points, classes)`; left, top, right and bottom in pixels, shape `(n, points, 4)`.
        """
        scores, boxes = [], []
        for stride, logits, distances in zip(self.strides, maps[::2], maps[1::2], strict=True):
            distances = ops.softplus(ops.cast(distances, "float32")) * stride
            points = _middles(logits.shape[1:3], stride)
            box = ops.concatenate([points - distances[..., :2], points + distances[..., 2:]], axis=-1)
            scores.append(_flatten(ops.cast(logits, "float32"), logits.shape[-1]))
            boxes.append(_flatten(box, 4))
        return ops.concatenate(scores, axis=1), ops.concatenate(boxes, axis=1)

    def get_config(self) -> dict[str, object]:
        """Return the arguments of the constructor.

        Returns:
            The strides and the name.
        """
        return {"strides": self.strides, "name": self.name}


def network_points(shape: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray:
    """Return the points of a network in the order of its outputs.

    Args:
        shape: Height and width of its images, multiples of the strides.
        strides: Strides of its maps.

    Returns:
        x, y and stride in pixels, shape `(points, 3)`, float32.
    """
    parts = []
    for stride in strides:
        middles = _middles((shape[0] // stride, shape[1] // stride), stride).reshape(-1, 2)
        parts.append(np.column_stack([middles, np.full(len(middles), stride, np.float32)]))
    return np.concatenate(parts)


def _middles(shape: tuple[int, ...], stride: int) -> np.ndarray:
    """Return x and y of the middle of the pixels that each place of a map stands for, shape `(height, width, 2)`."""
    y, x = np.indices(shape, np.float32)
    return (np.stack([x, y], axis=-1) + np.float32(0.5)) * np.float32(stride)


def _flatten(maps: keras.KerasTensor, channels: int) -> keras.KerasTensor:
    return ops.reshape(maps, (-1, maps.shape[1] * maps.shape[2], channels))
