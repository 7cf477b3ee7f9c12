"""The training graph of face recognition."""

from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from plexus import Examples
from plexus.data.augmentation import AugmentationPolicy
from plexus.nets.augmentation import ImageAugmentation
from plexus_faces.codec import FaceCodec
from plexus_faces.options import RecognizeOptions
from plexus_faces.whitening import fit_whitening

TEMPERATURE = 0.1
"""That of Khosla et al. 2020, section 4.4."""
AUGMENTATION = AugmentationPolicy(flip=True, rotate=0.07, scale=0.05, shift=0.03, color=0.3, erase=0.1, fill="reflect")
"""Errors of the alignment, light, and covered parts of the face."""
INFERENCE_BATCH = 64


class EmbeddingLearner(keras.Model):
    """Trains embeddings of faces: near for one person, far for two.

    It trains any network from `face` to `embedding`.

    Args:
        network: From `face` to `embedding`.
        seed: Random seed of the augmentation.

    Example:
        ```python
        learner = EmbeddingLearner(network, seed=0)
        ```
    """

    def __init__(self, network: keras.Model, seed: int) -> None:
        super().__init__(name="learner")
        self.network, self.augmentation = network, ImageAugmentation(AUGMENTATION, seed)

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> dict[str, keras.KerasTensor]:
        """Compute embeddings of augmented faces.

        Args:
            inputs: `face` of shape `(n, 150, 150, 3)`.
            training: Whether to augment.

        Returns:
            `embedding` of shape `(n, d)`.
        """
        faces = self.augmentation(inputs["face"]) if training else inputs["face"]
        return dict(self.network({"face": faces}, training=training))

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: keras.KerasTensor = None,
        y_pred: Mapping[str, keras.KerasTensor] | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the supervised contrastive loss (Khosla et al. 2020, equation 2), and the penalties on the weights.

        The mean is over the faces that have another one of their person in the batch.

        Args:
            x: Not used.
            y: Indices of the persons, shape `(n,)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        embeddings = ops.normalize(ops.cast((y_pred or {})["embedding"], "float32"), axis=-1)
        similarities = embeddings @ ops.transpose(embeddings) / TEMPERATURE
        itself = ops.eye(ops.shape(similarities)[0])
        log_shares = ops.log_softmax(similarities - 1e9 * itself, axis=-1)
        same = ops.cast(ops.equal(y[:, None], y[None, :]), "float32") - itself
        count = ops.sum(same, axis=-1)
        losses = -ops.sum(ops.where(same > 0, log_shares, 0.0), axis=-1) / ops.maximum(count, 1.0)
        return ops.sum(losses) / ops.maximum(ops.sum(ops.cast(count > 0, "float32")), 1.0) + sum(self.losses, 0.0)


def build_learner(
    network: keras.Model, train: Examples[str], codec: FaceCodec, options: RecognizeOptions
) -> keras.Model:
    """Build the learner, and fit the last layer of a network without pretrained weights.

    Args:
        network: From `face` to `embedding`; of `--weights none`, that of `plexus_faces.network`.
        train: Faces and persons.
        codec: The codec.
        options: The resolved options.

    Returns:
        The learner; the network itself without epochs.
    """
    if options.weights == "none":
        kernel, bias = fit_whitening(_features(network, train.encode(codec)["face"]), np.asarray(train.targets))
        network.get_layer("embedding").set_weights([kernel, bias])
    return EmbeddingLearner(network, options.seed) if options.epochs else network


def _features(network: keras.Model, chips: np.ndarray) -> np.ndarray:
    features = network.get_layer("features")
    starts = range(0, len(chips), INFERENCE_BATCH)
    return np.concatenate([ops.convert_to_numpy(features(chips[i : i + INFERENCE_BATCH])) for i in starts])
