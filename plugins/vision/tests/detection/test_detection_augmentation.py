"""Random changes of images and their boxes."""

import numpy as np
import pytest

from plexus_vision.detection.augmentation import BoxAugmentation
from plexus_vision.detection.sample import Sample


def sample(*boxes, size=(60, 80)):
    """Return a black image with white boxes."""
    image = np.zeros((*size, 3), np.uint8)
    for left, top, right, bottom in boxes:
        image[top:bottom, left:right] = 255
    count = len(boxes)
    return Sample(image, np.array(boxes, np.float32).reshape(-1, 4), np.arange(count), np.ones(count, bool))


def extent(image):
    """Return the box around the white pixels."""
    rows, columns = np.nonzero(image[..., 0] > 128)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("seed", range(12))
def test_boxes_move_with_their_pixels(seed):
    augmentation = BoxAugmentation(turns=True, color=0.0)
    changed = augmentation.apply([sample((20, 15, 50, 30))], 0, (64, 96), np.random.default_rng(seed))
    assert changed.image.shape == (64, 96, 3)
    np.testing.assert_allclose(changed.boxes[0], extent(changed.image), atol=1.5)


def test_boxes_that_leave_the_image_are_dropped():
    augmentation = BoxAugmentation(scale=0.0, stretch=0.0, color=0.0)
    whole = sample((0, 0, 20, 20), (60, 40, 80, 60), size=(60, 80))
    counts = set()
    for seed in range(20):
        changed = augmentation.apply([whole], 0, (30, 40), np.random.default_rng(seed))
        counts.add(len(changed.classes))
        assert (changed.boxes >= 0).all()
        assert (changed.boxes <= [40, 30, 40, 30]).all()
    assert 0 in counts
    assert max(counts) >= 1


def test_a_mosaic_has_the_boxes_of_four_images():
    augmentation = BoxAugmentation(color=0.0, mosaic=1.0, scale=0.0, stretch=0.0)
    images = [sample((5, 5, 75, 55)) for _ in range(4)]
    mosaic = augmentation.apply(images, 0, (120, 160), np.random.default_rng(3))
    assert mosaic.image.shape == (120, 160, 3)
    assert len(mosaic.boxes) == len(mosaic.classes) == 4
    for left, top, right, bottom in mosaic.boxes.round().astype(int):
        assert mosaic.image[top + 2 : bottom - 2, left + 2 : right - 2].min() > 200


def test_colors_stay_bytes_and_change():
    augmentation = BoxAugmentation(color=0.3, scale=0.0, stretch=0.0)
    grey = Sample(
        np.full((60, 80, 3), 120, np.uint8), np.zeros((0, 4), np.float32), np.zeros(0, int), np.zeros(0, bool)
    )
    levels = [augmentation.apply([grey], 0, (60, 80), np.random.default_rng(seed)).image.mean() for seed in range(8)]
    assert np.std(levels) > 5
