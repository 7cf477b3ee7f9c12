"""Pixels of images of all formats."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from plexus import InputError
from plexus_medical.pixel_data import (
    MEDICAL_IMAGES,
    fit_pixel_range,
    map_pixels,
    pixel_shape,
    read_pixels,
    without_equal_channels,
)


def test_dicom_and_png_of_the_same_pixels(tmp_path, write_dicom, save_png, grey):
    png, dicom = save_png(tmp_path / "a.png", grey(0)), write_dicom(tmp_path / "a", grey(0))
    for raw in (png, dicom, str(dicom), png.read_bytes(), dicom.read_bytes(), grey(0), Image.fromarray(grey(0))):
        pixels = read_pixels(raw)
        assert pixels.dtype == np.uint8
        assert np.array_equal(pixels, grey(0))
        assert pixel_shape(raw) == (16, 16, 1)


def test_equal_channels_are_grey_and_others_are_colors(tmp_path, save_png, grey):
    file = save_png(tmp_path / "a.png", np.dstack([grey(0)] * 3))
    assert np.array_equal(read_pixels(file), grey(0))
    colors = np.dstack([grey(0), grey(1), grey(2)])
    assert np.array_equal(read_pixels(save_png(tmp_path / "b.png", colors)), colors)
    stacked = np.stack([np.dstack([grey(0)] * 3), colors])
    assert without_equal_channels(stacked).shape == (2, 16, 16, 3)
    assert without_equal_channels(stacked[:1]).shape == (1, 16, 16)


def test_16_bits_share_one_range(tmp_path, save_png, write_dicom):
    dim = np.full((8, 8), 1000, np.uint16)
    bright = np.full((8, 8), 4000, np.uint16)
    files = [save_png(tmp_path / "dim.png", dim), save_png(tmp_path / "bright.png", bright)]
    files.append(write_dicom(tmp_path / "c.dcm", bright, bits=12))
    most = fit_pixel_range(files)
    assert most == 4000
    assert [int(read_pixels(file, most).max()) for file in files[:2]] == [64, 255]
    assert fit_pixel_range(files[2:]) is None


def test_several_images_in_order(tmp_path, save_png, grey):
    files = [save_png(tmp_path / f"{number}.png", grey(number)) for number in range(20)]
    means = map_pixels(files, lambda pixels: float(pixels.mean()))
    assert means == [float(grey(number).mean()) for number in range(20)]
    assert map_pixels(np.stack([grey(0), grey(1)]), np.ndarray.max) == [grey(0).max(), grey(1).max()]


def test_errors_name_the_file_or_the_number(tmp_path, grey):
    (tmp_path / "a.png").write_text("no image")
    with pytest.raises(InputError, match=r"a\.png"):
        map_pixels([grey(0), tmp_path / "a.png"], np.ndarray.max)
    with pytest.raises(InputError, match="image 2 of 2"):
        map_pixels([grey(0), b"no image"], np.ndarray.max)
    with pytest.raises(InputError, match="there is no such file"):
        read_pixels(tmp_path / "missing.dcm")


def test_files_of_a_folder_that_are_images(tmp_path, write_dicom, save_png, grey):
    def classify(file, suffix=""):
        return MEDICAL_IMAGES.classify(file.read_bytes()[:512], suffix)

    assert classify(write_dicom(tmp_path / "IM0001", grey(0))) is True
    assert classify(save_png(tmp_path / "a.png", grey(0))) is True
    (tmp_path / "notes.txt").write_text("notes")
    assert classify(tmp_path / "notes.txt", ".txt") is False
    directory = Path(get_testdata_file("DICOMDIR", download=False))
    assert classify(directory) is False
    assert {".dcm", ".dicom", ".png"} <= set(MEDICAL_IMAGES.suffixes)


def test_content_of_no_known_format_is_named(tmp_path, write_dicom, grey, save_png):
    content = write_dicom(tmp_path / "a.dcm", grey(0)).read_bytes()
    (tmp_path / "b.dcm").write_bytes(content[132:])
    with pytest.raises(
        InputError, match=r"b\.dcm: its content is neither DICOM nor an image .* has DICM after its first"
    ):
        read_pixels(tmp_path / "b.dcm")
    with pytest.raises(InputError, match="the image: its content is neither DICOM nor an image in a known format"):
        read_pixels(b"no image")
    cut = save_png(tmp_path / "a.png", grey(0)).read_bytes()[:90]
    with pytest.raises(InputError, match="the image is damaged or cut off"):
        read_pixels(cut)
    with pytest.raises(InputError, match="the image is empty"):
        read_pixels(b"")
