"""Tracking across frames."""

import numpy as np

from plexus_vision.detection.image_boxes import Detections
from plexus_vision.detection.tracking import Tracker


def frame(centers, side=40.0, scores=0.9, classes=0, noise=None):
    centers = np.array(centers, float).reshape(-1, 2)
    boxes = np.concatenate([centers - side / 2, centers + side / 2], axis=1)
    if noise is not None:
        boxes = boxes + noise.normal(0, 1, boxes.shape)
    count = len(centers)
    return Detections(boxes.astype(np.float32), np.full(count, scores), np.full(count, classes))


def test_objects_that_cross_keep_their_identifiers():
    tracker, noise = Tracker([0.5]), np.random.default_rng(0)
    for step in range(40):
        ids = tracker.update(frame([(20 + 5 * step, 100), (215 - 5 * step, 104)], noise=noise))
        assert ids.tolist() == [1, 2]
    assert tracker.counts.tolist() == [2]


def test_an_object_keeps_its_identifier_over_a_gap():
    tracker, noise = Tracker([0.5], max_gap=10), np.random.default_rng(0)
    ids = []
    for step in range(40):
        hidden = 15 <= step < 22
        ids.extend(tracker.update(frame([] if hidden else [(20 + 5 * step, 100)], noise=noise)))
    assert ids == [1] * 33
    assert tracker.counts.tolist() == [1]


def test_after_a_long_gap_an_object_is_a_new_one():
    tracker = Tracker([0.5], max_gap=3)
    for step in range(20):
        tracker.update(frame([] if 5 <= step < 10 else [(50, 50)]))
    assert tracker.counts.tolist() == [2]


def test_a_weak_detection_continues_a_track_but_begins_none():
    tracker = Tracker([0.5])
    assert tracker.update(frame([(50, 50)])).tolist() == [1]
    assert tracker.update(frame([(52, 50), (300, 50)], scores=0.2)).tolist() == [1, 0]
    assert tracker.update(frame([(54, 50), (300, 50)], scores=0.2)).tolist() == [1, 0]
    assert tracker.update(frame([(56, 50)], scores=0.05)).tolist() == [0]
    assert tracker.counts.tolist() == [1]


def test_a_detection_of_one_frame_is_not_counted():
    tracker = Tracker([0.5])
    tracker.update(frame([(50, 50)]))
    assert tracker.update(frame([(50, 50), (300, 300)])).tolist() == [1, 0]
    assert tracker.update(frame([(50, 50)])).tolist() == [1]
    assert tracker.update(frame([(50, 50), (300, 300)])).tolist() == [1, 0]
    assert tracker.update(frame([(50, 50), (300, 300)])).tolist() == [1, 2]
    assert tracker.counts.tolist() == [2]


def test_labels_are_tracked_and_counted_apart():
    tracker = Tracker([0.5, 0.8])
    assert tracker.update(frame([(50, 50)], classes=1, scores=0.7)).tolist() == [0]
    for _ in range(3):
        first, second = frame([(50, 50)]), frame([(50, 50), (200, 50)], classes=1)
        columns = [
            np.concatenate([getattr(first, name), getattr(second, name)]) for name in ("boxes", "scores", "classes")
        ]
        ids = tracker.update(Detections(*columns))
    assert ids.tolist() == [1, 2, 3]
    assert tracker.counts.tolist() == [1, 2]


def test_many_moving_objects_are_counted():
    noise = np.random.default_rng(0)
    places, speeds = noise.uniform(0, 2000, (60, 2)), noise.normal(0, 3, (60, 2))
    tracker = Tracker([0.5])
    for _ in range(100):
        places = places + speeds
        tracker.update(frame(places, noise=noise))
    assert tracker.counts.tolist() == [60]


def test_no_detections_at_all():
    tracker = Tracker([0.5])
    assert tracker.update(frame([])).tolist() == []
    assert tracker.update(frame([])).tolist() == []
    assert tracker.counts.tolist() == [0]
