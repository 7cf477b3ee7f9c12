"""Images of one size, and the normalization of drawings."""

import json

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.ndimage import affine_transform
from sklearn.datasets import load_digits

from plexus import InputError
from plexus.plugins.registry import registry
from plexus_clustering.codec import ClusterCodec
from plexus_clustering.codec_state import ImagesState
from plexus_clustering.image_encoder import ImageEncoder
from plexus_clustering.moment_normalizer import MomentNormalizer

SIZE = 20


def draw_bars(slants, height=14.0, width=5.0):
    """Return bright bars whose shears are the slants."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    distances = [abs(columns - 11 - slant * (rows - 9)) for slant in slants]
    bars = [np.clip(width / 2 - each, 0, 1) * np.clip(height / 2 - abs(rows - 9), 0, 1) for each in distances]
    return np.rint(255 * np.stack(bars)).astype(np.uint8)[..., None]


def standard_deviations(images):
    """Return the standard deviations of the rows and columns of the first image, weighted by its pixels."""
    indices = np.argwhere(images[0, ..., 0] > 0)
    weights = images[0, ..., 0][tuple(indices.T)]
    return np.sqrt(np.average((indices - np.average(indices, axis=0, weights=weights)) ** 2, axis=0, weights=weights))


def reference(image, usual):
    """Return what SciPy makes of an image by its moments."""
    x = image[..., 0].astype(float)
    rows, columns = np.mgrid[: x.shape[0], : x.shape[1]]
    weights = np.where(x < 25.5, 0, x)  # less is noise
    y, center = np.average(rows, weights=weights), np.average(columns, weights=weights)
    slant = np.average((rows - y) * (columns - center), weights=weights) / np.average((rows - y) ** 2, weights=weights)
    deviations = [
        np.sqrt(np.average(each**2, weights=weights)) for each in (rows - y, columns - center - slant * (rows - y))
    ]
    tall, wide = np.array(deviations) / usual
    size, aspect = np.sqrt(tall * wide), np.sqrt(tall / wide)
    scale_y, scale_x = size * np.sqrt(aspect), size / np.sqrt(aspect)
    matrix = np.array([[scale_y, 0], [slant * scale_y, scale_x]])
    middle = (np.array(x.shape) - 1) / 2
    return affine_transform(x, matrix, np.array([y, center]) - matrix @ middle, order=1)


def test_place_slant_and_size_are_alike():
    images = np.concatenate([draw_bars([-0.5, 0, 0.4]), draw_bars([0.3], 10, 4)])
    normalizer = MomentNormalizer("horizontal", (4.0, 1.5))
    normalized = normalizer.apply(images)
    for image, result in zip(images, normalized, strict=True):
        np.testing.assert_allclose(result[..., 0], reference(image, normalizer.deviations), atol=1)
    assert np.abs(normalized.astype(int) - normalized[1]).mean() < 4 < np.abs(images.astype(int) - images[1]).mean()


def test_an_aspect_ratio_becomes_its_square_root():
    tall, square = draw_bars([0], 16, 7), draw_bars([0], 11, 11)
    normalizer = MomentNormalizer.fit(np.concatenate([square, square, tall]), "horizontal")
    before, after = (standard_deviations(image) for image in (tall, normalizer.apply(tall)))
    assert before[0] / before[1] > 2
    assert after[0] / after[1] == pytest.approx(np.sqrt(before[0] / before[1]), rel=0.05)
    assert after[0] * after[1] == pytest.approx(np.prod(standard_deviations(square)), rel=0.05)


def test_each_image_is_normalized_alone():
    noise = np.random.default_rng(0).integers(0, 256, (300, 28, 20, 1), np.uint8)
    for direction in ("horizontal", "vertical"):
        normalizer = MomentNormalizer.fit(noise, direction)
        alone = np.concatenate([normalizer.apply(image[None]) for image in noise])
        np.testing.assert_array_equal(normalizer.apply(noise), alone)


def test_inverted_and_transposed_images():
    images = draw_bars([-0.5, 0, 0.4])
    normalizer = MomentNormalizer.fit(images, "horizontal")
    normalized = normalizer.apply(images)
    np.testing.assert_allclose(normalizer.apply(255 - images), 255 - normalized, atol=1)
    transposed = MomentNormalizer("vertical", normalizer.deviations).apply(images.transpose(0, 2, 1, 3))
    np.testing.assert_array_equal(transposed, normalized.transpose(0, 2, 1, 3))


def test_images_without_strokes_are_unchanged():
    normalizer = MomentNormalizer("horizontal", (4.0, 1.5))
    faint = np.random.default_rng(0).integers(100, 112, (2, 5, 7, 1), np.uint8)
    for images in (np.full((2, 5, 7, 1), 9, np.uint8), faint, faint[:0], faint[:, :1], faint[:, :, :1]):
        np.testing.assert_array_equal(normalizer.apply(images), images)


@pytest.mark.parametrize(
    ("shape", "deviations", "message"),
    [
        ([28, 28, 3], [4, 2], "expected a shape of at most 256 x 256 x 1, found 28 x 28 x 3"),
        ([257, 28, 1], [4, 2], "found 257 x 28 x 1"),
        ([28, 28, 1], [4], "at least 2 items"),
        ([28, 28, 1], [4, 0], "greater than or equal to 0.1"),
    ],
)
def test_an_invalid_state_is_refused(shape, deviations, message):
    normalizer = {"direction": "horizontal", "deviations": deviations}
    with pytest.raises(ValidationError, match=message):
        ImagesState.model_validate({"kind": "images", "shape": shape, "normalizer": normalizer})


def test_noise_of_the_background_does_not_move_strokes():
    images = draw_bars([0.4])
    noise = np.random.default_rng(0).integers(0, 25, images.shape, np.uint8)
    normalizer = MomentNormalizer.fit(images, "horizontal")
    noisy = normalizer.apply(np.maximum(images, noise)).astype(int)
    strokes = normalizer.apply(images) > 200
    assert np.abs(noisy - normalizer.apply(images))[strokes].mean() < 8


def test_drawings_are_normalized_by_default():
    generator = np.random.default_rng(0)
    photos, colors = (generator.integers(0, 256, (8, SIZE, SIZE, channels), np.uint8) for channels in (1, 3))
    small = (load_digits().images[:500] * 15).astype(np.uint8)[..., None]
    drawings = np.pad(small.repeat(2, axis=1).repeat(2, axis=2), ((0, 0), (2, 2), (2, 2), (0, 0)))
    assert ImageEncoder.fit(drawings, None, "auto").normalizer.direction == "horizontal"
    assert ImageEncoder.fit(drawings.transpose(0, 2, 1, 3), None, "auto").normalizer.direction == "vertical"
    assert ImageEncoder.fit(photos, None, "vertical").normalizer.direction == "vertical"
    for images, normalize in [(drawings, "no"), (small, "auto"), (photos, "auto"), (colors, "auto")]:
        assert ImageEncoder.fit(images, None, normalize).normalizer is None
    with pytest.raises(InputError, match="--normalize horizontal: expected images of one channel, found 3"):
        ImageEncoder.fit(colors, None, "horizontal")
    encoder = ImageEncoder.fit(drawings, None, "auto")
    restored = ImageEncoder.from_json(json.loads(json.dumps(encoder.to_json())))
    np.testing.assert_array_equal(restored.encode(drawings)["image"], encoder.normalizer.apply(drawings))


def test_the_model_card_states_the_normalization():
    task = registry().task("clustering.deep")
    sections = []
    for normalizer in (MomentNormalizer("vertical", (4.0, 1.5)), None):
        codec = ClusterCodec(ImageEncoder((28, 28, 1), normalizer=normalizer), "deep", 2)
        sections.append(task.card_section(None, None, codec, {}))
    assert "vertical slant, up to 45 degrees" in "\n".join(sections[0])
    assert sections[1] == []
