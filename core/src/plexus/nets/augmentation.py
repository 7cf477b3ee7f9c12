"""Pictures varied at random, as part of the training graph."""

from typing import Any

import keras
from keras import ops, random

from plexus.data.augmentation import AugmentationPolicy


@keras.saving.register_keras_serializable("plexus")
class ImageAugmentation(keras.layers.Layer):
    """Turns, scales, shears, shifts and mirrors by one resampling, varies colours, and erases a rectangle.

    Bytes in, floats from 0 to 255 out, of the same shape. Runs on every Keras backend.

    Args:
        recipe: how much of each.
        seed: of the random choices.
    """

    def __init__(self, recipe: AugmentationPolicy, seed: int) -> None:
        super().__init__(name="augmentation", dtype="float32")
        self.recipe = recipe
        self.seed = random.SeedGenerator(seed)

    def call(self, pictures: Any) -> Any:
        """Vary each picture on its own."""
        pictures = ops.cast(pictures, "float32")
        pictures = self._resample(pictures)
        if self.recipe.colour:
            pictures = self._recolour(pictures)
        return self._erase(pictures) if self.recipe.erase else pictures

    def _uniform(self, like: Any, low: float, high: float) -> Any:
        return random.uniform((ops.shape(like)[0],), low, high, seed=self.seed)

    def _resample(self, pictures: Any) -> Any:
        """Sample each output pixel at the affine image of its place: A (p - centre) + centre + shift."""
        recipe, (height, width) = self.recipe, pictures.shape[1:3]

        def around(spread: float) -> Any:
            return self._uniform(pictures, -spread, spread)

        angle, shear = around(recipe.rotate), around(recipe.shear)
        across, down = ops.exp(around(recipe.scale)), ops.exp(around(recipe.scale))
        mirror = ops.where(self._uniform(pictures, 0, 1) < 0.5, -1.0, 1.0) if recipe.flip else 1.0
        cos, sin = ops.cos(angle), ops.sin(angle)
        a, b = mirror * across * cos, across * shear * cos - down * sin
        c, d = mirror * across * sin, across * shear * sin + down * cos
        shift_x, shift_y = around(recipe.shift * width), around(recipe.shift * height)
        if not (recipe.rotate or recipe.scale or recipe.shear):
            shift_x, shift_y = ops.round(shift_x), ops.round(shift_y)  # whole pixels stay sharp
        x, y = (width - 1) / 2, (height - 1) / 2
        left = shift_x + x - a * x - b * y
        top = shift_y + y - c * x - d * y
        zero = ops.zeros_like(left)
        transform = ops.stack([a, b, left, c, d, top, zero, zero], axis=-1)
        return ops.image.affine_transform(pictures, transform, interpolation="bilinear", fill_mode=recipe.fill)

    def _recolour(self, pictures: Any) -> Any:
        """Vary brightness, contrast and saturation."""
        amount = self.recipe.colour

        def factor() -> Any:
            return self._uniform(pictures, 1 - amount, 1 + amount)[:, None, None, None]

        mean = ops.mean(pictures, axis=(1, 2, 3), keepdims=True)
        pictures = (pictures - mean) * factor() + mean * factor()
        grey = ops.mean(pictures, axis=-1, keepdims=True)
        return ops.clip((pictures - grey) * factor() + grey, 0.0, 255.0)

    def _erase(self, pictures: Any) -> Any:
        """Fill a rectangle of half of the pictures with one random grey (Zhong et al. 2017, arXiv:1708.04896)."""
        height, width = pictures.shape[1:3]
        area, proportion = self._uniform(pictures, 0.02, self.recipe.erase), ops.exp(self._uniform(pictures, -1, 1))
        rows = self._within(pictures, height, ops.sqrt(area * proportion))
        columns = self._within(pictures, width, ops.sqrt(area / proportion))
        chosen = (self._uniform(pictures, 0, 1) < 0.5)[:, None, None]
        erased = ops.logical_and(chosen, ops.logical_and(rows[:, :, None], columns[:, None, :]))
        grey = self._uniform(pictures, 0, 255)[:, None, None, None]
        return ops.where(erased[..., None], grey, pictures)

    def _within(self, pictures: Any, size: int, share: Any) -> Any:
        """Which of the places along an axis lie within a random stretch of it: `(n, size)`."""
        middle = self._uniform(pictures, 0, size)[:, None]
        return ops.abs(ops.arange(size, dtype="float32") + 0.5 - middle) <= share[:, None] * size / 2
