"""Objects of a video: tracked across its frames, and drawn into them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from plexus.data.video_file import VideoFile
from plexus.data.videos import read_frames
from plexus_apps.object_finder.detection_model import DetectionModel
from plexus_apps.object_finder.drawing import draw_boxes, fit_image, label_color

RATE, SECONDS = 10, 30
"""Frames per second that are read, and seconds from the beginning of the video."""
WIDTH = 720
"""Of the annotated video, in pixels."""
MAX_GAP = 15
"""Frames without a detection after which an object counts as another one."""


@dataclass
class VideoResult:
    """The objects of a video.

    Attributes:
        counts: Number of distinct objects by label.
        frames: Number of frames that were read.
        seconds: Time of the last frame.
        finished: Whether the annotated video is complete.

    Example:
        ```python
        for result in track_video(model, Path("clip.mp4"), Path("tracked.webm")):
            print(result.counts)
        ```
    """

    counts: dict[str, int] = field(default_factory=dict)
    frames: int = 0
    seconds: float = 0.0
    finished: bool = False


def track_video(model: DetectionModel, source: Path, target: Path) -> Iterator[VideoResult]:
    """Track the objects of a video, and write it with their boxes.

    Args:
        model: The model.
        source: The video; its first `SECONDS` seconds are read, `RATE` frames of each.
        target: WebM file to write.

    Yields:
        The same result after each frame, and once more when the video is complete.

    Raises:
        InputError: If it is not a video that OpenCV decodes.
    """
    result, tracker = VideoResult(), model.new_tracker(MAX_GAP)
    with VideoFile(target, RATE) as video:
        for frame in read_frames(source, RATE, SECONDS):
            image = fit_image(frame.image)
            objects = model.track(image, tracker)
            boxes, texts = [box for _, _, box in objects], [f"{label} {number}" for number, label, _ in objects]
            colors = [label_color(model.labels, label) for _, label, _ in objects]
            video.write(draw_boxes(image, boxes, texts, colors, WIDTH))
            result.counts = dict(zip(model.labels, tracker.counts.tolist(), strict=True))
            result.frames, result.seconds = result.frames + 1, frame.time
            yield result
    result.finished = True
    yield result
