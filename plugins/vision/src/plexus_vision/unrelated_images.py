"""Generated images that show no label of any data set, to measure which share of such images is rejected."""

from collections.abc import Callable

import numpy as np

COUNT = 120
MIN_SIDE = 64
"""Smallest side of a generated image in pixels; a codec scales it to the network's size."""
MIN_DIFFERENCE = 60
"""Smallest difference of a shape from its background, of 255."""


def unrelated_images(channels: int, side: int, count: int = COUNT, seed: int = 0) -> list[np.ndarray]:
    """Draw filled shapes, outlines, stripes and noise, in turn.

    Args:
        channels: Channels of the network's images: with 1, shapes are dark on light paper; with 3, in random colors.
        side: Longer side of the network's images in pixels.
        count: Number of images.
        seed: Random seed.

    Returns:
        Bytes of shape `(height, width, 3)` each.
    """
    generator = np.random.default_rng(seed)
    kinds: tuple[Callable[..., np.ndarray], ...] = (_filled_shape, _outline, _stripes, _noise)
    images = []
    for i in range(count):
        background, ink = _colors(generator, channels)
        shape = *(max(side, MIN_SIDE) * generator.uniform(1, 2, 2)).astype(int).tolist(), 3
        images.append(kinds[i % len(kinds)](generator, shape, background, ink))
    return images


def _colors(generator: np.random.Generator, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the colors of the background and of the shape."""
    if channels == 1:
        return np.repeat(generator.integers(200, 256), 3), np.repeat(generator.integers(0, 100), 3)
    background = generator.integers(0, 256, 3)
    while True:
        ink = generator.integers(0, 256, 3)
        if np.abs(ink - background).max() >= MIN_DIFFERENCE:
            return background, ink


def _corners(generator: np.random.Generator, shape: tuple[int, int, int]) -> np.ndarray:
    """Return the corners of a triangle, a rectangle, a star, or of a polygon that looks like a disc."""
    count = int(generator.choice([3, 4, 10, 40]))
    radii = np.full(count, min(shape[:2]) * generator.uniform(0.2, 0.42))
    if count == 10:
        radii[1::2] *= 0.45
    angles = generator.uniform(0, 2 * np.pi) + np.arange(count) * 2 * np.pi / count
    offsets = radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray((np.array([shape[1], shape[0]]) / 2 + offsets).astype(np.int32))


def _filled_shape(
    generator: np.random.Generator, shape: tuple[int, int, int], background: np.ndarray, ink: np.ndarray
) -> np.ndarray:
    import cv2

    image = np.full(shape, background, np.uint8)
    cv2.fillPoly(image, [_corners(generator, shape)], ink.tolist(), cv2.LINE_AA)
    return image


def _outline(
    generator: np.random.Generator, shape: tuple[int, int, int], background: np.ndarray, ink: np.ndarray
) -> np.ndarray:
    import cv2

    image = np.full(shape, background, np.uint8)
    thickness = max(int(min(shape[:2]) * generator.uniform(0.03, 0.1)), 2)
    cv2.polylines(image, [_corners(generator, shape)], True, ink.tolist(), thickness, cv2.LINE_AA)
    return image


def _stripes(
    generator: np.random.Generator, shape: tuple[int, int, int], background: np.ndarray, ink: np.ndarray
) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]] / min(shape[:2])
    angle, frequency = generator.uniform(0, np.pi), generator.uniform(3, 12)
    wave = np.sin(2 * np.pi * frequency * (x * np.cos(angle) + y * np.sin(angle)))[..., None] / 2 + 0.5
    return np.asarray((background + wave * (ink - background)).astype(np.uint8))


def _noise(
    generator: np.random.Generator, shape: tuple[int, int, int], background: np.ndarray, ink: np.ndarray
) -> np.ndarray:
    deviation = np.abs(background - ink).max() * generator.uniform(0.2, 1)
    return np.asarray(np.clip(generator.normal((background + ink) / 2, deviation, shape), 0, 255).astype(np.uint8))
