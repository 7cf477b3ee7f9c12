"""Codec: images to arrays, and logits to labels."""

import json

import numpy as np
import pytest
from PIL import Image

from plexus import Examples, InputError
from plexus.plugins.registry import registry
from plexus_vision.codec import ImageCodec
from plexus_vision.drawing_layout import DrawingLayout


@pytest.fixture(scope="module")
def digits():
    task = registry().task("vision.classify")
    return task.load_dataset(task.options.parse({}))


def test_labels_in_their_natural_order():
    images = np.zeros((4, 8, 8, 3), np.uint8)
    assert ImageCodec.fit(Examples(images, ["10", "9", "x", "9"])).labels == ["9", "10", "x"]


def test_the_size_is_the_median_of_the_images(tmp_path):
    for i, size in enumerate([(60, 40), (120, 80), (300, 200)]):
        Image.new("RGB", size, (200, 10, 10)).save(tmp_path / f"{i}.png")
    files = sorted(tmp_path.iterdir())
    codec = ImageCodec.fit(Examples(files, ["a", "b", "a"]))
    assert codec.shape == (64, 96, 3)
    assert codec.encode(files)["image"].shape == (3, 64, 96, 3)
    assert ImageCodec.fit(Examples(files, ["a", "b", "a"]), size=48).shape == (32, 48, 3)


def test_the_codec_survives_json(digits):
    codec = ImageCodec.fit(digits["train"]).with_temperature(0.5)
    state = json.loads(json.dumps(codec.to_json()))
    assert ImageCodec.from_json(state).to_json() == codec.to_json()


def test_predictions_are_sorted_and_calibrated():
    codec = ImageCodec(["a", "b", "c"], (4, 4, 1), temperature=2.0)
    (prediction,) = codec.decode({"logits": np.array([[0.0, 4.0, 2.0]])}, [None])
    assert prediction.label == "b"
    assert prediction.probability == pytest.approx(np.exp(2) / (1 + np.e + np.exp(2)), abs=1e-5)
    assert list(prediction.alternatives) == ["c", "a"]


def test_labels_by_name_or_by_number():
    codec = ImageCodec(["boot", "shirt"], (4, 4, 1))
    assert codec.label_indices(["shirt", "boot"]).tolist() == [1, 0]
    assert codec.label_indices(["1", "0", "1"]).tolist() == [1, 0, 1]
    with pytest.raises(InputError, match="label 'hat' is not one of the model's labels: boot, shirt"):
        codec.label_indices(["boot", "hat"])


def test_digits_have_a_layout_and_photos_have_none(digits):
    assert ImageCodec.fit(digits["train"]).layout.background == 0
    photos = np.random.default_rng(0).integers(0, 256, (50, 16, 16, 1), np.uint8)
    assert DrawingLayout.fit(photos) is None


@pytest.fixture(scope="module")
def layout():
    return DrawingLayout((28, 28), background=0, box=20 / 28, by_mass=True, level=250.0, stroke=0.13)


@pytest.fixture
def cross():
    """A drawing of a plus sign in the middle."""
    drawing = np.zeros((28, 28), np.uint8)
    drawing[4:24, 12:16] = drawing[12:16, 4:24] = 255
    return drawing


def test_images_that_have_the_layout(layout, cross):
    assert layout.matches(cross[..., None])
    assert not layout.matches(255 - cross[..., None])
    assert not layout.matches(np.zeros((30, 28, 1), np.uint8))


@pytest.mark.parametrize("seed", range(8))
def test_a_photo_is_normalized_to_the_layout(layout, cross, photograph, seed):
    from plexus.data.images import read_image

    drawing = layout.normalize(read_image(photograph(cross, seed)))[..., 0].astype(float)
    overlap = np.minimum(drawing, cross).sum() / np.maximum(drawing, cross).sum()
    assert overlap > 0.75


@pytest.mark.parametrize("rim", ["none", "shadow", "corner", "table"])
def test_shadows_and_the_table_are_no_part_of_the_drawing(layout, cross, rim):
    generator = np.random.default_rng(0)
    paper = np.full((240, 320), 225.0)
    paper[70:182, 140:252] -= 90 / 255 * np.kron(cross, np.ones((4, 4)))
    if rim == "shadow":
        paper[:, :24] *= 0.4
        paper[-20:] *= 0.5
    elif rim == "corner":
        down, right = np.indices(paper.shape)
        paper[down + right < 110] *= 0.5
    elif rim == "table":
        paper[:14] = paper[-14:] = paper[:, :16] = paper[:, -16:] = 60
    photo = (paper + generator.normal(0, 3, paper.shape)).clip(0, 255).astype(np.uint8)
    drawing = layout.normalize(photo[..., None])[..., 0].astype(float)
    assert np.minimum(drawing, cross).sum() / np.maximum(drawing, cross).sum() > 0.75


def test_a_drawing_that_is_cut_off_at_the_edge_is_kept(layout):
    paper = np.full((200, 200, 1), 230, np.uint8)
    paper[:100, 60:75] = paper[80:100, 60:150] = 40
    rows, columns = np.nonzero(layout.normalize(paper)[..., 0] > 128)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == pytest.approx((20, 18), abs=1)


def test_thin_strokes_are_widened(layout):
    import cv2

    paper = np.full((400, 400, 3), 235, np.uint8)
    cv2.line(paper, (100, 60), (300, 340), (40, 40, 40), 3)
    drawing = layout.normalize(paper)[..., 0]
    assert drawing.max() > 200
    assert (drawing > 128).sum() > 35


def test_empty_paper_is_empty(layout):
    paper = np.full((100, 100, 3), 230, np.uint8)
    assert layout.normalize(paper).max() == 0


def test_the_range_of_deep_pixels_is_fitted_and_stored(tmp_path):
    """A dim image of 12 bits is dim in a prediction, too."""
    from PIL import Image

    from plexus.data.images import to_image_array

    images = to_image_array("a.npz", np.random.default_rng(0).integers(0, 3001, (6, 9, 8)).astype(np.uint16))
    codec = ImageCodec.fit(Examples(images, ["a", "b"] * 3))
    assert codec.pixel_range == images.max()
    again = ImageCodec.from_json(json.loads(json.dumps(codec.to_json())))
    dim = (images[0, ..., 0] // 12).astype(np.uint16)
    Image.fromarray(dim).save(tmp_path / "dim.png")
    expected = np.rint(dim * (255 / images.max())).astype(np.uint8)
    for raw in (dim, tmp_path / "dim.png", (tmp_path / "dim.png").read_bytes()):
        np.testing.assert_array_equal(again.encode([raw])["image"][0, ..., 0], expected)
    plain = ImageCodec.fit(Examples(np.zeros((6, 9, 8, 1), np.uint8), ["a", "b"] * 3))
    assert "pixel_range" not in plain.to_json()
    assert plain.encode([dim])["image"].max() > 2 * expected.max()  # each by itself, as before
