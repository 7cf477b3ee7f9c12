"""Metrics of detections on a split."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from plexus_vision.detection.average_precision import average_precision_intervals
from plexus_vision.detection.calibration import ScoreCalibration, calibration_error
from plexus_vision.detection.counting import count_detections, mean_count_error
from plexus_vision.detection.evaluation import evaluate_coco, match_detections
from plexus_vision.detection.image_boxes import Detections, ImageBoxes
from plexus_vision.detection.matches import Matches
from plexus_vision.detection.operating_points import precision_recall

if TYPE_CHECKING:
    from pycocotools.cocoeval import COCOeval

SIZES = ("small", "medium", "large")
"""Sizes of boxes in COCO: areas below 32^2 pixels, below 96^2 pixels, and above."""


def average_precision_metrics(
    detections: Sequence[Detections], truth: Sequence[ImageBoxes], labels: Sequence[str]
) -> dict[str, float]:
    """Compute the average precision, fast enough for each epoch of a training.

    Args:
        detections: Detections of each image.
        truth: Annotated boxes of each image.
        labels: Labels in the order of their indices.

    Returns:
        `map50`, `map` (mean over IoU 0.5 to 0.95), `map75`, `ar100`, and `ap50_<label>` and `ap_<label>` of each label;
        NaN where no box is annotated.
    """
    return _coco_metrics(evaluate_coco(detections, truth, labels, sizes=False), labels)


def detection_metrics(
    detections: Sequence[Detections],
    truth: Sequence[ImageBoxes],
    labels: Sequence[str],
    thresholds: Sequence[float],
    calibration: ScoreCalibration,
) -> dict[str, float]:
    """Compute all metrics of detections.

    Args:
        detections: Detections of each image, those of low scores too.
        truth: Annotated boxes of each image.
        labels: Labels in the order of their indices.
        thresholds: Score of each label from which detections are counted.
        calibration: Calibration of the scores.

    Returns:
        Those of `average_precision_metrics`; `map_small`, `map_medium` and `map_large` for the sizes that occur; 95 %
        bootstrap intervals of `map50`, `map` and each `ap50_<label>` as `…_low` and `…_high`; and at the thresholds:
        `precision` and `recall` (means over the labels), `count_error` (mean absolute error of the count of a label in
        an image), `count_error_<label>`, and the expected calibration error of the probabilities,
        `calibration_error`, and of the scores, `uncalibrated_error`.
    """
    evaluation = evaluate_coco(detections, truth, labels)
    matches = match_detections(evaluation, detections, truth, labels)
    return {
        **_coco_metrics(evaluation, labels),
        **_size_metrics(evaluation),
        **average_precision_intervals(matches),
        **_threshold_metrics(matches, np.array(thresholds), calibration),
    }


def baseline_metrics(
    train: Sequence[ImageBoxes], truth: Sequence[ImageBoxes], labels: Sequence[str]
) -> dict[str, float]:
    """Compute the metrics of predictions that do not look at the image.

    Args:
        train: Annotated boxes of the training images, at least one.
        truth: Annotated boxes of each image of the split.
        labels: Labels in the order of their indices.

    Returns:
        `baseline_map50`: the boxes of the training images, one after the other, as detections; and
        `baseline_count_error`: the median count of each label in the training images.
    """
    others = [train[number % len(train)] for number in range(len(truth))]
    detections = [
        Detections(other.boxes, np.ones(len(other)), np.array([labels.index(label) for label in other.labels], int))
        for other in others
    ]
    medians = np.median([_counts(objects, labels) for objects in train], axis=0)
    return {
        "baseline_map50": average_precision_metrics(detections, truth, labels)["map50"],
        "baseline_count_error": mean_count_error(medians, np.array([_counts(objects, labels) for objects in truth])),
    }


def _counts(objects: ImageBoxes, labels: Sequence[str]) -> list[int]:
    names = [label for label, difficult in zip(objects.labels, objects.difficult, strict=True) if not difficult]
    return [names.count(label) for label in labels]


def _coco_metrics(evaluation: "COCOeval", labels: Sequence[str]) -> dict[str, float]:
    # Average precision by IoU threshold and class, of boxes of all sizes; pycocotools sets what is not defined to -1.
    precision = _defined(evaluation.eval["precision"][..., 0, 0].mean(axis=1))
    recall = _defined(evaluation.eval["recall"][..., 0, 0])
    metrics = {
        "map50": _mean(precision[0]),
        "map": _mean(precision),
        "map75": _mean(precision[5]),
        "ar100": _mean(recall),
    }
    for k, label in enumerate(labels):
        metrics |= {f"ap50_{label}": float(precision[0, k]), f"ap_{label}": float(precision[:, k].mean())}
    return metrics


def _size_metrics(evaluation: "COCOeval") -> dict[str, float]:
    precision = _defined(evaluation.eval["precision"][..., 1:, 0].mean(axis=1))
    values = {f"map_{size}": _mean(precision[..., number]) for number, size in enumerate(SIZES)}
    return {name: value for name, value in values.items() if np.isfinite(value)}


def _threshold_metrics(matches: Matches, thresholds: np.ndarray, calibration: ScoreCalibration) -> dict[str, float]:
    precision, recall = precision_recall(matches, thresholds)
    counts = count_detections(matches, thresholds)
    metrics = {
        "precision": _mean(precision),
        "recall": _mean(recall),
        "count_error": mean_count_error(counts, matches.objects),
    }
    for k, label in enumerate(matches.labels):
        metrics[f"count_error_{label}"] = mean_count_error(counts[:, k], matches.objects[:, k])
    rows = matches.confident(thresholds) & ~matches.ignored[0]
    if not rows.any():
        return metrics
    scores, correct = matches.scores[rows], matches.correct[0, rows]
    probabilities = calibration.probability(scores, matches.classes[rows])
    return metrics | {
        "calibration_error": calibration_error(probabilities, correct),
        "uncalibrated_error": calibration_error(scores, correct),
    }


def _defined(values: np.ndarray) -> np.ndarray:
    return np.where(values < 0, np.nan, values)


def _mean(values: np.ndarray) -> float:
    """Return the mean of the values that are defined, NaN if none is."""
    return float(np.mean(values[~np.isnan(values)])) if not np.isnan(values).all() else float("nan")
