"""Occlusion maps."""

import numpy as np
from PIL import Image

from plexus_vision.codec import ImageCodec
from plexus_vision.explain import draw_occlusion_map, occlusion_attribution


def predict(arrays):
    """Return logits that depend on the upper left quarter alone."""
    bright = arrays["image"][:, :8, :8].mean(axis=(1, 2, 3)) / 25.0
    return {"logits": np.stack([bright, np.zeros_like(bright)], axis=1)}


def test_only_the_relevant_region_has_an_attribution(tmp_path):
    codec = ImageCodec(["bright", "dark"], (16, 16, 1))
    image = np.zeros((16, 16, 1), np.uint8)
    image[2:6, 2:6] = image[10:14, 10:14] = 255
    attribution = occlusion_attribution(predict, codec, image, label=0)
    assert attribution[2:6, 2:6].mean() > 10 * abs(attribution[10:14, 10:14].mean())
    file = draw_occlusion_map(predict, codec, image, tmp_path / "a.png")
    assert Image.open(file).size == (800, 400)
