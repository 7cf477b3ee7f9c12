"""Reading of image files, valid and invalid."""

import base64
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import EpsImagePlugin, Image, UnidentifiedImageError

from plexus import InputError
from plexus.data.images import (
    FORMATS,
    SUFFIXES,
    find_images,
    image_errors,
    image_shape,
    read_image,
    restrict_pillow,
)

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture
def colors():
    return np.random.default_rng(0).integers(0, 256, (12, 20, 3), np.uint8)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "webp", "ppm"])
def test_lossless_formats(tmp_path, colors, suffix):
    file = tmp_path / f"a.{suffix}"
    Image.fromarray(colors).save(file, **({"lossless": True} if suffix == "webp" else {}))
    np.testing.assert_array_equal(read_image(file), colors)
    np.testing.assert_array_equal(read_image(file.read_bytes()), colors)
    assert image_shape(file) == (12, 20, 3)


def test_jpeg_and_grey(tmp_path, colors):
    smooth = np.asarray(Image.fromarray(colors).resize((200, 120), Image.Resampling.BICUBIC))
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - smooth).mean() < 4
    Image.fromarray(smooth[..., 0]).save(tmp_path / "a.pgm")
    assert read_image(tmp_path / "a.pgm").shape == (120, 200, 1)


def test_exif_orientation_is_applied(tmp_path, colors):
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees clockwise
    Image.fromarray(colors).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), np.rot90(colors, -1))
    assert image_shape(tmp_path / "a.png") == (20, 12, 3)


def test_transparent_pixels_are_composited_on_white(tmp_path):
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:2, :, 3] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    assert image[:2].max() == 0
    assert image[2:].min() == 255


