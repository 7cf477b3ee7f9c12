"""Frames to a file that anything can show."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import InputError
from plexus.utils.files import require_new, writing_to

if TYPE_CHECKING:
    from plexus_games.environment import Environment

ENDINGS = (".mp4", ".gif")
CAPTION = 22
GIF_SIDE, GIF_RATE = 320, 25
SMALLEST = 256
"""Pixels of a video's shorter side at the least: games of cells are enlarged."""


def video_file(name: str) -> Path:
    """Where a video is to be written.

    Raises:
        InputError: the ending is none of a video, or there is such a file.
    """
    file = Path(name)
    if file.suffix not in ENDINGS:
        raise InputError(f"--video {name}: a file ending in {' or '.join(ENDINGS)} is wanted")
    require_new(file)
    return file


@contextmanager
def video(file: Path | None, environment: "Environment") -> Iterator[Callable[[Any, str], None]]:
    """A function that takes frames `(height, width, 3)` with a caption each; written whole or not at all.

    Raises:
        InputError: the environment does not draw itself.
    """
    if file is None:
        yield lambda frame, caption: None  # noqa: ARG005
        return
    if not environment.is_drawn:
        raise InputError(f"--video {file}: {environment.id} does not draw itself (it has no render mode rgb_array)")
    beside = file.with_name(f".{file.stem}.partial{file.suffix}")
    with writing_to(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            writer = (
                _mp4(beside, environment.frame_rate) if file.suffix == ".mp4" else _gif(beside, environment.frame_rate)
            )
            with writer as write:
                yield lambda frame, caption: write(captioned(frame, caption))
            beside.rename(file)
        finally:
            beside.unlink(missing_ok=True)


def captioned(frame: np.ndarray, caption: str) -> np.ndarray:
    """A frame, enlarged if it is small, above a line of text; sides even, as H.264 wants them."""
    import cv2

    scale = max(-(-SMALLEST // min(frame.shape[:2])), 1)
    frame = np.ascontiguousarray(frame.repeat(scale, axis=0).repeat(scale, axis=1)[..., :3], np.uint8)
    height, width = frame.shape[0] // 2 * 2, frame.shape[1] // 2 * 2
    strip = np.full((CAPTION, width, 3), 24, np.uint8)
    cv2.putText(strip, caption, (8, CAPTION - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (235, 235, 235), 1, cv2.LINE_AA)
    return np.concatenate([frame[:height, :width], strip])


@contextmanager
def _mp4(file: Path, rate: int) -> Iterator[Callable[[np.ndarray], None]]:
    """H.264, which every browser plays."""
    import imageio_ffmpeg

    sink: Any = None

    def write(frame: np.ndarray) -> None:
        nonlocal sink
        if sink is None:
            size = frame.shape[1], frame.shape[0]
            sink = imageio_ffmpeg.write_frames(str(file), size, fps=rate, macro_block_size=2, quality=7)
            sink.send(None)
        sink.send(np.ascontiguousarray(frame))

    try:
        yield write
    finally:
        if sink is not None:
            sink.close()


@contextmanager
def _gif(file: Path, rate: int) -> Iterator[Callable[[np.ndarray], None]]:
    """At most 25 pictures a second, of at most 320 pixels a side."""
    from PIL import Image

    pictures: list[Any] = []
    every, seen = max(rate // GIF_RATE, 1), 0

    def write(frame: np.ndarray) -> None:
        nonlocal seen
        if seen % every == 0:
            picture = Image.fromarray(frame)
            picture.thumbnail((GIF_SIDE, GIF_SIDE))
            pictures.append(picture.quantize(64, method=Image.Quantize.FASTOCTREE))
        seen += 1

    yield write
    duration = max(round(1000 * every / rate), 20)
    pictures[0].save(file, save_all=True, append_images=pictures[1:], duration=duration, loop=0)
