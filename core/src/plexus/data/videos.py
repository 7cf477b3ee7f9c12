"""Frames of videos and cameras, one at a time."""

import math
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from plexus.data.folders import read_head
from plexus.errors import InputError
from plexus.inference.limits import input_limits
from plexus.utils.files import require_regular

SUFFIXES = {".3gp", ".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm"}
"""Suffixes of the videos that are read."""
MAX_PIXELS, MAX_FRAMES = 36_000_000, 1_000_000
"""Most pixels of a frame (8K has 33 million), and most frames of a video (nine hours at 30 a second)."""
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi"
_OPTIONS = f"format_whitelist;{_FORMATS}|protocol_whitelist;file"
"""Options of FFmpeg: other formats may be playlists, which name files and addresses that FFmpeg would open."""
_REMEDY = "convert it to .mp4 with H.264"
_COMPLETE = 0.9
"""Share of the frames, or of the seconds, of a video's header that a complete file has: the header may be rounded."""
_TOLERANCE = 1e-3
"""Seconds by which a time may be rounded."""
_DEFAULT_RATE = 25.0
_opening = threading.Lock()


class Frame(NamedTuple):
    """A frame of a video.

    Attributes:
        image: The picture, upright: RGB, bytes of shape `(h, w, 3)`.
        number: Number of the frame in the video, from 0 on.
        time: Time since the beginning of the video, in seconds.

    Example:
        ```python
        [frame.time for frame in read_frames("clip.mp4", rate=1)]  # [0.0, 1.0, 2.0]
        ```
    """

    image: np.ndarray
    number: int
    time: float


def is_video(path: str | Path) -> bool:
    """Return whether a file is a video by its suffix.

    Args:
        path: The file.

    Returns:
        True for a video.
    """
    return Path(path).suffix.lower() in SUFFIXES


def camera_number(source: str | Path) -> int | None:
    """Return the number of a camera.

    Args:
        source: `camera:0` for the first camera, `camera:1` for the second; or a file.

    Returns:
        The number; None for a file.
    """
    match = re.fullmatch(r"camera:([0-9]{1,4})", str(source))
    return int(match[1]) if match else None


def read_frames(source: str | Path, rate: float | None = None, seconds: float = math.inf) -> Iterator[Frame]:
    """Read the frames of a video or a camera with OpenCV; one is in memory at a time.

    The rotation that a phone stores in the video is applied.

    Args:
        source: A file, or a camera: `camera:0`.
        rate: Frames per second of the video that are returned, above 0; by default all.
        seconds: Time at which reading ends, above 0; by default the end of the video. A camera has no end.

    Yields:
        The frames: of each interval of 1 / `rate` seconds the first one.

    Raises:
        InputError: If OpenCV is not installed; if the file is not a video that OpenCV decodes, is damaged or cut off
            (after the frames before the damage), or exceeds `input_limits()`, `MAX_PIXELS` or `MAX_FRAMES`; if there is
            no such camera, or it stops. The line names the source.
    """
    if not (rate is None or 0 < rate < math.inf) or not seconds > 0:
        raise InputError(f"expected a frame rate and seconds above 0, got {rate} and {seconds}")
    number = camera_number(source)
    with _opened_file(Path(source)) if number is None else _opened_camera(number) as video:
        yield from video.frames(rate, seconds)


class _Video:
    """An open video.

    Args:
        capture: OpenCV's reader.
        name: Its name in error messages.
        time: Returns the time of a frame, in seconds, after the reader has reached it.
    """

    def __init__(self, capture: Any, name: str, time: Callable[[int], float]) -> None:
        self.capture, self.name, self.time = capture, name, time

    def frames(self, rate: float | None, seconds: float) -> Iterator[Frame]:
        now, due = 0.0, 0
        for number in count():
            if not self.capture.grab():
                self.check_end(number, now)
                return
            now = max(now, self.time(number))
            self.check_length(number, now)
            if now >= seconds:
                return
            if rate is None or (now + _TOLERANCE) * rate >= due:
                due = math.floor((now + _TOLERANCE) * rate) + 1 if rate else 0
                yield Frame(self.image(number), number, now)

    def check_end(self, frames: int, seconds: float) -> None:
        raise InputError(f"{self.name} stopped after {seconds:.1f} s: check whether it is connected and free")

    def check_length(self, number: int, seconds: float) -> None:
        pass  # a camera is read for as long as the caller wants

    def check_size(self, width: float, height: float) -> None:
        pixels = min(MAX_PIXELS, input_limits().pixels)
        if width * height > pixels or max(width, height) > input_limits().side:
            raise InputError(
                f"{self.name} has frames of {width:,.0f} x {height:,.0f} pixels, expected at most {pixels:,.0f}: "
                "scale it down first"
            )

    def image(self, number: int) -> np.ndarray:
        import cv2

        try:
            is_decoded, image = self.capture.retrieve()
            if is_decoded:
                self.check_size(image.shape[1], image.shape[0])  # it may change within a video
                return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        except (cv2.error, MemoryError) as error:
            raise InputError(f"{self.name}: frame {number:,} cannot be decoded: {_REMEDY}") from error
        raise InputError(f"{self.name}: frame {number:,} cannot be decoded: {_REMEDY}")


