"""Videos that are written."""

import numpy as np
import pytest

from plexus import InputError
from plexus.data.video_file import VideoFile
from plexus.data.videos import read_frames

pytest.importorskip("cv2")
RED = (250, 0, 0)


def write(file, rate, sizes):
    with VideoFile(file, rate) as video:
        for size in sizes:
            video.write(np.full((*size, 3), RED, np.uint8))


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
@pytest.mark.parametrize("rate", [10, 29.97003])
def test_frames_are_read_back_with_color_and_time(tmp_path, name, rate):
    write(tmp_path / name, rate, [(48, 64)] * 20)
    frames = list(read_frames(tmp_path / name))
    assert [frame.time for frame in frames] == pytest.approx(np.arange(20) / rate, abs=1e-3)
    assert frames[9].image.shape == (48, 64, 3)
    assert frames[9].image.mean(axis=(0, 1)) == pytest.approx(RED, abs=8)


def test_all_frames_get_the_size_of_the_first(tmp_path):
    write(tmp_path / "a.mp4", 10, [(48, 64), (96, 64), (48, 64)])
    assert [frame.image.shape for frame in read_frames(tmp_path / "a.mp4")] == [(48, 64, 3)] * 3


def test_a_video_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"a\.mp4 cannot be written as mp4v with 1 x 1 pixels: scale the frames"):
        write(tmp_path / "a.mp4", 10, [(1, 1)])


def test_no_frames_are_no_file(tmp_path):
    write(tmp_path / "a.mp4", 10, [])
    assert list(tmp_path.iterdir()) == []


def test_an_incomplete_file_is_an_error(tmp_path):
    """As on a full disk, of which OpenCV's writer reports nothing."""

    def write_and_remove():
        with VideoFile(tmp_path / "a.mp4", 10) as video:
            video.write(np.zeros((48, 64, 3), np.uint8))
            (tmp_path / "a.mp4").unlink()

    with pytest.raises(InputError, match=r"a\.mp4 has 0 of 1 frames: make room on the disk"):
        write_and_remove()
