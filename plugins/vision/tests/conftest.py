"""A fixture that renders photos of drawings."""

import numpy as np
import pytest


@pytest.fixture
def photograph():
    """A function that renders a drawing `(h, w)`, white on black, as a photo of dark ink on unevenly lit paper."""
    import cv2

    def make(drawing, seed):
        generator = np.random.default_rng(seed)
        height, width = generator.integers(180, 700, 2)
        side = int(min(height, width) * generator.uniform(0.45, 0.95))
        ink = cv2.resize(drawing, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32).clip(0, 255) / 255
        placed = np.zeros((height, width), np.float32)
        top, left = generator.integers(0, height - side + 1), generator.integers(0, width - side + 1)
        placed[top : top + side, left : left + side] = ink
        paper, pen = generator.uniform(190, 250, 3), generator.uniform(0, 90, 3)
        photo = paper + placed[..., None] * (pen - paper)
        light = (
            np.linspace(1, generator.uniform(0.6, 1), width)
            * np.linspace(1, generator.uniform(0.6, 1), height)[:, None]
        )
        photo = photo * light[..., None] + generator.normal(0, generator.uniform(0, 6), photo.shape)
        encoded = cv2.imencode(".jpg", photo.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
        return encoded.tobytes()

    return make