class _VideoFile(_Video):
    """An open file.

    Args:
        capture: OpenCV's reader.
        name: Its name in error messages.
    """

    def __init__(self, capture: Any, name: str) -> None:
        import cv2

        super().__init__(capture, name, self._time)
        rate, frames = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._rate = rate if 0 < rate < math.inf else _DEFAULT_RATE
        self._count = frames if 0 < frames < math.inf else 0
        self.check_size(capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT))

    def check_end(self, frames: int, seconds: float) -> None:
        if not frames:
            raise InputError(f"{self.name} has no frame that OpenCV can decode: {_REMEDY}")
        # Of a video with a variable frame rate, only one of both is reliable.
        if frames < _COMPLETE * self._count and seconds + 1 / self._rate < _COMPLETE * self._count / self._rate:
            raise InputError(
                f"{self.name} is damaged or cut off: it ends after {frames:,} of {self._count:,.0f} frames "
                f"({seconds:.1f} s): copy it again, or {_REMEDY}"
            )

    def check_length(self, number: int, seconds: float) -> None:
        limit = input_limits().seconds
        if seconds > limit or number >= MAX_FRAMES:
            length = f"{limit:,.0f} seconds" if seconds > limit else f"{MAX_FRAMES:,} frames"
            raise InputError(f"{self.name} has more than {length}, the limit: cut it first")

    def _time(self, number: int) -> float:
        import cv2

        milliseconds = self.capture.get(cv2.CAP_PROP_POS_MSEC)
        return milliseconds / 1000 if 0 < milliseconds < math.inf else number / self._rate


@contextmanager
def _opened_file(file: Path) -> Iterator[_Video]:
    require_regular(file, links=True)
    if not read_head(file):
        raise InputError(f"{file} is empty: expected a video")
    with _capture(lambda cv2: cv2.VideoCapture(str(file.absolute()), cv2.CAP_FFMPEG)) as capture:
        if not capture.isOpened():
            raise InputError(
                f"{file} is damaged or cut off, or its format or codec is none that OpenCV reads: {_REMEDY}"
            )
        yield _VideoFile(capture, str(file))


@contextmanager
def _opened_camera(number: int) -> Iterator[_Video]:
    with _capture(lambda cv2: cv2.VideoCapture(number)) as capture:
        if not capture.isOpened():
            raise InputError(f"camera:{number}: there is no such camera, or another program uses it")
        start = time.monotonic()
        yield _Video(capture, f"camera:{number}", lambda _: time.monotonic() - start)


@contextmanager
def _capture(open_source: Callable[[Any], Any]) -> Iterator[Any]:
    """Open a source without OpenCV's and FFmpeg's own messages; release it at the end."""
    try:
        import cv2
    except ModuleNotFoundError as error:
        raise InputError("reading videos needs OpenCV: pip install opencv-python-headless") from error
    with _opening, _settings(cv2):
        capture = open_source(cv2)
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
    try:
        yield capture
    finally:
        capture.release()


@contextmanager
def _settings(cv2: Any) -> Iterator[None]:
    """Set what OpenCV reads while it opens a source: its log level, and options by the environment."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # read once in a process; -8 is FFmpeg's AV_LOG_QUIET
    options, level = os.environ.get("OPENCV_FFMPEG_CAPTURE_OPTIONS"), cv2.utils.logging.getLogLevel()
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = _OPTIONS
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)
        del os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"]
        if options is not None:
            os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = options
