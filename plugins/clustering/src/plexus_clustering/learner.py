"""The training graph: an autoencoder whose embedding also learns clusters."""

import keras
import numpy as np
from keras import ops, random

from plexus.nets.augmentation import ImageAugmentation
from plexus.training.keras_predictor import KerasPredictor

UNKNOWN = -1
NOISE_IN_ROWS = 0.1
RECONSTRUCTION = 10.0


class ClusterLearner(keras.Model):
    """Varies an input, embeds it, and gives back the input as it was; learns the cluster of rows that have one.

    To give back the unvaried picture, the embedding has to leave out how it was varied. What each row is to learn lies
    in `targets`, a variable like any other, so that a training that was cut off goes on with it.

    Args:
        network: inputs to `embedding` and `membership`.
        decoder: the embedding to inputs.
        augmentation: of pictures; None: rows get noise, pictures are left as they are.
        rows: of the training data.
    """

    def __init__(
        self, network: keras.Model, decoder: keras.Model, augmentation: ImageAugmentation | None, rows: int, seed: int
    ) -> None:
        super().__init__(name="learner")
        self.network, self.decoder, self.augmentation = network, decoder, augmentation
        (self.input_name,) = network.input
        self.answers = KerasPredictor(network)
        self.seed = random.SeedGenerator(seed)
        self.targets = self.add_weight((rows,), "zeros", "int32", trainable=False, name="targets")
        self.targets.assign(np.full(rows, UNKNOWN, np.int32))

    def call(self, inputs: dict, training: bool = False) -> dict:
        """The network's outputs, and `error`, the mean squared error of each reconstruction `(n,)`."""
        given = inputs[self.input_name]
        original = ops.cast(given, "float32") / (255.0 if self.input_name == "image" else 1.0)
        outputs = self.network({self.input_name: self._varied(given) if training else given}, training=training)
        back = self.decoder(outputs["embedding"], training=training)
        error = ops.mean(ops.square(back - original), axis=list(range(1, len(original.shape))))
        return {**outputs, "error": error}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> object:
        """Reconstruction (Vincent et al. 2010), and the cross-entropy of the memberships where a target is known."""
        known = ops.cast(y != UNKNOWN, "float32")
        own = ops.sparse_categorical_crossentropy(ops.maximum(y, 0), y_pred["membership"])
        return RECONSTRUCTION * ops.mean(y_pred["error"]) + ops.mean(known * own)

    def _varied(self, given: object) -> object:
        if self.augmentation is not None:
            return self.augmentation(given)
        if self.input_name == "image":
            return given
        return given + NOISE_IN_ROWS * random.normal(ops.shape(given), seed=self.seed)
