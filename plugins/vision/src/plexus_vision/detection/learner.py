"""The training graph of object detection."""

import keras
import numpy as np
from keras import ops

from plexus_vision.detection.assignment import assign_points, overlaps

BOX_WEIGHT = 2.0
"""Weight of the loss of boxes; that of scores has the weight 1."""


class DetectionLearner(keras.Model):
    """Trains scores to predict the overlap of each point's box, and boxes to overlap those that are annotated.

    Points are assigned to annotated boxes by `assign_points`. The loss of the scores is the binary cross-entropy with
    the targets of that assignment, which are overlaps (Li et al. 2020, arXiv:2006.04388); that of the boxes is one
    minus the generalized intersection over union.

    Args:
        network: From `image` to `scores` and `boxes`.
        points: x, y and stride of the network's points, shape `(points, 3)`.

    Example:
        ```python
        learner = DetectionLearner(network, network_points((256, 320), strides=(8,)))
        ```
    """

    def __init__(self, network: keras.Model, points: np.ndarray) -> None:
        super().__init__(name="learner")
        self.network, self.points = network, points

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> dict[str, keras.KerasTensor]:
        """Compute scores and boxes.

        Args:
            inputs: `image` of shape `(n, height, width, channels)`.
            training: Whether batch normalization uses the statistics of the batch.

        Returns:
            `scores` and `boxes` of the network.
        """
        # The batches are generated, and TensorFlow does not know the height of generated images.
        image = ops.reshape(inputs["image"], (-1, *self.network.input["image"].shape[1:]))
        outputs: dict[str, keras.KerasTensor] = self.network({"image": image}, training=training)
        return outputs

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: keras.KerasTensor = None,
        y_pred: dict[str, keras.KerasTensor] | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the loss of scores and boxes, and the penalties on the weights.

        Args:
            x: Not used.
            y: Annotated boxes: four sides, class, 1 for a box, -1 for a difficult one, 0 for padding, shape
                `(n, most, 6)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        outputs = y_pred or {}
        logits, boxes = ops.cast(outputs["scores"], "float32"), ops.cast(outputs["boxes"], "float32")
        scores, targets, weights, scored = map(
            ops.stop_gradient, assign_points(ops.sigmoid(logits), boxes, ops.convert_to_tensor(self.points), y)
        )
        score_loss = ops.sum(ops.binary_crossentropy(scores, logits, from_logits=True) * scored[..., None])
        box_loss = ops.sum((1 - overlaps(boxes, targets)[1]) * weights)
        losses = score_loss / _at_least_one(scores) + BOX_WEIGHT * box_loss / _at_least_one(weights)
        return losses + sum(self.losses, start=0.0)


def _at_least_one(weights: keras.KerasTensor) -> keras.KerasTensor:
    return ops.maximum(ops.sum(weights), 1.0)
