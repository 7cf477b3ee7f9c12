"""Why a picture got its label."""

import numpy as np
from PIL import Image

from plexus_vision.codec import PictureCodec
from plexus_vision.heatmap import heat, write_heatmap


def predict(arrays):
    """Looks at the upper left quarter alone."""
    bright = arrays["image"][:, :8, :8].mean(axis=(1, 2, 3)) / 25.0
    return {"logits": np.stack([bright, np.zeros_like(bright)], axis=1)}


def test_the_place_that_matters_is_warm(tmp_path):
    codec = PictureCodec(["bright", "dark"], (16, 16, 1))
    picture = np.zeros((16, 16, 1), np.uint8)
    picture[2:6, 2:6] = picture[10:14, 10:14] = 255
    worth = heat(predict, codec, picture, label=0)
    assert worth[2:6, 2:6].mean() > 10 * abs(worth[10:14, 10:14].mean())
    written = write_heatmap(predict, codec, picture, tmp_path / "a.png")
    assert Image.open(written).size == (800, 400)
