"""The objects of a video or a camera, tracked across its frames."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.data.video_file import VideoFile
from plexus.data.videos import Frame
from plexus.errors import InputError
from plexus_vision.detection.drawing import draw_objects
from plexus_vision.detection.tracking import MIN_SCORE, UNCONFIRMED, Tracker

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus_vision.detection.image_detector import ImageDetector

BATCH, BATCH_BYTES = 8, 1 << 28
"""Frames whose objects are detected at once, and bytes of their pixels at most."""
GAP_SECONDS = 1.0
"""Time without a detection after which an object is another one; 30 frames in ByteTrack, section 4.1."""
DEFAULT_RATE = 25.0
"""Frames per second of a video of one frame."""


class VideoObjects:
    """Detection, tracking and annotation of the frames of one video.

    Args:
        detector: The detector.
        file: The annotated video to write; None for none.

    Attributes:
        frames: Of each frame `frame`, its number in the video; `time` in seconds; `counts` by label; and `objects`.

    Example:
        ```python
        video = VideoObjects(detector, Path("annotated.mp4"))
        video.read(read_frames("clip.mp4"))
        video.counts
        ```
    """

    def __init__(self, detector: "ImageDetector", file: Path | None = None) -> None:
        self.frames: list[JsonObject] = []
        self._detector, self._file = detector, file
        self._tracker: Tracker | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Number of distinct objects by label."""
        numbers = self._tracker.counts.tolist() if self._tracker else [0] * len(self._detector.codec.labels)
        return dict(zip(self._detector.codec.labels, numbers, strict=True))

    def read(self, frames: Iterable[Frame]) -> None:
        """Detect and track the objects of all frames.

        Args:
            frames: The frames in order.

        Raises:
            InputError: If the video is damaged; `frames` has those before the damage.
        """
        with ExitStack() as stack:
            writer: VideoFile | None = None
            for batch in _batches(frames):
                if self._tracker is None:
                    rate = _frame_rate(batch)
                    self._tracker = Tracker(self._detector.thresholds.tolist(), max(round(GAP_SECONDS * rate), 1))
                    writer = stack.enter_context(VideoFile(self._file, rate)) if self._file else None
                for frame, objects in zip(batch, self._track(batch, self._tracker), strict=True):
                    self._add(frame, objects)
                    if writer is not None:
                        writer.write(draw_objects(frame.image, objects, self._detector.codec.labels))

    def _track(self, batch: list[Frame], tracker: Tracker) -> "Iterator[list[JsonObject]]":
        """Return the objects of each frame: what reaches the thresholds, and what continues a track."""
        detector = self._detector
        # Weak detections continue a track.
        least = np.minimum(detector.thresholds, MIN_SCORE)
        for detections in detector.detect([frame.image for frame in batch], least):
            tracks = tracker.update(detections)
            is_object = (tracks != UNCONFIRMED) | (detections.scores >= detector.thresholds[detections.classes])
            yield detector.objects(detections.take(is_object), tracks[is_object])

    def _add(self, frame: Frame, objects: "list[JsonObject]") -> None:
        counts = dict.fromkeys(self._detector.codec.labels, 0)
        for each in objects:
            counts[each["label"]] += 1
        self.frames.append({"frame": frame.number, "time": round(frame.time, 3), "counts": counts, "objects": objects})


def _batches(frames: Iterable[Frame]) -> Iterator[list[Frame]]:
    """Collect frames; those before an error come before it."""
    batch: list[Frame] = []
    try:
        for frame in frames:
            batch.append(frame)
            if len(batch) == BATCH or len(batch) * frame.image.nbytes >= BATCH_BYTES:
                yield batch
                batch = []
    except InputError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _frame_rate(batch: list[Frame]) -> float:
    """Return the frames per second of the first frames."""
    seconds = batch[-1].time - batch[0].time
    return (len(batch) - 1) / seconds if seconds > 0 else DEFAULT_RATE