@pytest.mark.parametrize(("maximum", "expected"), [(65535, 255), (4095, 255), (1023, 255)])
def test_sixteen_bits(tmp_path, maximum, expected):
    pixels = np.linspace(0, maximum, 64).astype(np.uint16).reshape(8, 8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    assert image.dtype == np.uint8
    assert (image.min(), image.max()) == (0, expected)


def test_floats_and_bytes_as_arrays(colors):
    np.testing.assert_array_equal(read_image(colors), colors)
    np.testing.assert_array_equal(read_image(colors / 255.0), colors)
    with pytest.raises(InputError, match="expected an image of shape"):
        read_image(np.zeros((3, 4, 5, 6)))
    with pytest.raises(InputError, match="finite"):
        read_image(np.full((4, 4), np.nan))


def test_a_text_file_named_png(tmp_path):
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(InputError, match=r"a\.png: its content is not an image"):
        read_image(tmp_path / "a.png")


def test_a_truncated_jpeg(tmp_path, colors):
    stream = io.BytesIO()
    Image.fromarray(colors).resize((200, 200)).save(stream, "jpeg")
    (tmp_path / "a.jpg").write_bytes(stream.getvalue()[: len(stream.getvalue()) // 2])
    with pytest.raises(InputError, match=r"a\.jpg is damaged or cut off"):
        read_image(tmp_path / "a.jpg")


def test_a_huge_image_is_refused_before_it_is_decoded(tmp_path):
    import resource
    import zlib

    def chunk(kind, content):
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    size = (30_000).to_bytes(4, "big")
    header = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + size + bytes([8, 0, 0, 0, 0]))
    (tmp_path / "a.png").write_bytes(header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=r"a\.png has more than 100,000,000 pixels"):
        read_image(tmp_path / "a.png")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"gone\.png: there is no such file"):
        read_image(tmp_path / "gone.png")


@pytest.fixture
def ghostscript(tmp_path, monkeypatch):
    """Put a program `gs` first on the PATH; return the file that it writes when it is run."""
    mark, folder = tmp_path / "gs-was-run", tmp_path / "bin"
    folder.mkdir()
    (folder / "gs").write_text(f'#!/bin/sh\necho "$@" >> {mark}\n')
    (folder / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)  # Pillow caches the result of its search
    return mark


def encode_image(format, mode="RGB", **options):
    """Return an image of 16 by 16 pixels, encoded in a format of Pillow."""
    stream = io.BytesIO()
    Image.new(mode, (16, 16), **options).save(stream, format)
    return stream.getvalue()


def test_a_video_is_no_image(tmp_path):
    (tmp_path / "clip.MP4").write_bytes(b"\0\0\0\x20ftypisom")
    with pytest.raises(InputError, match=r"clip\.MP4: expected an image \(.*PNG.*\), got the name of a video"):
        read_image(tmp_path / "clip.MP4")


REFUSED = r"its content is not an image in a known format \(.*PNG.*\): convert it to one of these"
DOS_HEADER = b"\xc5\xd0\xd3\xc6" + (30).to_bytes(4, "little") + bytes(22)
"""The binary header of a DOS EPS file."""


@pytest.mark.parametrize("eps", [encode_image("EPS"), encode_image("EPS", "L"), DOS_HEADER + encode_image("EPS")])
def test_postscript_is_never_run(tmp_path, ghostscript, eps):
    files = [tmp_path / "mine" / name for name in ("a.eps", "a.png", "a.jpg", "a")]
    files[0].parent.mkdir()
    for file in files:
        file.write_bytes(eps)
    with zipfile.ZipFile(tmp_path / "a.zip", "x") as archive:
        archive.write(files[1], "cats/a.png")
        archive.extractall(tmp_path / "unpacked")
    for raw in [*files, eps, *find_images(tmp_path / "unpacked")]:
        with pytest.raises(InputError, match=REFUSED) as caught:
            read_image(raw)
        assert "\n" not in str(caught.value)
    for file in files:
        with pytest.raises(InputError, match=REFUSED):
            image_shape(file)
    assert all(re.search(REFUSED, problem) for problem in image_errors(files))
    assert not ghostscript.exists()


@pytest.mark.skipif(os.name == "nt", reason="the program is a shell script")
def test_unrestricted_pillow_runs_ghostscript(ghostscript):
    """Without this, the other tests of PostScript would prove nothing."""
    with pytest.raises(OSError, match=r"."), Image.open(io.BytesIO(encode_image("EPS"))) as image:
        image.load()
    assert ghostscript.exists()


@pytest.mark.parametrize("name", ["a.png", "a.xyz"])
@pytest.mark.parametrize(
    "kind", ["TGA", "PCX", "ICNS", "ICO", "SPIDER", "SGI", "IM", "MSP", "XBM", "DIB", "DDS", "JPEG2000", "QOI"]
)
def test_other_formats_are_refused(tmp_path, kind, name):
    mode = {"SPIDER": "F", "MSP": "1", "XBM": "1"}.get(kind, "RGB")
    content = encode_image(kind, mode)
    (tmp_path / name).write_bytes(content)
    for raw in (tmp_path / name, content):
        with pytest.raises(InputError, match=REFUSED):
            read_image(raw)


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_supported_format(tmp_path, suffix):
    Image.init()
    kind = Image.EXTENSION[suffix]
    assert suffix in FORMATS[kind]
    mode = {".pgm": "L", ".pbm": "1"}.get(suffix, "RGB")
    Image.new(mode, (16, 12), "white").save(tmp_path / f"a{suffix}")
    channels = 3 if mode == "RGB" and kind != "GIF" else read_image(tmp_path / f"a{suffix}").shape[2]
    for raw in (tmp_path / f"a{suffix}", (tmp_path / f"a{suffix}").read_bytes()):
        image = read_image(raw)
        assert image.shape == (12, 16, channels)
        assert image.min() >= 250


def test_a_jpeg_with_two_images(tmp_path, colors):
    """Multi-picture object (MPO), as phones and stereo cameras write it."""
    smooth = Image.fromarray(colors).resize((200, 120), Image.Resampling.BICUBIC)
    smooth.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[Image.new("RGB", (200, 120))])
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.format == "MPO"
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - np.asarray(smooth)).mean() < 6
    assert read_image((tmp_path / "a.jpg").read_bytes()).shape == (120, 200, 3)
    assert image_shape(tmp_path / "a.jpg") == (120, 200, 3)


