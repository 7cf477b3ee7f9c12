"""Files that declare or unpack to more than they should are refused before memory is allocated."""

import base64
import bz2
import gzip
import io
import lzma
import re
import struct
import threading
import time
import tracemalloc
import zipfile
import zlib

import h5py
import numpy as np
import pytest
from PIL import Image

from plexus import InputError
from plexus.data import compression
from plexus.data.archives import archive_files, unpack_archive
from plexus.data.arrays import read_arrays
from plexus.data.compression import read_decompressed
from plexus.data.image_files import opened_image
from plexus.data.images import count_pixels, fit_pixel_range, image_shape, map_images, read_image, to_image_array
from plexus.data.memory_budget import MemoryBudget
from plexus.inference.limits import InputLimits, set_input_limits

HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAA"
    "AAAERAAAEAAQAAAAABoQABAAAAAAAAAFQAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAA"
    "AADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkA"
    "AAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAA"
    "AAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAF"
    "xtZGF0AAAAUCgBr1jm9Oq//+/teR+Tj3/y659X/12+v+5Suv7NSVpX20aWlzKKwo9p1fj/bPN362Ve+vAF8gVl4IE2d//AR+jT4+uyCVsaNZpt"
    "IjA6EHsg"
)
"""An image of 64 by 48 pixels, blue on the left and red on the right."""


@pytest.fixture
def limits():
    """A function that sets limits for one test."""
    yield lambda **values: set_input_limits(InputLimits(**values))
    set_input_limits(InputLimits())


def peak_of(function):
    """Return the largest memory that Python allocated while a function raised its error."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            function()
        return str(caught.value), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def zeros(megabytes, pack):
    """Pack zeros, in parts."""
    stream = io.BytesIO()
    with pack(stream, "wb") as file:
        for _ in range(megabytes):
            file.write(bytes(1 << 20))
    return stream.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.open), (".bz2", bz2.open), (".xz", lzma.open)])
def test_a_compressed_bomb(tmp_path, suffix, pack):
    file = tmp_path / f"train-images-idx3-ubyte{suffix}"
    file.write_bytes(zeros(100, pack))
    message, peak = peak_of(lambda: read_decompressed(file))
    assert "unpacks to more than 200 times its size" in message
    assert peak < 200 << 20


def test_an_idx_file_that_declares_too_much(tmp_path):
    file = tmp_path / "train-images-idx3-ubyte"
    file.write_bytes(b"\0\0\x08\x03" + struct.pack(">3I", 60_000, 10_000, 28_000))
    message, peak = peak_of(lambda: read_arrays(file))
    assert "its header promises 16,800,000,000,000 bytes, the limit is" in message
    assert peak < 1 << 20
    file.write_bytes(b"\0\0\x08\x03" + struct.pack(">3I", 2, 10, 28) + bytes(600))
    with pytest.raises(InputError, match="promises 560 bytes, there are 600"):
        read_arrays(file)


def test_the_checksum_of_gzip_is_verified(tmp_path):
    content = bytearray(gzip.compress(b"\0\0\x08\x01" + struct.pack(">I", 4) + bytes(4)))
    content[-6] ^= 1
    (tmp_path / "train-images-idx1-ubyte.gz").write_bytes(content)
    with pytest.raises(InputError, match="is damaged"):
        read_arrays(tmp_path / "train-images-idx1-ubyte.gz")


def npy_header(shape):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return stream.getvalue()


def test_an_npz_that_declares_too_much(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("x_train.npy", npy_header((60_000, 1000, 1000)) + bytes(100))
    message, peak = peak_of(lambda: read_arrays(tmp_path / "a.npz"))
    assert "the header of x_train.npy declares 60,000,000,000 bytes" in message
    assert peak < 1 << 20


@pytest.mark.slow
def test_an_npz_bomb(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as file, file.open("x.npy", "w") as member:
        member.write(npy_header((100, 1 << 20)))
        for _ in range(100):
            member.write(bytes(1 << 20))
    message, peak = peak_of(lambda: read_arrays(tmp_path / "a.npz"))
    assert "unpacks to more than 200 times its size" in message
    assert peak < 10 << 20


@pytest.mark.parametrize("kind", ["external", "link", "virtual", "bomb", "fill"])
def test_hdf5_that_refers_to_other_files_or_declares_too_much(tmp_path, kind):
    secret = tmp_path / "secret"
    secret.write_bytes(b"root:x:0:0:root" * 10)
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["x"] = np.zeros((4, 6, 6), np.uint8)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["y_train"] = np.arange(4)
        if kind == "external":
            file.create_dataset("x_train", (4, 5, 5), "u1", external=[(str(secret), 0, 100)])
        elif kind == "link":
            file["x_train"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/x")
        elif kind == "virtual":
            layout = h5py.VirtualLayout((4, 6, 6), "u1")
            layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "x", (4, 6, 6))
            file.create_virtual_dataset("x_train", layout)
        elif kind == "bomb":
            file.create_dataset("x_train", (1 << 14, 1 << 14), "u1", chunks=(1 << 10, 1 << 10), compression="gzip")
        else:
            file.create_dataset("x_train", (1 << 20, 1 << 20), "u1", chunks=(1 << 10, 1 << 10))
    message, peak = peak_of(lambda: read_arrays(tmp_path / "a.h5"))
    expected = {
        "external": "the data of x_train lies in another file", "virtual": "the data of x_train lies in another file",
        "link": "x_train is a link to another file", "bomb": "unpacks to more than 200 times its size",
        "fill": "unpacks to more than 4 GB",
    }  # fmt: skip
    assert expected[kind] in message
    assert peak < 10 << 20


@pytest.mark.slow
def test_the_central_directory_of_a_zip_is_counted_before_it_is_loaded(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for number in range(60_000):
            file.writestr(f"{number}", b"")
    for read in (
        lambda: unpack_archive(tmp_path / "a.zip", tmp_path / "out", most_files=1000),
        lambda: list(archive_files(tmp_path / "a.zip", lambda _: True, most_files=1000)),
    ):
        message, peak = peak_of(read)
        assert "more than 1,000 files" in message
        assert peak < 1 << 20


def png_header(width, height):
    """A PNG whose header declares a size, and whose pixels are missing."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("size", "reason"),
    [((1, 50_000_000), "the limit of a side is 65,535"), ((11_000, 11_000), "has more than 100,000,000 pixels")],
)
def test_images_of_extreme_shapes(size, reason):
    for read in (read_image, image_shape):
        message, peak = peak_of(lambda read=read: read(png_header(*size)))
        assert reason in message
        assert peak < 5 << 20


