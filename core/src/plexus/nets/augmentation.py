"""Random augmentation of images as a part of the training graph."""

import keras
from keras import ops, random

from plexus.data.augmentation import AugmentationPolicy


@keras.saving.register_keras_serializable("plexus")
class ImageAugmentation(keras.layers.Layer):
    """Rotates, scales, shears, shifts and flips images by one resampling, varies colors, and erases a rectangle.

    Keras's layers resample once each; this one resamples once for all. It maps uint8 images to float32 images of the
    same shape, with values from 0 to 255, on every Keras backend.

    Args:
        policy: The amounts.
        seed: Random seed.

    Example:
        ```python
        images = ImageAugmentation(AugmentationPolicy(flip=True, rotate=0.1), seed=0)(images)
        ```
    """

    def __init__(self, policy: AugmentationPolicy, seed: int) -> None:
        super().__init__(name="augmentation", dtype="float32")
        self.policy = policy
        self.seed = random.SeedGenerator(seed)

    def call(self, images: keras.KerasTensor) -> keras.KerasTensor:
        """Augment each image independently.

        Args:
            images: Images of shape `(n, height, width, channels)`.

        Returns:
            Images of the same shape.
        """
        images = ops.cast(images, "float32")
        images = self._resample(images)
        if self.policy.color:
            images = self._vary_colors(images)
        return self._erase(images) if self.policy.erase else images

    def _uniform(self, images: keras.KerasTensor, low: float, high: float) -> keras.KerasTensor:
        """Draw one number per image."""
        return random.uniform((ops.shape(images)[0],), low, high, seed=self.seed)

    def _resample(self, images: keras.KerasTensor) -> keras.KerasTensor:
        """Sample each output pixel p at A (p - centre) + centre + shift."""
        policy, (height, width) = self.policy, images.shape[1:3]
        a, b, c, d = self._linear_part(images)
        shift_x = self._uniform(images, -policy.shift * width, policy.shift * width)
        shift_y = self._uniform(images, -policy.shift * height, policy.shift * height)
        if not (policy.rotate or policy.scale or policy.shear):
            shift_x, shift_y = ops.round(shift_x), ops.round(shift_y)  # whole pixels stay sharp
        x, y = (width - 1) / 2, (height - 1) / 2
        left = shift_x + x - a * x - b * y
        top = shift_y + y - c * x - d * y
        zero = ops.zeros_like(left)
        transform = ops.stack([a, b, left, c, d, top, zero, zero], axis=-1)
        return ops.image.affine_transform(images, transform, interpolation="bilinear", fill_mode=policy.fill)

    def _linear_part(self, images: keras.KerasTensor) -> tuple[keras.KerasTensor, ...]:
        """Draw the matrix A of each image: rotation, shear, scale and flip."""
        policy = self.policy
        angle = self._uniform(images, -policy.rotate, policy.rotate)
        shear = self._uniform(images, -policy.shear, policy.shear)
        scale_x = ops.exp(self._uniform(images, -policy.scale, policy.scale))
        scale_y = ops.exp(self._uniform(images, -policy.scale, policy.scale))
        mirror = ops.where(self._uniform(images, 0, 1) < 0.5, -1.0, 1.0) if policy.flip else 1.0
        cos, sin = ops.cos(angle), ops.sin(angle)
        a, b = mirror * scale_x * cos, scale_x * shear * cos - scale_y * sin
        c, d = mirror * scale_x * sin, scale_x * shear * sin + scale_y * cos
        return a, b, c, d

    def _vary_colors(self, images: keras.KerasTensor) -> keras.KerasTensor:
        """Vary contrast, brightness and saturation, in this order."""
        amount = self.policy.color

        def factor() -> keras.KerasTensor:
            return self._uniform(images, 1 - amount, 1 + amount)[:, None, None, None]

        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
        images = (images - mean) * factor() + mean * factor()
        grey = ops.mean(images, axis=-1, keepdims=True)
        return ops.clip((images - grey) * factor() + grey, 0.0, 255.0)

    def _erase(self, images: keras.KerasTensor) -> keras.KerasTensor:
        """Fill a rectangle of half of the images with a random grey (Zhong et al. 2017, arXiv:1708.04896)."""
        height, width = images.shape[1:3]
        area, proportion = self._uniform(images, 0.02, self.policy.erase), ops.exp(self._uniform(images, -1, 1))
        rows = self._random_interval(images, height, ops.sqrt(area * proportion))
        columns = self._random_interval(images, width, ops.sqrt(area / proportion))
        selected = (self._uniform(images, 0, 1) < 0.5)[:, None, None]
        erased = ops.logical_and(selected, ops.logical_and(rows[:, :, None], columns[:, None, :]))
        grey = self._uniform(images, 0, 255)[:, None, None, None]
        return ops.where(erased[..., None], grey, images)

    def _random_interval(self, images: keras.KerasTensor, size: int, fraction: keras.KerasTensor) -> keras.KerasTensor:
        """Return which places of an axis are in a random interval of it, shape `(n, size)`."""
        middle = self._uniform(images, 0, size)[:, None]
        return ops.abs(ops.arange(size, dtype="float32") + 0.5 - middle) <= fraction[:, None] * size / 2
