"""Images of one size, and the slant of drawings."""

import numpy as np
import pytest
from scipy.ndimage import affine_transform

from plexus import InputError
from plexus_clustering.image_encoder import ImageEncoder
from plexus_clustering.straightening import straighten_images


def slanted_bars(slants, size=20):
    """Return bright bars of four columns whose shears are the slants."""
    rows, columns = np.mgrid[:size, :size]
    bars = [np.clip(2.5 - abs(columns - 11 - slant * (rows - 9)), 0, 1) * (abs(rows - 9) < 7) for slant in slants]
    return np.rint(255 * np.stack(bars)).astype(np.uint8)[..., None]


def reference(image):
    """Return what SciPy makes of an image and its moments."""
    x = image[..., 0].astype(float)
    rows, columns = np.mgrid[: x.shape[0], : x.shape[1]]
    y, center = (x * rows).sum() / x.sum(), (x * columns).sum() / x.sum()
    slant = (x * (rows - y) * (columns - center)).sum() / (x * (rows - y) ** 2).sum()
    shear = np.array([[1, 0], [slant, 1]])
    middle = (np.array(x.shape) - 1) / 2
    return affine_transform(x, shear, np.array([y, center]) - shear @ middle, order=1)


def test_slants_are_removed():
    images = slanted_bars([-0.5, 0, 0.4])
    upright = straighten_images(images, "horizontal")
    for image, result in zip(images, upright, strict=True):
        np.testing.assert_allclose(result[..., 0], reference(image), atol=1)
    assert np.abs(upright.astype(int) - upright[1]).mean() < 3 < np.abs(images.astype(int) - images[1]).mean()


def test_straightening_depends_on_each_image_alone():
    images = slanted_bars([-0.5, 0, 0.4])
    np.testing.assert_array_equal(
        straighten_images(images, "horizontal")[:1], straighten_images(images[:1], "horizontal")
    )
    np.testing.assert_allclose(
        straighten_images(255 - images, "horizontal"), 255 - straighten_images(images, "horizontal"), atol=1
    )
    blank = np.full((2, 5, 7, 1), 9, np.uint8)
    np.testing.assert_array_equal(straighten_images(blank, "horizontal"), blank)
    assert straighten_images(images[:0], "horizontal").shape == (0, 20, 20, 1)


def test_drawings_are_straightened_by_default():
    generator = np.random.default_rng(0)
    photos, colors = (generator.integers(0, 256, (8, 20, 20, channels), np.uint8) for channels in (1, 3))
    drawings = slanted_bars([-0.5, 0, 0.4])
    transposed = drawings.transpose(0, 2, 1, 3)
    assert ImageEncoder.fit(drawings, None, "auto").shear == "horizontal"
    assert ImageEncoder.fit(transposed, None, "auto").shear == "vertical"
    assert ImageEncoder.fit(drawings, None, "no").shear == "no"
    assert ImageEncoder.fit(photos, None, "auto").shear == "no"
    assert ImageEncoder.fit(colors, None, "auto").shear == "no"
    assert ImageEncoder.fit(photos, None, "vertical").shear == "vertical"
    with pytest.raises(InputError, match="--straighten horizontal: expected images of one channel"):
        ImageEncoder.fit(colors, None, "horizontal")
    upright = straighten_images(drawings, "horizontal").transpose(0, 2, 1, 3)
    np.testing.assert_array_equal(straighten_images(transposed, "vertical"), upright)
    encoder = ImageEncoder.from_json(ImageEncoder.fit(drawings, None, "auto").to_json())
    np.testing.assert_array_equal(encoder.encode(drawings)["image"], straighten_images(drawings, "horizontal"))
