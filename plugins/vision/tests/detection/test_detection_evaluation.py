"""Average precision, thresholds, calibration, error types and counts of detections."""

import json

import numpy as np
import pytest

from plexus import InputError
from plexus_vision.detection.average_precision import average_precision_intervals, average_precisions
from plexus_vision.detection.calibration import ScoreCalibration, calibration_error
from plexus_vision.detection.counting import count_detections, count_errors
from plexus_vision.detection.error_types import confusion_matrix, count_error_types, map50_without
from plexus_vision.detection.evaluation import evaluate_coco, match_detections
from plexus_vision.detection.image_boxes import Detections, ImageBoxes
from plexus_vision.detection.metrics import average_precision_metrics, baseline_metrics, detection_metrics
from plexus_vision.detection.operating_points import ThresholdCurve, choose_thresholds, precision_recall

LABELS = ["cell", "dot"]


def boxes_of(*objects):
    """Return annotated boxes from (label, box) or (label, box, difficult)."""
    return ImageBoxes(
        np.array([item[1] for item in objects], np.float32).reshape(-1, 4),
        tuple(item[0] for item in objects),
        np.array([len(item) > 2 for item in objects], bool),
    )


def detections_of(*results):
    """Return detections from (label, score, box)."""
    results = sorted(results, key=lambda result: -result[1])
    return Detections(
        np.array([box for _, _, box in results], np.float32).reshape(-1, 4),
        np.array([score for _, score, _ in results], float),
        np.array([LABELS.index(label) for label, _, _ in results], int),
    )


def match(detections, truth):
    return match_detections(evaluate_coco(detections, truth, LABELS, sizes=False), detections, truth, LABELS)


def synthetic(seed, images=40, difficult=0.0):
    """Return annotated boxes, and detections that are the better the higher their score is."""
    generator = np.random.default_rng(seed)
    truth, detections = [], []
    for _ in range(images):
        corners = generator.uniform(0, 400, (8, 2))
        boxes = np.concatenate([corners, corners + generator.uniform(10, 120, (8, 2))], axis=1)
        classes = (generator.random(8) < 0.3).astype(int)
        is_difficult = generator.random(8) < difficult
        truth.append(ImageBoxes(boxes.astype(np.float32), tuple(LABELS[k] for k in classes), is_difficult))
        quality = generator.random(8)
        shifts = generator.normal(0, 0.12, (8, 4)) * np.tile(boxes[:, 2:] - boxes[:, :2], 2) * (1.3 - quality[:, None])
        extra = generator.uniform(0, 400, (12, 2))
        extra = np.concatenate([extra, extra + 40], axis=1)
        scores = np.concatenate([0.3 + 0.6 * quality, 0.5 * generator.random(12)])
        order = np.argsort(-scores)
        places = np.concatenate([boxes + shifts, extra])[order].astype(np.float32)
        labels = np.concatenate([classes, generator.integers(2, size=12)])[order]
        detections.append(Detections(places, scores[order], labels))
    return detections, truth


def test_average_precision_computed_by_hand():
    truth = [boxes_of(("cell", [0, 0, 10, 10]), ("cell", [20, 0, 30, 10])), boxes_of(("cell", [0, 0, 10, 10]))]
    # In the order of the scores: correct, wrong, correct (IoU 0.8), and one box is never detected.
    detections = [
        detections_of(("cell", 0.9, [0, 0, 10, 10]), ("cell", 0.7, [20, 0, 30, 8])),
        detections_of(("cell", 0.8, [50, 50, 60, 60])),
    ]
    metrics = average_precision_metrics(detections, truth, LABELS)
    # Precision 1 up to recall 1/3 (34 of 101 recalls), 2/3 up to 2/3 (33 of them), then 0.
    assert metrics["ap50_cell"] == pytest.approx((34 + 33 * 2 / 3) / 101)
    assert metrics["map75"] == metrics["map50"] == metrics["ap50_cell"]
    # At IoU 0.85 to 0.95, 3 of the 10 thresholds, only the first detection is correct.
    assert metrics["map"] == pytest.approx((7 * (34 + 33 * 2 / 3) + 3 * 34) / 10 / 101)
    assert metrics["ar100"] == pytest.approx((7 * 2 / 3 + 3 / 3) / 10)
    assert np.isnan(metrics["ap50_dot"])


