"""Frames of videos and cameras."""

import os
import struct
import subprocess
import sys
from itertools import count

import numpy as np
import pytest

from plexus import InputError
from plexus.data.videos import camera_number, is_video, read_frames
from plexus.inference.limits import InputLimits, set_input_limits

cv2 = pytest.importorskip("cv2")
SIZE = 64, 48
"""Width and height."""


@pytest.fixture
def write(tmp_path):
    """Write a video of ten frames a second; frame k is red, with k times 8 of blue."""

    def write_video(name, codec="MJPG", frames=30):
        file = tmp_path / name
        writer = cv2.VideoWriter(str(file), cv2.VideoWriter_fourcc(*codec), 10, SIZE)
        for number in range(frames):
            writer.write(np.full((*SIZE[::-1], 3), (number * 8, 0, 255), np.uint8))
        writer.release()
        return file

    return write_video


@pytest.fixture
def limits():
    yield lambda **values: set_input_limits(InputLimits(**values))
    set_input_limits(InputLimits())


def rotate(file):
    """Set the matrix in the header of the track (ISO/IEC 14496-12, 8.3.2) to a quarter turn."""
    content = bytearray(file.read_bytes())
    start = content.index(b"tkhd") + 4 + 40
    content[start : start + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, SIZE[1] << 16, 0, 1 << 30)
    file.write_bytes(content)


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mp4v"), ("a.avi", "MJPG"), ("a.mkv", "MJPG")])
def test_all_frames_are_read_in_color_with_their_times(write, name, codec):
    frames = list(read_frames(write(name, codec)))
    assert [frame.number for frame in frames] == list(range(30))
    assert [frame.time for frame in frames] == pytest.approx([number / 10 for number in range(30)])
    assert frames[0].image.shape == (48, 64, 3)
    assert frames[0].image.dtype == np.uint8
    for frame in frames:
        assert frame.image.mean(axis=(0, 1)) == pytest.approx([255, 0, frame.number * 8], abs=6)


def test_frames_are_sampled_by_time(write):
    file = write("a.mp4", "mp4v")
    assert [frame.number for frame in read_frames(file, rate=2)] == [0, 5, 10, 15, 20, 25]
    assert [frame.number for frame in read_frames(str(file), rate=4)] == [0, 3, 5, 8, 10, 13, 15, 18, 20, 23, 25, 28]
    assert len(list(read_frames(file, rate=1000))) == 30
    assert [frame.number for frame in read_frames(file, rate=0.01)] == [0]
    assert [frame.number for frame in read_frames(file, rate=2, seconds=1)] == [0, 5]


def test_frames_of_a_rotated_video_are_upright(write):
    file = write("a.mp4", "mp4v")
    rotate(file)
    assert next(read_frames(file)).image.shape == (64, 48, 3)


def test_a_link_to_a_video_is_read(write, tmp_path):
    (tmp_path / "link.avi").symlink_to(write("a.avi"))
    assert len(list(read_frames(tmp_path / "link.avi"))) == 30


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.mp4", b"", "is empty: expected a video"),
        ("a.mp4", b"not a video" * 100, "is damaged or cut off, or its format or codec is none that OpenCV reads"),
        ("a.mp4", b"ffconcat version 1.0\nfile b.avi\n", "its format or codec is none that OpenCV reads"),
        ("a.mp4", b"#EXTM3U\n#EXTINF:3,\nb.avi\n#EXT-X-ENDLIST\n", "its format or codec is none that OpenCV reads"),
        ("a.avi", b"#EXTM3U\n#EXTINF:3,\nb.avi\n#EXT-X-ENDLIST\n", "its format or codec is none that OpenCV reads"),
    ],
)
def test_a_file_that_is_no_video_is_one_line(write, tmp_path, name, content, message):
    write("b.avi")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        list(read_frames(tmp_path / name))
    assert str(error.value).startswith(str(tmp_path / name))


def test_a_codec_that_opencv_lacks_is_one_line(write):
    file = write("a.avi")
    file.write_bytes(file.read_bytes().replace(b"MJPG", b"XYZW"))
    with pytest.raises(InputError, match="its format or codec is none that OpenCV reads: convert it"):
        list(read_frames(file))


