"""Pictures of every kind, and what is not one."""

import io

import numpy as np
import pytest
from PIL import Image

from plexus import InputError
from plexus.data.images import read_picture, shape_of


@pytest.fixture
def colours():
    return np.random.default_rng(0).integers(0, 256, (12, 20, 3), np.uint8)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "webp", "ppm"])
def test_lossless_formats(tmp_path, colours, suffix):
    file = tmp_path / f"a.{suffix}"
    Image.fromarray(colours).save(file, **({"lossless": True} if suffix == "webp" else {}))
    np.testing.assert_array_equal(read_picture(file), colours)
    np.testing.assert_array_equal(read_picture(file.read_bytes()), colours)
    assert shape_of(file) == (12, 20, 3)


def test_jpeg_and_grey(tmp_path, colours):
    smooth = np.asarray(Image.fromarray(colours).resize((200, 120), Image.Resampling.BICUBIC))
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read_picture(tmp_path / "a.jpg").astype(int) - smooth).mean() < 4
    Image.fromarray(smooth[..., 0]).save(tmp_path / "a.pgm")
    assert read_picture(tmp_path / "a.pgm").shape == (120, 200, 1)


def test_exif_orientation_is_applied(tmp_path, colours):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    Image.fromarray(colours).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), np.rot90(colours, -1))
    assert shape_of(tmp_path / "a.png") == (20, 12, 3)


def test_transparency_is_laid_on_white(tmp_path):
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:2, :, 3] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    found = read_picture(tmp_path / "a.png")
    assert found[:2].max() == 0
    assert found[2:].min() == 255


@pytest.mark.parametrize(("most", "expected"), [(65535, 255), (4095, 255), (1023, 255)])
def test_sixteen_bits(tmp_path, most, expected):
    pixels = np.linspace(0, most, 64).astype(np.uint16).reshape(8, 8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    found = read_picture(tmp_path / "a.png")
    assert found.dtype == np.uint8
    assert (found.min(), found.max()) == (0, expected)


def test_floats_and_bytes_as_arrays(colours):
    np.testing.assert_array_equal(read_picture(colours), colours)
    np.testing.assert_array_equal(read_picture(colours / 255.0), colours)
    with pytest.raises(InputError, match="is not a picture"):
        read_picture(np.zeros((3, 4, 5, 6)))
    with pytest.raises(InputError, match="finite"):
        read_picture(np.full((4, 4), np.nan))


def test_a_text_file_named_png(tmp_path):
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(InputError, match=r"a\.png is not a picture"):
        read_picture(tmp_path / "a.png")


def test_a_truncated_jpeg(tmp_path, colours):
    stream = io.BytesIO()
    Image.fromarray(colours).resize((200, 200)).save(stream, "jpeg")
    (tmp_path / "a.jpg").write_bytes(stream.getvalue()[: len(stream.getvalue()) // 2])
    with pytest.raises(InputError, match=r"a\.jpg is damaged or cut off"):
        read_picture(tmp_path / "a.jpg")


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path):
    import resource
    import zlib

    def chunk(kind, content):
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    size = (30_000).to_bytes(4, "big")
    header = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + size + bytes([8, 0, 0, 0, 0]))
    (tmp_path / "a.png").write_bytes(header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=r"a\.png has more than 100,000,000 pixels"):
        read_picture(tmp_path / "a.png")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"gone\.png: there is no such file"):
        read_picture(tmp_path / "gone.png")