@pytest.mark.parametrize("difficult", [0.0, 0.2])
def test_average_precision_equals_that_of_pycocotools(difficult):
    detections, truth = synthetic(0, difficult=difficult)
    evaluation = evaluate_coco(detections, truth, LABELS)
    matches = match_detections(evaluation, detections, truth, LABELS)
    expected = evaluation.eval["precision"][..., 0, 0].mean(axis=1)
    assert average_precisions(matches) == pytest.approx(expected, abs=1e-12)
    assert 0.2 < expected.mean() < 0.9


def test_a_resample_equals_the_evaluation_of_copies_of_the_images():
    detections, truth = synthetic(1, images=6)
    rows = [0, 0, 2, 3, 3, 3]
    expected = evaluate_coco([detections[i] for i in rows], [truth[i] for i in rows], LABELS).eval["precision"]
    draws = np.bincount(rows, minlength=6).astype(float)
    assert average_precisions(match(detections, truth), draws) == pytest.approx(expected[..., 0, 0].mean(axis=1))


@pytest.mark.slow
def test_intervals_contain_the_metric_and_narrow_with_more_images():
    widths = []
    for images in (20, 80):
        detections, truth = synthetic(2, images)
        bounds = average_precision_intervals(match(detections, truth))
        assert (
            bounds["map50_low"] < average_precision_metrics(detections, truth, LABELS)["map50"] < bounds["map50_high"]
        )
        assert {"map_low", "ap50_cell_high", "ap50_dot_low"} <= bounds.keys()
        widths.append(bounds["map50_high"] - bounds["map50_low"])
    assert widths[1] < 0.75 * widths[0]


def test_difficult_boxes_count_neither_as_missed_nor_as_wrong():
    truth = [boxes_of(("cell", [0, 0, 10, 10]), ("cell", [20, 0, 30, 10], True))]
    detections = [detections_of(("cell", 0.9, [20, 0, 30, 10]), ("cell", 0.8, [0, 0, 10, 10]))]
    assert average_precision_metrics(detections, truth, LABELS)["map50"] == pytest.approx(1)
    matches, thresholds = match(detections, truth), np.array([0.5, 0.5])
    assert precision_recall(matches, thresholds)[0][0] == 1
    assert count_detections(matches, thresholds).tolist() == [[1, 0]]
    assert confusion_matrix(matches, thresholds).sum() == 1
    assert sum(count_error_types(matches, thresholds).values()) == 0


def test_images_without_boxes_and_without_detections():
    truth = [boxes_of(), boxes_of(("dot", [0, 0, 10, 10])), boxes_of()]
    detections = [detections_of(), detections_of(), detections_of(("cell", 0.9, [0, 0, 5, 5]))]
    metrics = detection_metrics(detections, truth, LABELS, [0.5, 0.5], ScoreCalibration([1.0, 1.0], [0.0, 0.0]))
    assert (metrics["map50"], metrics["recall"], metrics["precision"]) == (0, 0, 0)
    assert metrics["count_error"] == pytest.approx(2 / 6)
    empty = detection_metrics([detections_of()], truth[1:2], LABELS, [0.5, 0.5], ScoreCalibration([1, 1], [0, 0]))
    assert empty["map50"] == 0
    assert "calibration_error" not in empty
    with pytest.raises(InputError, match="label 'rod': expected one of the model's labels: cell, dot"):
        evaluate_coco([detections_of()], [boxes_of(("rod", [0, 0, 1, 1]))], LABELS)


def test_the_metrics_of_sizes():
    truth = [boxes_of(("cell", [0, 0, 10, 10]), ("cell", [100, 100, 150, 150]))]
    detections = [detections_of(("cell", 0.9, [100, 100, 150, 150]))]
    metrics = detection_metrics(detections, truth, LABELS, [0.5, 0.5], ScoreCalibration([1.0, 1.0], [0.0, 0.0]))
    assert (metrics["map_small"], metrics["map_medium"]) == (0, pytest.approx(1))
    assert "map_large" not in metrics


def test_the_threshold_has_the_largest_f1():
    truth = [boxes_of(*[("cell", [30 * i, 0, 30 * i + 10, 10]) for i in range(25)])]
    right = [("cell", 0.9 - 0.01 * i, [30 * i, 0, 30 * i + 10, 10]) for i in range(20)]
    wrong = [("cell", 0.6 - 0.01 * i, [30 * i, 90, 30 * i + 10, 100]) for i in range(20)]
    matches = match([detections_of(*right, *wrong)], truth)
    curve = ThresholdCurve.compute(matches, [0])
    assert curve.f1.max() == pytest.approx(2 * 20 / (20 + 25))
    # Between the last correct detection, 0.71, and the first wrong one; the rare label gets the shared threshold.
    assert choose_thresholds(matches) == pytest.approx([0.655, 0.655])
    precision, recall = precision_recall(matches, np.array([0.655, 0.655]))
    assert (precision[0], recall[0]) == (1, 0.8)
    assert choose_thresholds(match([detections_of()], truth)) == [0.5, 0.5]


