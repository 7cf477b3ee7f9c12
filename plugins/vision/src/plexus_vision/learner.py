"""The training graph of image classification."""

import keras
from keras import ops, random

from plexus.nets.augmentation import ImageAugmentation
from plexus_vision.options import ClassifyOptions


class ImageLearner(keras.Model):
    """Augments images before the network, and trains on smoothed and mixed labels.

    Mixup (Zhang et al. 2018, arXiv:1710.09412) and CutMix (Yun et al. 2019, arXiv:1905.04899) pair each image with its
    neighbour in the batch. Keras's layers of that name mix images and labels before the model, for one-hot labels in a
    `tf.data` pipeline; here they run on every backend within the compiled step.

    Args:
        network: From `image` to `logits`.
        augmentation: The augmentation layer, if any.
        options: The resolved options.

    Example:
        ```python
        learner = ImageLearner(network, ImageAugmentation(policy, seed=0), options)
        ```
    """

    def __init__(self, network: keras.Model, augmentation: ImageAugmentation | None, options: ClassifyOptions) -> None:
        super().__init__(name="learner")
        self.network, self.augmentation = network, augmentation
        self.smoothing, self.mixup, self.cutmix = options.label_smoothing, options.mixup, options.cutmix
        self.classes = network.output["logits"].shape[-1]
        self.seed = random.SeedGenerator(options.seed + 1)

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> dict[str, keras.KerasTensor]:
        """Compute the logits of augmented images.

        Args:
            inputs: `image` of shape `(n, height, width, channels)`.
            training: Whether to augment and mix.

        Returns:
            `logits` of shape `(n, classes)`, and `mixed`, the share of the neighbour's label, of shape `(n,)`.
        """
        images = inputs["image"]
        mixed = ops.zeros((ops.shape(images)[0],))
        if training and self.augmentation is not None:
            images = self.augmentation(images)
        if training and self.mixup:
            images, mixed = self._mixup(images)
        elif training and self.cutmix:
            images, mixed = self._cutmix(images)
        return {**self.network({"image": images}, training=training), "mixed": mixed}

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: keras.KerasTensor = None,
        y_pred: dict[str, keras.KerasTensor] | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the cross-entropy with smoothed and mixed labels, and the penalties on the weights.

        Args:
            x: Not used.
            y: Classes of shape `(n,)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        outputs = y_pred or {}
        one_hot = ops.one_hot(ops.cast(y, "int32"), self.classes)
        share = outputs["mixed"][:, None]
        target = (1 - share) * one_hot + share * ops.roll(one_hot, 1, axis=0)
        loss = keras.losses.categorical_crossentropy(
            target, outputs["logits"], from_logits=True, label_smoothing=self.smoothing
        )
        return ops.mean(loss) + sum(self.losses, start=0.0)

    def _mixup(self, images: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        images = ops.cast(images, "float32")
        share = self._smaller_share(images, self.mixup)
        weight = share[:, None, None, None]
        return (1 - weight) * images + weight * ops.roll(images, 1, axis=0), share

    def _cutmix(self, images: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        images = ops.cast(images, "float32")
        height, width = images.shape[1:3]
        side = ops.sqrt(self._smaller_share(images, self.cutmix))
        rows, columns = self._random_span(images, height, side), self._random_span(images, width, side)
        pasted = ops.logical_and(rows[:, :, None], columns[:, None, :])
        share = ops.mean(ops.cast(pasted, "float32"), axis=(1, 2))
        return ops.where(pasted[..., None], ops.roll(images, 1, axis=0), images), share

    def _smaller_share(self, images: keras.KerasTensor, strength: float) -> keras.KerasTensor:
        """Draw from Beta(strength, strength), folded at one half."""
        draw = random.beta((ops.shape(images)[0],), strength, strength, seed=self.seed)
        return ops.minimum(draw, 1 - draw)

    def _random_span(self, images: keras.KerasTensor, size: int, share: keras.KerasTensor) -> keras.KerasTensor:
        """Return which places along an axis lie within a random span of it, shape `(n, size)`."""
        middle = random.uniform((ops.shape(images)[0], 1), 0, size, seed=self.seed)
        return ops.abs(ops.arange(size, dtype="float32") + 0.5 - middle) <= share[:, None] * size / 2