def test_the_pixels_of_a_request_are_counted_by_headers(limits):
    assert count_pixels([png_header(7000, 7000)] * 3 + [b"no image"]) == 147_000_000
    limits(pixels=1000)
    with pytest.raises(InputError, match="more than 1,000 pixels"):
        read_image(png_header(40, 40))


def test_large_images_are_decoded_one_after_the_other(tmp_path, limits):
    limits(memory=1 << 20)
    for number in range(12):
        Image.new("L", (500, 500)).save(tmp_path / f"{number}.png")
    running, most = 0, 0
    lock = threading.Lock()

    def measure(image):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.02)
        with lock:
            running -= 1
        return image.shape

    assert map_images(sorted(tmp_path.iterdir()), measure) == [(500, 500, 1)] * 12
    assert most == 1


def test_a_budget_grants_more_than_its_limit_to_one_alone():
    budget = MemoryBudget()
    with budget.reserve(100, limit=10):
        waiting = threading.Thread(target=lambda: budget.reserve(5, limit=10).__enter__())
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
    waiting.join(5)
    assert not waiting.is_alive()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "CMYK", "1", "I;16"])
def test_large_images_are_converted_in_strips(tmp_path, monkeypatch, mode):
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (37, 20, 4), np.uint8)
    picture = Image.fromarray(pixels, "RGBA").convert(mode) if mode != "I;16" else Image.fromarray(
        pixels[..., 0].astype(np.uint16) * 200)  # fmt: skip
    suffix = "tiff" if mode == "CMYK" else "png"
    picture.save(tmp_path / f"a.{suffix}")
    whole = read_image(tmp_path / f"a.{suffix}")
    monkeypatch.setattr("plexus.data.pixels.STRIP", 100)
    np.testing.assert_array_equal(read_image(tmp_path / f"a.{suffix}"), whole)


def test_one_range_for_pixels_of_more_than_8_bits(tmp_path):
    array = np.linspace(0, 3000, 4 * 64).astype(np.uint16).reshape(4, 8, 8)
    images = to_image_array("a.npz", array)
    assert images.dtype == np.uint16
    assert fit_pixel_range(images) == 3000
    dim = array[0]
    np.testing.assert_array_equal(read_image(dim, 3000)[..., 0], np.rint(dim * (255 / 3000)))
    Image.fromarray(dim).save(tmp_path / "dim.png")
    np.testing.assert_array_equal(read_image(tmp_path / "dim.png", 3000), read_image(dim, 3000))
    assert read_image(np.full((4, 4), 5000, np.uint16), 3000).max() == 255
    assert read_image(np.full((4, 4), 77, np.uint8), 3000).max() == 77
    assert fit_pixel_range([tmp_path / "dim.png", np.zeros((2, 2), np.uint8)]) == dim.max()
    assert fit_pixel_range(to_image_array("a", array / 3000.0)) is None
    assert to_image_array("a", array > 5).max() == 255