@pytest.mark.parametrize("name", ["a.avi", "a.mkv"])
def test_a_video_that_is_cut_off_ends_with_an_error(write, name):
    file = write(name)
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    frames = []
    with pytest.raises(InputError, match=r"is damaged or cut off: it ends after \d+ of 30 frames"):
        frames.extend(read_frames(file))
    frames = read_frames(file, seconds=0.5)
    assert [frame.number for frame in frames] == [0, 1, 2, 3, 4]


def test_an_mp4_without_its_end_is_one_line(write):
    file = write("a.mp4", "mp4v")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(InputError, match="is damaged or cut off"):
        list(read_frames(file))


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    for name, message in (("none.mp4", "No such file"), (".", "not a regular file"), ("pipe.mp4", "not a regular")):
        with pytest.raises(InputError, match=message):
            list(read_frames(tmp_path / name))


def test_limits_hold(write, limits):
    file = write("a.avi")
    limits(pixels=64 * 48 - 1)
    with pytest.raises(InputError, match="has frames of 64 x 48 pixels, expected at most 3,071"):
        list(read_frames(file))
    limits(side=63)
    with pytest.raises(InputError, match="has frames of 64 x 48 pixels"):
        list(read_frames(file))
    limits(seconds=1)
    with pytest.raises(InputError, match="has more than 1 seconds, the limit: cut it first"):
        list(read_frames(file))
    assert len(list(read_frames(file, seconds=1))) == 10


@pytest.mark.parametrize(("rate", "seconds"), [(0, 1), (-1, 1), (float("nan"), 1), (1, 0), (1, float("nan"))])
def test_numbers_that_are_not_above_0_are_refused(write, rate, seconds):
    with pytest.raises(InputError, match="above 0"):
        next(read_frames(write("a.avi"), rate, seconds))


def test_nothing_but_the_error_is_printed(write):
    file = write("a.mp4", "mp4v")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    code = (
        "import sys\nfrom plexus.data.videos import InputError, read_frames\n"
        "for source in sys.argv[1:]:\n try: list(read_frames(source))\n except InputError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, file, "camera:99"], capture_output=True, text=True)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 2


def test_the_environment_is_as_before(write, monkeypatch):
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;udp")
    level = cv2.utils.logging.getLogLevel()
    next(read_frames(write("a.avi")))
    assert os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] == "rtsp_transport;udp"
    assert cv2.utils.logging.getLogLevel() == level


def test_videos_and_cameras_are_told_apart_by_name():
    assert [is_video(name) for name in ("a.mp4", "b.MOV", "c.png", "mp4")] == [True, True, False, False]
    assert [camera_number(name) for name in ("camera:0", "camera:12", "camera:", "camera:x", "a/camera:1")] == [
        0, 12, None, None, None,
    ]  # fmt: skip


def test_a_camera_that_does_not_exist_is_one_line():
    with pytest.raises(InputError, match="camera:99: there is no such camera, or another program uses it"):
        next(read_frames("camera:99"))


class Camera:
    """OpenCV's reader of a camera with 20 frames."""

    def __init__(self, number):
        assert number == 1
        self.grabbed = 0
        self.released = False

    def isOpened(self):  # noqa: N802
        return True

    def set(self, name, value):
        return True

    def grab(self):
        self.grabbed += 1
        return self.grabbed <= 20

    def retrieve(self):
        return True, np.full((4, 6, 3), (1, 2, 3), np.uint8)

    def release(self):
        self.released = True


def test_a_camera_is_read_by_the_clock_until_the_time_is_over_or_it_stops(monkeypatch):
    cameras = []
    monkeypatch.setattr(cv2, "VideoCapture", lambda number: cameras.append(Camera(number)) or cameras[-1])
    clocks = (count(0, 0.25), count(0, 0.25))
    monkeypatch.setattr("plexus.data.videos.time.monotonic", lambda: next(clocks[len(cameras) - 1]))
    frames = list(read_frames("camera:1", rate=2, seconds=2))
    assert [frame.time for frame in frames] == [0.25, 0.5, 1.0, 1.5]
    assert frames[0].image[0, 0].tolist() == [3, 2, 1]
    assert cameras[0].released
    with pytest.raises(InputError, match=r"camera:1 stopped after 5\.0 s: check whether it is connected"):
        list(read_frames("camera:1"))
    assert cameras[1].released
