"""Random augmentation of medical images as a part of the training graph."""

import math

import keras
from keras import ops, random

from plexus.data.augmentation import AugmentationPolicy
from plexus.nets.augmentation import ImageAugmentation

ROTATION, SHIFT, SCALE = math.radians(7.5), 0.045, 0.07
"""Largest rotation in radians, shift as a share of the side, and change of scale along each axis as a logarithm."""
INTENSITY, NOISE = 0.12, 0.02
"""Largest change of contrast, brightness and gamma, and largest standard deviation of the noise, as shares."""
SHARP_SHARE = 1 / 3
"""Share of the images that are not resampled."""


@keras.saving.register_keras_serializable("plexus_medical")
class ScanAugmentation(keras.layers.Layer):
    """Turns, shifts and scales images, and varies contrast, brightness, gamma and noise.

    A share of the images is not resampled: with resampled images alone, which are blurred, batch normalization would
    have the statistics of blurred images, and sharp ones would get other probabilities.

    Args:
        amount: Factor of all amounts, above 0.
        mirror: Whether half of the images are mirrored.
        seed: Random seed.

    Example:
        ```python
        images = ScanAugmentation(1.0, mirror=False, seed=0)(images)
        ```
    """

    def __init__(self, amount: float, mirror: bool, seed: int) -> None:
        super().__init__(name="augmentation", dtype="float32")
        policy = AugmentationPolicy(
            rotate=amount * ROTATION, shift=amount * SHIFT, scale=amount * SCALE, fill="constant"
        )
        self.amount, self.mirror = amount, mirror
        self.resampling = ImageAugmentation(policy, seed)
        self.seed = random.SeedGenerator(seed + 1)

    def call(self, images: keras.KerasTensor) -> keras.KerasTensor:
        """Augment each image independently.

        Args:
            images: Bytes of shape `(n, height, width, channels)`.

        Returns:
            Floats from 0 to 255 of the same shape.
        """
        images = ops.cast(images, "float32")
        resampled = self.resampling(images)
        images = ops.where(self._uniform(images, 0, 1) < SHARP_SHARE, images, resampled)
        if self.mirror:
            images = ops.where(self._uniform(images, 0, 1) < 0.5, ops.flip(images, axis=2), images)
        return self._vary_intensity(images)

    def _vary_intensity(self, images: keras.KerasTensor) -> keras.KerasTensor:
        """Vary contrast, brightness and gamma, and add noise, in this order."""
        most = min(self.amount * INTENSITY, 0.5)
        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
        images = (images - mean) * self._uniform(images, 1 - most, 1 + most) + mean
        images = images / 255 + self._uniform(images, -most, most)
        images = ops.power(ops.clip(images, 1e-3, 1.0), ops.exp(self._uniform(images, -most, most)))
        noise = random.normal(ops.shape(images), seed=self.seed)
        images = images + noise * self._uniform(images, 0, self.amount * NOISE)
        return 255 * ops.clip(images, 0.0, 1.0)

    def _uniform(self, images: keras.KerasTensor, low: float, high: float) -> keras.KerasTensor:
        """Draw one number per image, shape `(n, 1, 1, 1)`."""
        return random.uniform((ops.shape(images)[0], 1, 1, 1), low, high, seed=self.seed)
