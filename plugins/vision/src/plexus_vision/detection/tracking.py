"""Tracking of detected objects across the frames of a video."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from plexus_vision.detection.boxes import iou_matrix
from plexus_vision.detection.image_boxes import Detections

MIN_SCORE = 0.1
"""Score from which a detection continues a track, though it does not begin one (ByteTrack, section 4.1)."""
FIRST_IOU, SECOND_IOU = 0.2, 0.5
"""Smallest IoU of a track with a confident and with a weak detection (ByteTrack, section 4.1 and its code)."""
POSITION_GAIN = 0.7
"""Share of the deviation from the predicted position that is corrected in a frame."""
VELOCITY_GAIN = POSITION_GAIN**2 / (2 - POSITION_GAIN)
"""The same for the velocity: the gain of least transient error (Benedict & Bordner 1962, equation 21)."""
UNCONFIRMED = 0
"""Identifier of a track that was detected in one frame only."""


class Tracker:
    """Tracker with the two-stage association of ByteTrack (Zhang et al. 2022, arXiv:2110.06864, algorithm 1).

    First, confident detections are matched with the predicted boxes of all tracks; then weak ones with those of the
    tracks that remain: an occluded object has a low score. The prediction has constant velocity, an alpha-beta filter
    in place of the Kalman filter. Pairs are formed greedily, those of the largest IoU first, without SciPy.

    Args:
        thresholds: Score of each class from which a detection begins a track, shape `(classes,)`.
        max_gap: Number of frames after which a track without a detection ends.

    Attributes:
        counts: Number of distinct objects of each class up to now, shape `(classes,)`.

    Example:
        ```python
        tracker = Tracker([0.4, 0.5])
        for detections in frames:
            ids = tracker.update(detections)
        tracker.counts
        ```
    """

    def __init__(self, thresholds: Sequence[float], max_gap: int = 30) -> None:
        self.thresholds, self.max_gap = np.asarray(thresholds, float), max_gap
        self.counts = np.zeros(len(self.thresholds), int)
        self._tracks = _Tracks()
        self._is_first = True

    def update(self, detections: Detections) -> np.ndarray:
        """Add the detections of the next frame.

        Args:
            detections: The detections, those of low scores too.

        Returns:
            Identifier of the object of each detection, counted from 1 in the order of appearance, shape `(n,)`; 0 for
            detections without a track, and for an object's first detection after the first frame: a second one in the
            next frame confirms it.
        """
        tracks = self._tracks
        tracks.predict()
        confident = detections.scores >= self.thresholds[detections.classes.astype(int)]
        pairs = np.full(len(detections), -1)
        _match(detections, confident, tracks, np.ones(len(tracks), bool), FIRST_IOU, pairs)
        weak, seen = ~confident & (detections.scores >= MIN_SCORE), (tracks.gaps == 1) & (tracks.ids != UNCONFIRMED)
        _match(detections, weak, tracks, seen, SECOND_IOU, pairs)
        matched = np.flatnonzero(pairs >= 0)
        tracks.correct(pairs[matched], detections.boxes[matched])
        first = matched[tracks.ids[pairs[matched]] == UNCONFIRMED]
        tracks.ids[pairs[first]] = self._new_ids(detections.classes[first])
        ids = np.where(pairs >= 0, tracks.ids[pairs] if len(tracks) else 0, UNCONFIRMED)
        new = np.flatnonzero(confident & (pairs < 0))
        if self._is_first:
            ids[new] = self._new_ids(detections.classes[new])
        ended = (tracks.gaps > self.max_gap) | ((tracks.ids == UNCONFIRMED) & (tracks.gaps > 0))
        self._tracks = tracks.take(~ended).extend(detections.take(new), ids[new])
        self._is_first = False
        return ids

    def _new_ids(self, classes: np.ndarray) -> np.ndarray:
        start = int(self.counts.sum()) + 1
        np.add.at(self.counts, classes.astype(int), 1)
        return np.arange(start, start + len(classes))


@dataclass
class _Tracks:
    """Centers, sizes and velocities `(tracks, 2)`, numbers of detections, and frames since the last one."""

    centers: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    sizes: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    velocities: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    ages: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    gaps: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    classes: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    ids: np.ndarray = field(default_factory=lambda: np.zeros(0, int))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def boxes(self) -> np.ndarray:
        return np.concatenate([self.centers - self.sizes / 2, self.centers + self.sizes / 2], axis=1)

    def predict(self) -> None:
        self.centers = self.centers + self.velocities
        self.gaps = self.gaps + 1

    def correct(self, rows: np.ndarray, boxes: np.ndarray) -> None:
        # Moves tracks to their detections; the second detection of a track gives its velocity.
        centers, sizes = _split(boxes)
        deviations = centers - self.centers[rows]
        gains = np.where(self.ages[rows] == 1, 1.0, VELOCITY_GAIN) / self.gaps[rows]
        self.velocities[rows] += gains[:, None] * deviations
        self.centers[rows] += POSITION_GAIN * deviations
        self.sizes[rows] += POSITION_GAIN * (sizes - self.sizes[rows])
        self.ages[rows] += 1
        self.gaps[rows] = 0

    def take(self, rows: np.ndarray) -> "_Tracks":
        return _Tracks(*(column[rows] for column in vars(self).values()))

    def extend(self, detections: Detections, ids: np.ndarray) -> "_Tracks":
        count, (centers, sizes) = len(ids), _split(detections.boxes)
        ages, gaps, still = np.ones(count, int), np.zeros(count, int), np.zeros((count, 2))
        new = (centers, sizes, still, ages, gaps, detections.classes.astype(int), ids)
        return _Tracks(*(np.concatenate(columns) for columns in zip(vars(self).values(), new, strict=True)))


def _split(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return centers and sizes."""
    boxes = boxes.astype(np.float64)
    return (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]


def _match(
    detections: Detections,
    eligible: np.ndarray,
    tracks: _Tracks,
    open_tracks: np.ndarray,
    iou: float,
    pairs: np.ndarray,
) -> None:
    """Write the track of each eligible detection to `pairs`, those of the largest IoU first."""
    free = open_tracks.copy()
    free[pairs[pairs >= 0]] = False
    rows, columns = np.flatnonzero(eligible & (pairs < 0)), np.flatnonzero(free)
    overlaps = iou_matrix(detections.boxes[rows], tracks.boxes[columns])
    overlaps[detections.classes[rows][:, None] != tracks.classes[columns]] = 0
    is_free = np.ones(len(columns), bool)
    first, second = np.nonzero(overlaps >= iou)
    for pair in np.argsort(-overlaps[first, second], kind="stable"):
        row, column = rows[first[pair]], second[pair]
        if pairs[row] < 0 and is_free[column]:
            pairs[row], is_free[column] = columns[column], False
