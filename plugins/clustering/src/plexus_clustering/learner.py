"""The training graph: an autoencoder whose embedding also learns pseudo-labels."""

import keras
import numpy as np
from keras import ops, random

from plexus.nets.augmentation import ImageAugmentation

UNLABELLED = -1
"""Pseudo-label of rows that have none."""
ROW_NOISE = 0.1
"""Standard deviation of the noise that is added to rows of tables."""
RECONSTRUCTION_WEIGHT = 10.0


class ClusterLearner(keras.Model):
    """Augments an input, embeds it and reconstructs the original; classifies rows that have a pseudo-label.

    To reconstruct the original image, the embedding has to ignore the augmentation (denoising autoencoder, Vincent et
    al. 2010). The pseudo-labels are a variable, so that they are part of the checkpoint.

    Args:
        network: From inputs to `embedding` and `membership`.
        decoder: From the embedding to inputs.
        augmentation: Augmentation of images. Without one, rows get noise, and images stay as they are.
        rows: Rows of the training data.
        seed: Random seed of the noise.

    Example:
        ```python
        learner = ClusterLearner(network, build_decoder((28, 28, 1), 16), None, rows=1000, seed=0)
        ```
    """

    def __init__(
        self, network: keras.Model, decoder: keras.Model, augmentation: ImageAugmentation | None, rows: int, seed: int
    ) -> None:
        super().__init__(name="learner")
        self.network, self.decoder, self.augmentation = network, decoder, augmentation
        (self.input_name,) = network.input
        self.seed = random.SeedGenerator(seed)
        self.pseudo_labels = self.add_weight((rows,), "zeros", "int32", trainable=False, name="pseudo_labels")
        self.pseudo_labels.assign(np.full(rows, UNLABELLED, np.int32))

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> dict[str, keras.KerasTensor]:
        """Compute the outputs for augmented inputs, and the reconstruction error.

        Args:
            inputs: `image` or `x`.
            training: Whether to augment.

        Returns:
            The network's outputs, and `error`, the mean squared error of each reconstruction, shape `(n,)`.
        """
        x = inputs[self.input_name]
        original = ops.cast(x, "float32") / (255.0 if self.input_name == "image" else 1.0)
        outputs = self.network({self.input_name: self._augment(x) if training else x}, training=training)
        reconstruction = self.decoder(outputs["embedding"], training=training)
        error = ops.mean(ops.square(reconstruction - original), axis=list(range(1, len(original.shape))))
        return {**outputs, "error": error}

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: keras.KerasTensor = None,
        y_pred: dict[str, keras.KerasTensor] | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the reconstruction error plus the cross-entropy of the rows with a pseudo-label.

        Args:
            x: Not used.
            y: Pseudo-labels of shape `(n,)`; -1 for none.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        outputs = y_pred or {}
        labelled = ops.cast(y != UNLABELLED, "float32")
        cross_entropy = ops.sparse_categorical_crossentropy(ops.maximum(y, 0), outputs["membership"])
        return RECONSTRUCTION_WEIGHT * ops.mean(outputs["error"]) + ops.mean(labelled * cross_entropy)

    def _augment(self, x: keras.KerasTensor) -> keras.KerasTensor:
        if self.augmentation is not None:
            return self.augmentation(x)
        if self.input_name == "image":
            return x
        return x + ROW_NOISE * random.normal(ops.shape(x), seed=self.seed)