def test_channels_first_and_transparent_arrays(capsys):
    images = np.random.default_rng(0).integers(0, 256, (5, 3, 8, 9), np.uint8)
    np.testing.assert_array_equal(to_image_array("a", images), images.transpose(0, 2, 3, 1))
    assert "are read as (n, height, width, channels)" in capsys.readouterr().err
    np.testing.assert_array_equal(read_image(images[0]), images[0].transpose(1, 2, 0))
    transparent = np.zeros((2, 8, 8, 4), np.uint8)
    assert to_image_array("a", transparent).shape == (2, 8, 8, 3)
    assert to_image_array("a", transparent).min() == 255


@pytest.mark.parametrize(("value", "reason"), [(np.nan, "not finite numbers"), (-1.0, "negative pixels, down to -1")])
def test_an_image_with_impossible_pixels_is_named(tmp_path, value, reason):
    Image.fromarray(np.full((8, 8), value, np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match=rf"a\.tif has (pixels that are )?{reason}"):
        read_image(tmp_path / "a.tif")
    arrays = [np.zeros((8, 8), np.float32), np.full((8, 8), value, np.float32)]
    with pytest.raises(InputError, match="image 2 of 2"):
        map_images(arrays, lambda image: image)


def test_heic_is_read_with_the_extra(tmp_path, monkeypatch, limits):
    pytest.importorskip("pi_heif")
    (tmp_path / "a.jpg").write_bytes(HEIC)
    for raw in (tmp_path / "a.jpg", HEIC):
        image = read_image(raw)
        assert image.shape == (48, 64, 3)
        assert image[20, 10].argmax() == 2
        assert image[20, 50].argmax() == 0
        assert image_shape(raw) == (48, 64, 3)
    with pytest.raises(InputError, match="is damaged or cut off"):
        read_image(HEIC[:300])
    limits(pixels=1000)
    with pytest.raises(InputError, match="more than 1,000 pixels"), opened_image(HEIC, "the image"):
        pass
    monkeypatch.setattr("plexus.data.image_formats.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"a\.jpg is a HEIC image, which needs: pip install 'plexus-core\[heic\]'"):
        read_image(tmp_path / "a.jpg")


def test_a_message_is_cut_and_printable():
    message = str(InputError("a.csv: " + "x" * 1_000_000 + "\x1b[31m\n"))
    assert len(message) < 2100
    assert message.startswith("a.csv: xxx")
    assert message.endswith(r"\x1b[31m")


def test_the_limit_of_unpacked_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(compression, "MAX_BYTES", 1000)
    (tmp_path / "a").write_bytes(bytes(2000))
    with pytest.raises(InputError, match="the limit: split it"):
        read_decompressed(tmp_path / "a")


def jpeg_of(side=64, **options):
    file = io.BytesIO()
    Image.new("L", (side, side), 100).save(file, "jpeg", **options)
    return file.getvalue()


def jpeg_with(header):
    content = jpeg_of()
    return content[:2] + header + content[2:]


def jpeg_of_scans(count, between=b""):
    content = jpeg_of(progressive=True)
    last = content.rfind(b"\xff\xda")
    return content[:-2] + between + content[last:-2] * count + content[-2:]


def gif_with(header):
    stream = io.BytesIO()
    Image.new("L", (8, 8), 100).save(stream, "gif")
    content = stream.getvalue()
    start = 13 + (3 << (content[10] & 7) + 1)
    return content[:start] + header + content[start:]


def png_chunk(name, data=b""):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_with(chunks, at=33):
    stream = io.BytesIO()
    Image.new("L", (8, 8), 100).save(stream, "png")
    content = stream.getvalue()
    at %= len(content)
    return content[:at] + chunks + content[at:]


def tags_that_share(count, size):
    """Return a TIFF of tags that all refer to the same data."""
    entries = b"".join(struct.pack("<HHLL", 40000 + number, 7, size, 0) for number in range(count))
    return b"II*\0" + struct.pack("<LH", 8, count) + entries + bytes(4 + size)


def exif_as_text(exif):
    return b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 10\n" + (b"Exif\0\0" + exif).hex().encode())


def webp_with(exif):
    stream = io.BytesIO()
    Image.new("L", (8, 8)).save(stream, "webp", exif=exif)
    return stream.getvalue()


SHARED = "claim more bytes than there are"
LONG_HEADERS = {
    "gif comment": (lambda: gif_with(b"!\xfe" + (b"\xff" + b"a" * 255) * 60_000 + b"\0"), "too many blocks"),
    "gif blocks": (lambda: gif_with(b"!\xfe" + b"\1a" * 500_000 + b"\0"), "too many blocks"),
    "gif extensions": (lambda: gif_with(b"!\xfe\0" * 500_000), "too many blocks"),
    "gif noise": (lambda: gif_with(b"\5" * 500_000), "too many blocks"),
    "pnm comment": (
        lambda: b"P5 #" + b"x" * 5_000_000 + b"\n8 8 255\n" + bytes(64),
        "header of more than 65,536 bytes",
    ),
    "pnm blanks": (lambda: b"P5 " + b" " * 5_000_000 + b"8 8 255\n" + bytes(64), "header of more than 65,536 bytes"),
    "jpeg padding": (lambda: jpeg_with(b"\xff" * 1_000_000), "too many segments"),
    "jpeg comments": (lambda: jpeg_with(b"\xff\xfe\0\2" * 300_000), "too many segments"),
    "jpeg restarts": (lambda: jpeg_with(b"\xff\xd0" * 300_000), "too many segments"),
    "jpeg noise": (lambda: jpeg_with(b"\xff\xd0" + b"a" * 1_000_000), "too many segments"),
    "jpeg exif": (
        lambda: jpeg_with((b"\xff\xe1\xff\xffExif\0\0" + bytes(65_527)) * 100),
        "more than 1,048,576 bytes of Exif",
    ),
    "jpeg scans": (lambda: jpeg_of_scans(2000), "more than 100 scans"),
    "jpeg scans behind a comment": (lambda: jpeg_of_scans(2000, b"\xff\xfe\0\4\xff\xd9"), "more than 100 scans"),
    "jpeg tags": (
        lambda: jpeg_with(b"\xff\xe1\xea\x62Exif\0\0" + tags_that_share(2000, 35_000).ljust(59_994, b"\0")),
        SHARED,
    ),
    "png chunks": (lambda: png_with(png_chunk(b"prVt") * 300_000), "too many chunks"),
    "png chunks at the end": (lambda: png_with(png_chunk(b"prVt") * 300_000, -12), "too many chunks"),
    "png tags": (lambda: png_with(png_chunk(b"eXIf", tags_that_share(200, 100_000))), SHARED),
    "png tags at the end": (lambda: png_with(png_chunk(b"eXIf", tags_that_share(200, 100_000)), -12), SHARED),
    "png tags as text": (lambda: png_with(png_chunk(b"zTXt", exif_as_text(tags_that_share(200, 100_000)))), SHARED),
    "webp tags": (lambda: webp_with(tags_that_share(200, 100_000)), SHARED),
    "tiff tags": (lambda: tags_that_share(20_000, 1), "too many tags"),
    "tiff data": (lambda: tags_that_share(1000, 100_000), SHARED),
}


@pytest.mark.parametrize("kind", LONG_HEADERS)
def test_a_header_that_would_take_long_is_refused_unread(tmp_path, kind):
    make, reason = LONG_HEADERS[kind]
    file = tmp_path / "a.png"
    file.write_bytes(make())
    for raw, name in ((file, str(file)), (file.read_bytes(), "the image")):
        started = time.process_time()
        with pytest.raises(InputError, match=f"^{re.escape(name)} .*{reason}") as caught:
            read_image(raw)
        assert str(caught.value).count("\n") == 0
        assert time.process_time() - started < 1


@pytest.mark.slow
def test_headers_of_ordinary_sizes_are_read(tmp_path):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    exif.get_ifd(0x8769)[0x9286] = b"a comment" * 500
    assert read_image(jpeg_of(exif=exif, comment=b"c" * 20_000)).shape == (64, 64, 1)
    assert read_image(jpeg_with((b"\xff\xe2\xff\xff" + bytes(65_533)) * 100)).shape == (64, 64, 1)
    assert read_image(jpeg_of_scans(50)).shape == (64, 64, 1)
    assert read_image(jpeg_of() + b"\xff\xda\0\2" * 5000).shape == (64, 64, 1)  # behind it: a video
    assert read_image(gif_with(b"!\xfe" + (b"\xff" + b"a" * 255) * 4000 + b"\0")).shape == (8, 8, 3)
    assert read_image(b"P5 #" + b"x" * 60_000 + b"\n8 8 255\n" + bytes(9999)).shape == (8, 8, 1)
    assert read_image(png_with(png_chunk(b"prVt", bytes(2000)) * 3000)).shape == (8, 8, 1)
    Image.new("L", (400, 400)).save(tmp_path / "a.tif", strip_size=400, compression="raw")
    assert read_image(tmp_path / "a.tif").shape == (400, 400, 1)
