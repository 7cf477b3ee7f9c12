"""Pictures to arrays in the layout learned from, and logits to labels."""

import json

import numpy as np
import pytest
from PIL import Image

from plexus import Examples, InputError
from plexus_vision.codec import PictureCodec
from plexus_vision.convention import Convention


@pytest.fixture(scope="module")
def digits():
    from plexus_vision.dataset import read_source

    return read_source("digits", 0, False)


def test_labels_in_their_natural_order():
    pictures = np.zeros((4, 8, 8, 3), np.uint8)
    assert PictureCodec.fit(Examples(pictures, ["10", "9", "x", "9"])).labels == ["9", "10", "x"]


def test_a_size_between_the_pictures(tmp_path):
    for i, size in enumerate([(60, 40), (120, 80), (300, 200)]):
        Image.new("RGB", size, (200, 10, 10)).save(tmp_path / f"{i}.png")
    files = sorted(tmp_path.iterdir())
    codec = PictureCodec.fit(Examples(files, ["a", "b", "a"]))
    assert codec.shape == (64, 96, 3)
    assert codec.encode(files)["image"].shape == (3, 64, 96, 3)
    assert PictureCodec.fit(Examples(files, ["a", "b", "a"]), size=48).shape == (32, 48, 3)


def test_through_json(digits):
    codec = PictureCodec.fit(digits["train"]).with_temperature(0.5)
    state = json.loads(json.dumps(codec.to_json()))
    assert PictureCodec.from_json(state).to_json() == codec.to_json()


def test_answers_are_sorted_and_calibrated():
    codec = PictureCodec(["a", "b", "c"], (4, 4, 1), temperature=2.0)
    (answer,) = codec.decode({"logits": np.array([[0.0, 4.0, 2.0]])})
    assert answer.label == "b"
    assert answer.probability == pytest.approx(np.exp(2) / (1 + np.e + np.exp(2)), abs=1e-5)
    assert list(answer.alternatives) == ["c", "a"]


def test_targets_by_name_or_by_number():
    codec = PictureCodec(["boot", "shirt"], (4, 4, 1))
    assert codec.targets(["shirt", "boot"]).tolist() == [1, 0]
    assert codec.targets(["1", "0", "1"]).tolist() == [1, 0, 1]
    with pytest.raises(InputError, match="label 'hat' is none of those"):
        codec.targets(["boot", "hat"])


def test_digits_have_a_layout_and_photos_have_none(digits):
    assert PictureCodec.fit(digits["train"]).convention.background == 0
    photos = np.random.default_rng(0).integers(0, 256, (50, 16, 16, 1), np.uint8)
    assert Convention.learn(photos) is None


@pytest.fixture(scope="module")
def layout():
    return Convention((28, 28), background=0, box=20 / 28, by_mass=True, level=250.0, stroke=0.13)


@pytest.fixture
def cross():
    """A plus sign, its box in the middle."""
    drawing = np.zeros((28, 28), np.uint8)
    drawing[4:24, 12:16] = drawing[12:16, 4:24] = 255
    return drawing


def test_what_has_the_layout_is_left_as_it_is(layout, cross):
    assert layout.holds_for(cross[..., None])
    assert not layout.holds_for(255 - cross[..., None])
    assert not layout.holds_for(np.zeros((30, 28, 1), np.uint8))


@pytest.mark.parametrize("seed", range(8))
def test_a_photo_is_brought_into_the_layout(layout, cross, photograph, seed):
    from plexus.data.images import read_image

    found = layout.bring(read_image(photograph(cross, seed)))[..., 0].astype(float)
    overlap = np.minimum(found, cross).sum() / np.maximum(found, cross).sum()
    assert overlap > 0.75


def test_a_thin_pen_is_widened(layout):
    import cv2

    paper = np.full((400, 400, 3), 235, np.uint8)
    cv2.line(paper, (100, 60), (300, 340), (40, 40, 40), 3)
    found = layout.bring(paper)[..., 0]
    assert found.max() > 200
    assert (found > 128).sum() > 35


def test_empty_paper_is_empty(layout):
    paper = np.full((100, 100, 3), 230, np.uint8)
    assert layout.bring(paper).max() == 0