@pytest.mark.parametrize("suffix", ["png", "tiff", "pgm"])
def test_sixteen_bits_in_every_format(tmp_path, suffix):
    Image.fromarray(np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)).save(tmp_path / f"a.{suffix}")
    image = read_image(tmp_path / f"a.{suffix}")
    np.testing.assert_array_equal(image, np.rint(np.linspace(0, 255, 64)).reshape(8, 8, 1))


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "tiff"])
def test_the_first_of_several_frames_is_read(tmp_path, suffix):
    options = {"save_all": True, "append_images": [Image.new("RGB", (16, 16), "black")]}
    Image.new("RGB", (16, 16), "white").save(tmp_path / f"a.{suffix}", **options)
    assert read_image(tmp_path / f"a.{suffix}").min() >= 250


@pytest.fixture
def restricted_pillow(monkeypatch):
    """Restrict Pillow to the supported formats for one test."""
    Image.init()
    monkeypatch.setattr(Image, "ID", list(Image.ID))
    restrict_pillow()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_gradio_reads_supported_formats_only(tmp_path, ghostscript, restricted_pillow, mode):
    import gradio as gr
    from gradio.components.image_editor import EditorData
    from gradio.data_classes import FileData, ImageData

    from plexus_apps.pages import image_input

    file = tmp_path / "a.png"
    file.write_bytes(encode_image("EPS", mode))
    uploaded = ImageData(path=str(file), orig_name="a.png")
    drawing = EditorData(background=None, layers=[], composite=FileData(path=str(file), orig_name="a.png"))
    for component, payload in ((gr.Image(type="numpy"), uploaded), (gr.Sketchpad(type="numpy"), drawing)):
        with pytest.raises(UnidentifiedImageError):
            component.preprocess(payload)
    assert image_input(height=300).preprocess(uploaded) == str(file)
    assert not ghostscript.exists()
    Image.new(mode, (16, 16)).save(file)
    assert gr.Image(type="numpy").preprocess(uploaded).shape == (16, 16, 3)


def call_page(address, function, data, event=None):
    """Call a function of a page as its script does, with the data of an event; return what it shows."""
    functions = {each["api_name"]: each["id"] for each in httpx.get(f"{address}/config").json()["dependencies"]}
    call = {"data": data, "event_data": event, "fn_index": functions[function], "session_hash": "test"}
    httpx.post(f"{address}/gradio_api/queue/join", json=call).raise_for_status()
    stream = httpx.get(f"{address}/gradio_api/queue/data", params={"session_hash": "test"}, timeout=60).text
    events = [json.loads(line.removeprefix("data: ")) for line in stream.splitlines() if line.startswith("data: ")]
    (done,) = [event for event in events if event["msg"] == "process_completed"]
    assert done["success"], done
    return done["output"]["data"]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the program is a shell script")
def test_postscript_on_a_page_is_never_run(tmp_path, ghostscript):
    """The image input and the drawing of a page of `plexus open`."""
    from plexus_apps.image_recognition.app import draw_photo

    command = [sys.executable, "-m", "plexus", "open", "image-recognition", str(MODELS / "vision.classify/digits")]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([*command, "--no-browser", "--port", "0"], stdout=log, stderr=log, cwd=tmp_path)
    try:
        while not (address := re.search(r"http://[^\s\\]+", (tmp_path / "log").read_text())):
            assert process.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.1)
        page = f"{address[0]}/apps/image-recognition"
        draw_photo(tmp_path / "three.png")
        for name, content, message in (
            ("a.png", encode_image("EPS", "L"), "known format"),
            ("a.eps", encode_image("EPS", "L"), "known format"),
            ("three.png", (tmp_path / "three.png").read_bytes(), ""),
        ):
            upload = httpx.post(f"{page}/gradio_api/upload", files={"files": (name, content)})
            image = {"path": upload.json()[0], "meta": {"_type": "gradio.FileData"}}
            drawing = {"image": f"data:image/png;base64,{base64.b64encode(content).decode()}"}
            model = "vision.classify.digits"
            for shown in (
                call_page(page, "predict", [model, image]),
                call_page(page, "predict_drawing", [model], drawing),
            ):
                assert message in shown[0]
                assert shown[1]["visible"] == (message == "")
                assert message or shown[2]["label"] == "3"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert not ghostscript.exists()