def test_calibration_lowers_the_calibration_error():
    calibration = ScoreCalibration.fit(match(*synthetic(3)))
    matches = match(*synthetic(4))
    probabilities = calibration.probability(matches.scores, matches.classes)
    before, after = (calibration_error(values, matches.correct[0]) for values in (matches.scores, probabilities))
    assert after < 0.6 * before
    state = json.loads(json.dumps(calibration._asdict()))
    assert ScoreCalibration(**state) == calibration
    for k in range(2):
        own = calibration.probability(np.linspace(0, 1, 50), np.full(50, k))
        assert (np.diff(own) > 0).all()
        assert own.min() >= 0
        assert own.max() <= 1


def test_few_detections_are_not_calibrated():
    truth = [boxes_of(("cell", [0, 0, 10, 10]))]
    matches = match([detections_of(("cell", 0.9, [0, 0, 10, 10]))], truth)
    calibration = ScoreCalibration.fit(matches)
    assert calibration.probability(np.array([0.3, 0.9]), np.array([0, 1])) == pytest.approx([0.3, 0.9])


def test_confusion_and_error_types_computed_by_hand():
    truth = [
        boxes_of(
            ("cell", [0, 0, 10, 10]),
            ("cell", [20, 0, 30, 10]),
            ("dot", [40, 0, 50, 10]),
            ("dot", [60, 0, 70, 10]),
            ("cell", [80, 0, 90, 10]),
            ("dot", [0, 80, 10, 90]),
        )
    ]
    detections = [
        detections_of(
            ("cell", 0.9, [0, 0, 10, 10]),
            ("cell", 0.8, [0, 0, 10, 9]),  # duplicate
            ("dot", 0.85, [20, 0, 30, 10]),  # classification
            ("dot", 0.7, [40, 0, 50, 4]),  # location
            ("cell", 0.7, [60, 0, 70, 3]),  # both
            ("cell", 0.6, [0, 50, 10, 60]),  # background
            ("cell", 0.1, [80, 0, 90, 10]),  # below the threshold
        )
    ]
    matches, thresholds = match(detections, truth), np.array([0.5, 0.5])
    assert count_error_types(matches, thresholds) == {
        "classification": 1,
        "localization": 1,
        "both": 1,
        "duplicate": 1,
        "background": 1,
        "missed": 3,  # the dots at 60, 0 and 0, 80, and the cell at 80, 0
    }
    assert confusion_matrix(matches, thresholds).tolist() == [[1, 1, 1], [0, 0, 3], [3, 1, 0]]
    improved = map50_without(matches)
    assert improved["duplicate"] > average_precisions(matches)[0].mean()
    # Recall 1/3 at precision 1, and 2/3 at 2/4 instead of 2/5.
    assert improved["background"] == pytest.approx((34 + 33 * 2 / 4) / 101 / 2)


def test_counting_errors_computed_by_hand():
    truth = [boxes_of(*[("cell", [30 * i, 0, 30 * i + 10, 10]) for i in range(count)]) for count in (2, 4, 0)]
    detections = [
        detections_of(*[("cell", 0.9, [30 * i, 0, 30 * i + 10, 10]) for i in range(count)]) for count in (1, 6, 1)
    ]
    table = count_errors(match(detections, truth), np.array([0.5, 0.5]))
    cell, dot = table.to_dicts()
    assert (cell["label"], cell["mean_count"]) == ("cell", 2)
    assert cell["error"] == pytest.approx(4 / 3)
    assert cell["bias"] == pytest.approx(2 / 3)
    assert cell["relative_error"] == pytest.approx(0.5)
    assert cell["error_low"] <= cell["error"] <= cell["error_high"]
    assert dot["error"] == 0
    assert np.isnan(dot["relative_error"])


def test_the_baseline_is_much_worse_than_detections():
    detections, truth = synthetic(5)
    metrics = baseline_metrics(synthetic(6)[1], truth, LABELS)
    assert metrics["baseline_map50"] < 0.1 < average_precision_metrics(detections, truth, LABELS)["map50"]
    assert 0.5 < metrics["baseline_count_error"] < 3
