"""Images of another aspect ratio than that of the network: padded or cropped, never squeezed."""

import numpy as np
import pytest
from PIL import Image

from plexus_medical.codec import MedicalCodec
from plexus_medical.resizing import cut_warning, resize_image, suitable_resizing

LABELS = ["normal", "ill"]


def disc(height, width):
    """A white disc in the middle of a grey image."""
    y, x = np.mgrid[:height, :width]
    is_disc = (y - (height - 1) / 2) ** 2 + (x - (width - 1) / 2) ** 2 <= (min(height, width) / 4) ** 2
    return np.where(is_disc, 255, 60).astype(np.uint8)[..., None]


def extent(image):
    """Height and width of the disc."""
    rows, columns = np.nonzero(image[..., 0] > 157)
    return np.ptp(rows) + 1, np.ptp(columns) + 1


@pytest.mark.parametrize("resizing", ["pad", "crop"])
@pytest.mark.parametrize("size", [(80, 160), (160, 80), (90, 100)])
def test_a_disc_remains_a_disc(resizing, size):
    height, width = extent(resize_image(disc(*size), (64, 64, 1), resizing))
    assert height == pytest.approx(width, abs=1)


def test_stretching_squeezes_a_disc():
    assert extent(resize_image(disc(80, 160), (64, 64, 1), "stretch")) == (32, 16)


def test_padding_surrounds_the_whole_image_by_black():
    image = resize_image(np.full((50, 100, 1), 200, np.uint8), (64, 64, 1), "pad")[..., 0]
    assert (image[16:48] == 200).all()
    assert not image[:16].any()
    assert not image[48:].any()


def test_cropping_reads_the_middle():
    image = np.zeros((50, 100, 1), np.uint8)
    image[:, 25:75] = 200
    assert (resize_image(image, (64, 64, 1), "crop") == 200).all()


@pytest.mark.parametrize("resizing", ["stretch", "pad", "crop"])
def test_images_of_the_same_aspect_ratio_are_scaled_alike(resizing):
    image = np.random.default_rng(0).integers(0, 256, (113, 113, 1), np.uint8)
    expected = np.asarray(Image.fromarray(image[..., 0]).resize((28, 28), Image.Resampling.BILINEAR, reducing_gap=3))
    np.testing.assert_array_equal(resize_image(image, (28, 28, 1), resizing)[..., 0], expected)
    np.testing.assert_array_equal(resize_image(image[:, :, [0, 0, 0]], (113, 113, 3), resizing)[..., :1], image)


@pytest.mark.parametrize("size", [(1, 5000), (5000, 1), (1, 1)])
@pytest.mark.parametrize("resizing", ["pad", "crop"])
def test_extreme_shapes_have_the_shape_of_the_network(size, resizing):
    assert resize_image(np.full((*size, 1), 9, np.uint8), (28, 20, 3), resizing).shape == (28, 20, 3)


def test_the_training_images_decide(tmp_path):
    squares = np.zeros((3, 40, 40), np.uint8)
    assert suitable_resizing(squares, (28, 28, 1)) == "crop"
    for number, size in enumerate([(60, 40), (120, 81), (300, 200)]):
        Image.new("L", size).save(tmp_path / f"{number}.png")
    files = sorted(tmp_path.iterdir())
    assert MedicalCodec.fit(files, LABELS, 5).resizing == "crop"
    Image.new("L", (200, 300)).save(tmp_path / "3.png")
    assert MedicalCodec.fit([*files, tmp_path / "3.png"], LABELS, 5).resizing == "pad"


def test_what_is_cut_off_is_said(tmp_path):
    Image.new("L", (150, 100)).save(tmp_path / "wide.png")
    warning = cut_warning(tmp_path / "wide.png", (28, 28, 1), "crop")
    assert warning == "33% of its width was cut off: its aspect ratio is 1.5, that of the training images 1"
    assert cut_warning(np.zeros((150, 100), np.uint8), (28, 28, 1), "crop").startswith("33% of its height")
    assert cut_warning(np.zeros((101, 100), np.uint8), (28, 28, 1), "crop") == ""
    assert cut_warning(tmp_path / "wide.png", (28, 28, 1), "pad") == ""


def test_predictions_name_what_was_cut_off(tmp_path):
    codec = MedicalCodec(LABELS, (28, 28, 1), 2, resizing="crop")
    outputs = {"logits": np.zeros((2, 2, 2), np.float32)}
    wide, square = np.zeros((28, 56), np.uint8), np.zeros((28, 28), np.uint8)
    first, second = codec.decode(outputs, [wide, square])
    assert (first.abstained, len(first.warnings), second.warnings) == (False, 1, ())
    warning = "50% of its width was cut off: its aspect ratio is 2, that of the training images 1"
    assert str(first).endswith(f"  ! {warning}")


def test_bundles_without_the_field_stretch_as_before():
    state = MedicalCodec(LABELS, (28, 28, 1), 2, resizing="pad").to_json()
    assert MedicalCodec.from_json(state).resizing == "pad"
    del state["resizing"]
    MedicalCodec.state.model_validate(state)
    assert MedicalCodec.from_json(state).resizing == "stretch"
