"""The training graph of self-supervised learning: features of images without labels."""

import keras
from keras import layers, ops

from plexus.nets.augmentation import ImageAugmentation

OFF_DIAGONAL_WEIGHT = 0.005
"""Weight of the correlations between two outputs (Zbontar et al. 2021, section 3: lambda)."""
EPSILON = 1e-5


class BarlowTwinsLearner(keras.Model):
    """Trains a network so that two augmented views of an image get the same features (Barlow Twins).

    A projection of both views is standardized over the batch. Their cross-correlation matrix is to be the identity: an
    output is the same for both views of an image, and two outputs are not correlated, so that a constant is no solution
    (Zbontar et al. 2021, arXiv:2103.03230, equation 1). The projection is left out of the network that is saved.

    Args:
        network: From `image` to `embedding` of shape `(n, features)`.
        augmentation: Draws a view of each image.
        projection: Units of the layers of the projection.

    Example:
        ```python
        augmentation = ImageAugmentation(AugmentationPolicy(rotate=0.3, scale=0.3, shift=0.1), seed=0)
        learner = BarlowTwinsLearner(network, augmentation, projection=256)
        ```
    """

    def __init__(self, network: keras.Model, augmentation: ImageAugmentation, projection: int) -> None:
        super().__init__(name="learner")
        self.network, self.augmentation = network, augmentation
        self.projector = build_projector(network.output["embedding"].shape[-1], projection)

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> dict[str, keras.KerasTensor]:
        """Compute the features of two views of each image.

        Both pass the network in one batch, so that its batch normalization has the statistics of both.

        Args:
            inputs: `image` of shape `(n, height, width, channels)`.
            training: Whether two views of each image are drawn; otherwise each image is used as it is.

        Returns:
            `embedding`; in training of shape `(2 n, features)`, and `projection` of shape `(2 n, projection)`.
        """
        image = inputs["image"]
        if not training:
            return dict(self.network({"image": image}, training=False))
        views = ops.concatenate([self.augmentation(image), self.augmentation(image)])
        embedding = self.network({"image": views}, training=True)["embedding"]
        return {"embedding": embedding, "projection": self.projector(embedding, training=True)}

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: keras.KerasTensor = None,
        y_pred: dict[str, keras.KerasTensor] | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the distance of the cross-correlation matrix from the identity, and the penalties on the weights.

        Args:
            x: Not used.
            y: Not used: there are no labels.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss, per output of the projection.
        """
        first, second = ops.split(ops.cast((y_pred or {})["projection"], "float32"), 2)
        return redundancy_loss(first, second) + sum(self.losses, start=0.0)


def redundancy_loss(first: keras.KerasTensor, second: keras.KerasTensor) -> keras.KerasTensor:
    """Compute the loss of Barlow Twins (Zbontar et al. 2021, equation 1), divided by the number of outputs.

    Args:
        first: Projections of one view, shape `(n, outputs)`.
        second: Projections of the other view, shape `(n, outputs)`.

    Returns:
        The loss, from 0; 1 for views that have nothing in common.
    """
    outputs = first.shape[-1]
    correlation = ops.matmul(ops.transpose(_standardize(first)), _standardize(second)) / ops.shape(first)[0]
    identity = ops.eye(outputs)
    squares = ops.square(correlation - identity)
    weights = OFF_DIAGONAL_WEIGHT + (1 - OFF_DIAGONAL_WEIGHT) * identity
    return ops.sum(weights * squares) / outputs


def build_projector(features: int, units: int) -> keras.Model:
    """Build the projection, which learns what only the loss needs (Zbontar et al. 2021, section 2.2).

    Args:
        features: Size of the embedding.
        units: Units of each layer.

    Returns:
        A network from embeddings of shape `(n, features)` to projections of shape `(n, units)`.
    """
    embedding = keras.Input((features,), name="embedding")
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(layers.Dense(units, use_bias=False)(embedding)))
    return keras.Model(embedding, layers.Dense(units, use_bias=False)(x), name="projector")


def _standardize(values: keras.KerasTensor) -> keras.KerasTensor:
    mean, variance = ops.moments(values, axes=0, keepdims=True)
    return (values - mean) / ops.sqrt(variance + EPSILON)
