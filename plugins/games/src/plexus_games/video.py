"""Videos of episodes.

`gymnasium.wrappers.RecordVideo` writes one MP4 per episode, without captions, and needs MoviePy; here all episodes of a
request are in one MP4 or GIF.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from plexus import InputError
from plexus.utils.files import require_new, writing_to
from plexus_games.environment import EnvironmentSpec

SUFFIXES = (".mp4", ".gif")
CAPTION_HEIGHT = 22
MAX_GIF_SIDE, GIF_RATE, GIF_COLORS = 320, 25, 64
MIN_SIDE = 256
"""Pixels of a video's shorter side: smaller frames are enlarged."""

WriteFrame = Callable[[np.ndarray], None]


def video_path(name: str) -> Path:
    """Return the path of a video to write.

    Args:
        name: Value of the option.

    Returns:
        The path.

    Raises:
        InputError: If the suffix is not supported, the file exists, or the extra for .mp4 is not installed.
    """
    path = Path(name)
    if path.suffix not in SUFFIXES:
        raise InputError(f"--video {name}: expected a file ending in {' or '.join(SUFFIXES)}")
    require_new(path)
    if path.suffix == ".mp4" and find_spec("imageio_ffmpeg") is None:
        raise InputError(
            f"--video {name}: .mp4 needs the extra video, whose build of FFmpeg is under the GPL: "
            "pip install 'plexus-games[video]', or record a .gif"
        )
    return path


@contextmanager
def video_writer(path: Path | None, environment: EnvironmentSpec) -> Iterator[Callable[[np.ndarray, str], None]]:
    """Write a video, whole or not at all.

    Args:
        path: The file; None: nothing is written.
        environment: The environment, for its frame rate.

    Yields:
        A function that adds a frame of shape `(height, width, 3)` with a caption.

    Raises:
        InputError: If the environment renders no frames.
    """
    if path is None:
        yield lambda _frame, _caption: None
        return
    if not environment.has_frames:
        raise InputError(f"--video {path}: {environment.id} renders no frames (it has no render mode rgb_array)")
    partial_path = path.with_name(f".{path.stem}.partial{path.suffix}")
    open_writer = _mp4_writer if path.suffix == ".mp4" else _gif_writer
    with writing_to(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open_writer(partial_path, environment.frame_rate) as write:
                yield lambda frame, caption: write(add_caption(frame, caption))
            partial_path.rename(path)
        finally:
            partial_path.unlink(missing_ok=True)


def add_caption(frame: np.ndarray, caption: str) -> np.ndarray:
    """Return a frame, enlarged if it is small, above a line of text; its sides are even, as H.264 requires.

    Args:
        frame: The frame, shape `(height, width, 3)`.
        caption: The text.

    Returns:
        The new frame.
    """
    import cv2

    scale = max(-(-MIN_SIDE // min(frame.shape[:2])), 1)
    frame = np.ascontiguousarray(frame.repeat(scale, axis=0).repeat(scale, axis=1)[..., :3], np.uint8)
    height, width = frame.shape[0] // 2 * 2, frame.shape[1] // 2 * 2
    strip = np.full((CAPTION_HEIGHT, width, 3), 24, np.uint8)
    position, font = (8, CAPTION_HEIGHT - 7), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(strip, caption, position, font, 0.42, (235, 235, 235), 1, cv2.LINE_AA)
    return np.concatenate([frame[:height, :width], strip])


@contextmanager
def _mp4_writer(path: Path, rate: int) -> Iterator[WriteFrame]:
    """Write H.264, which every browser plays."""
    import imageio_ffmpeg  # type: ignore[import-untyped]

    writer: Generator[None, np.ndarray | None, None] | None = None

    def write(frame: np.ndarray) -> None:
        nonlocal writer
        if writer is None:
            size = frame.shape[1], frame.shape[0]
            writer = imageio_ffmpeg.write_frames(str(path), size, fps=rate, macro_block_size=2, quality=7)
            writer.send(None)
        writer.send(np.ascontiguousarray(frame))

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()


@contextmanager
def _gif_writer(path: Path, rate: int) -> Iterator[WriteFrame]:
    """Write at most 25 images per second, with sides of at most 320 pixels."""
    from PIL import Image

    images: list[Image.Image] = []
    interval, count = max(rate // GIF_RATE, 1), 0

    def write(frame: np.ndarray) -> None:
        nonlocal count
        if count % interval == 0:
            image = Image.fromarray(frame)
            image.thumbnail((MAX_GIF_SIDE, MAX_GIF_SIDE))
            images.append(image.quantize(GIF_COLORS, method=Image.Quantize.FASTOCTREE))
        count += 1

    yield write
    duration = max(round(1000 * interval / rate), 20)
    images[0].save(path, save_all=True, append_images=images[1:], duration=duration, loop=0)
