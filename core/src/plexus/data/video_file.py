"""Videos that are written."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from plexus.errors import InputError

CODECS = {".mp4": "mp4v", ".webm": "VP80"}
"""Codecs by suffix: MPEG-4 Part 2, and VP8, which browsers play. OpenCV's own build has no encoder of H.264."""
MIN_RATE, MAX_RATE = 0.1, 1000.0
"""Limits of the frame rate."""


class VideoFile:
    """A video that is written frame by frame with OpenCV.

    Args:
        file: The file, which ends in `.mp4` or `.webm`. It is created with the first frame.
        rate: Frames per second, moved into `MIN_RATE` to `MAX_RATE`.

    Raises:
        InputError: At the first frame, if OpenCV is not installed or cannot encode the video; at the end, if not all
            frames were written: the disk is full.

    Example:
        ```python
        with VideoFile(Path("clip.mp4"), rate=10) as video:
            video.write(image)
        ```
    """

    def __init__(self, file: Path, rate: float) -> None:
        # MPEG-4 has 16 bits for the denominator of the time base: more decimals do not fit.
        self.file, self.rate = file, round(min(max(rate, MIN_RATE), MAX_RATE), 2)
        self._writer: Any = None
        self._size, self._frames = (0, 0), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.release()
            if error is None:
                self._check_frames()

    def write(self, image: np.ndarray) -> None:
        """Add a frame.

        Args:
            image: RGB, bytes of shape `(height, width, 3)`. A size other than that of the first frame is scaled to it.

        Raises:
            InputError: If OpenCV is not installed or cannot encode the video.
        """
        if self._writer is None:
            self._size = image.shape[1], image.shape[0]
            self._writer = self._open()
        import cv2

        picture = image if image.shape[1::-1] == self._size else cv2.resize(image, self._size)
        self._writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        self._frames += 1

    def _open(self) -> Any:
        try:
            import cv2
        except ModuleNotFoundError as error:
            raise InputError("writing videos needs OpenCV: pip install opencv-python-headless") from error
        codec = CODECS[self.file.suffix.lower()]
        code = cv2.VideoWriter.fourcc(*codec)
        writer = cv2.VideoWriter(str(self.file.absolute()), cv2.CAP_FFMPEG, code, self.rate, self._size)
        if not writer.isOpened():
            width, height = self._size
            raise InputError(
                f"{self.file} cannot be written as {codec} with {width:,} x {height:,} pixels: scale the frames, or "
                "pip install opencv-python-headless"
            )
        return writer

    def _check_frames(self) -> None:
        """Refuse a file with fewer frames: OpenCV's writer reports no error."""
        import cv2

        capture = cv2.VideoCapture(str(self.file.absolute()), cv2.CAP_FFMPEG)
        frames = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        capture.release()
        if frames < self._frames:
            raise InputError(
                f"{self.file} has {max(frames, 0):,.0f} of {self._frames:,} frames: make room on the disk, or choose "
                "another place"
            )
