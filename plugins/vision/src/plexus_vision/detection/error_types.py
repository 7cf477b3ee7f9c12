"""Confusion matrix of detections, and the types of their errors."""

import numpy as np

from plexus_vision.detection.average_precision import average_precisions
from plexus_vision.detection.boxes import iou_matrix
from plexus_vision.detection.image_boxes import ImageBoxes
from plexus_vision.detection.matches import Matches

ERROR_TYPES = ("classification", "localization", "both", "duplicate", "background", "missed")
MATCH_IOU, BACKGROUND_IOU = 0.5, 0.1
CLASSIFICATION, LOCALIZATION, BOTH, DUPLICATE, BACKGROUND, MISSED = range(6)
NO_ERROR = -1


def confusion_matrix(matches: Matches, thresholds: np.ndarray) -> np.ndarray:
    """Count annotated boxes by their label and by that of the detection at their place.

    A detection and a box form a pair if their IoU is 0.5 or more, whatever their labels; pairs are formed greedily,
    those of the largest IoU first. Difficult boxes and their detections are left out.

    Args:
        matches: The matches.
        thresholds: Scores from which detections count, shape `(classes,)`.

    Returns:
        Counts of shape `(classes + 1, classes + 1)`: a row per true label, a column per predicted one; the last row is
        that of detections without a box, the last column that of boxes without a detection.
    """
    background = len(matches.labels)
    matrix = np.zeros((background + 1, background + 1), int)
    rows = matches.confident(thresholds) & ~matches.ignored[0]
    for image, truth in enumerate(matches.truth):
        detected = matches.rows[rows & (matches.images == image)]
        results, (objects, targets) = matches.detections[image].take(detected), _evaluated(matches, truth)
        pairs = _pairs(iou_matrix(results.boxes, objects))
        predicted = results.classes.astype(int)
        np.add.at(matrix, (targets[pairs[:, 1]], predicted[pairs[:, 0]]), 1)
        np.add.at(matrix[background], np.delete(predicted, pairs[:, 0]), 1)
        np.add.at(matrix[:, background], np.delete(targets, pairs[:, 1]), 1)
    return matrix


def error_types(matches: Matches) -> tuple[np.ndarray, np.ndarray]:
    """Find the type of the error of each detection (Bolya et al. 2020, arXiv:2008.08115, section 2.2).

    Args:
        matches: The matches.

    Returns:
        Indices of `ERROR_TYPES`, from `classification` to `background`, shape `(n,)`; -1 for detections that are
        correct or match a difficult box. And the index of the box in its image whose label or location the detection
        has wrong, of the same shape; -1 for the other types.
    """
    types, boxes = np.full((2, len(matches.images)), NO_ERROR)
    wrong = ~(matches.correct[0] | matches.ignored[0])
    for image, truth in enumerate(matches.truth):
        rows = np.flatnonzero(wrong & (matches.images == image))
        results, (objects, targets) = matches.detections[image].take(matches.rows[rows]), _evaluated(matches, truth)
        if len(objects):
            types[rows], nearest = _classify(iou_matrix(results.boxes, objects), results.classes[:, None] == targets)
            boxes[rows] = np.where(nearest < 0, NO_ERROR, np.flatnonzero(~truth.difficult)[nearest])
        else:
            types[rows] = BACKGROUND
    return types, boxes


def count_error_types(matches: Matches, thresholds: np.ndarray) -> dict[str, int]:
    """Count the errors of each type.

    A box without a correct detection is missed unless it is the box whose label or location a detection has wrong.

    Args:
        matches: The matches.
        thresholds: Scores from which detections count, shape `(classes,)`.

    Returns:
        Counts by type, in the order of `ERROR_TYPES`.
    """
    types, boxes = error_types(matches)
    confident = matches.confident(thresholds)
    counts = np.bincount(types[confident & (types >= 0)], minlength=len(ERROR_TYPES))
    explained = np.where(matches.correct[0], matches.partners, boxes)
    for image, truth in enumerate(matches.truth):
        own = explained[confident & (matches.images == image)]
        counts[MISSED] += np.sum(~np.isin(np.flatnonzero(~truth.difficult), own))
    return dict(zip(ERROR_TYPES, counts.tolist(), strict=True))


def map50_without(matches: Matches) -> dict[str, float]:
    """Compute the mAP50 after the removal of all detections with errors of one type, whatever their score.

    Args:
        matches: The matches.

    Returns:
        The mAP50 by type, without `missed`; NaN without annotated boxes.
    """
    types, _ = error_types(matches)
    return {
        name: float(np.nanmean(average_precisions(matches, without=types == number)[0]))
        for number, name in enumerate(ERROR_TYPES[:MISSED])
    }


def _evaluated(matches: Matches, truth: ImageBoxes) -> tuple[np.ndarray, np.ndarray]:
    """Return the boxes of an image that are not difficult, and the indices of their labels."""
    targets = np.array([matches.labels.index(label) for label in truth.labels], int)
    return truth.boxes[~truth.difficult], targets[~truth.difficult]


def _pairs(ious: np.ndarray) -> np.ndarray:
    """Return pairs of rows and columns, shape `(pairs, 2)`, in which each occurs once at most."""
    pairs = []
    ious = ious.copy()
    while ious.size and ious.max() >= MATCH_IOU:
        row, column = np.unravel_index(ious.argmax(), ious.shape)
        pairs.append((row, column))
        ious[row], ious[:, column] = 0, 0
    return np.array(pairs, int).reshape(-1, 2)


def _classify(ious: np.ndarray, same_label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return types and boxes of wrong detections, of which a row is the IoU with each box, as TIDE's own code does."""
    own, other = np.where(same_label, ious, 0), np.where(same_label, 0, ious)
    best, best_other = own.max(axis=1), other.max(axis=1)
    misplaced = (best >= BACKGROUND_IOU) & (best < MATCH_IOU)
    mislabelled = ~misplaced & (best_other >= MATCH_IOU)
    types = np.select(
        [misplaced, mislabelled, best >= MATCH_IOU, best_other >= BACKGROUND_IOU],
        [LOCALIZATION, CLASSIFICATION, DUPLICATE, BOTH],
        BACKGROUND,
    )
    return types, np.select([misplaced, mislabelled], [own.argmax(axis=1), other.argmax(axis=1)], NO_ERROR)
