"""Matching of detections with annotated boxes, by pycocotools."""

import io
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import InputError
from plexus_vision.detection.image_boxes import Detections, ImageBoxes
from plexus_vision.detection.matches import Matches

if TYPE_CHECKING:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

MAX_DETECTIONS = 100
"""Detections of a class in an image that are evaluated, the most confident first, as in COCO."""


def evaluate_coco(
    detections: Sequence[Detections], truth: Sequence[ImageBoxes], labels: Sequence[str], sizes: bool = True
) -> "COCOeval":
    """Evaluate detections by pycocotools (Lin et al. 2014, arXiv:1405.0312), at the 10 IoU thresholds of COCO.

    Difficult boxes are `iscrowd`: a detection of which half lies in one counts neither as correct nor as wrong.

    Args:
        detections: Detections of each image.
        truth: Annotated boxes of each image.
        labels: Labels in the order of their indices.
        sizes: Whether to evaluate small, medium and large boxes too, which takes four times as long.

    Returns:
        The evaluation, accumulated: `eval["precision"]` has the shape `(IoU thresholds, 101 recalls, classes, sizes,
        1)`, `eval["recall"]` the shape `(IoU thresholds, classes, sizes, 1)`; -1 where there is no annotated box.

    Raises:
        InputError: If an annotated label is not one of the labels.
    """
    from pycocotools.cocoeval import COCOeval

    images = [{"id": image} for image in range(1, len(truth) + 1)]
    categories = [{"id": index, "name": label} for index, label in enumerate(labels, start=1)]
    frame = {"images": images, "categories": categories}
    with redirect_stdout(io.StringIO()):
        annotated = _coco(frame | {"annotations": list(_annotations(truth, labels))})
        evaluation = COCOeval(annotated, _coco(frame | {"annotations": list(_results(detections))}), "bbox")
        evaluation.params.maxDets = [MAX_DETECTIONS]
        if not sizes:
            evaluation.params.areaRng = evaluation.params.areaRng[:1]
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation


def match_detections(
    evaluation: "COCOeval", detections: Sequence[Detections], truth: Sequence[ImageBoxes], labels: Sequence[str]
) -> Matches:
    """Collect which detections are correct at each IoU threshold.

    Args:
        evaluation: Result of `evaluate_coco`.
        detections: The detections that were evaluated.
        truth: The annotated boxes.
        labels: Labels in the order of their indices.

    Returns:
        The matches.
    """
    thresholds, images = len(evaluation.params.iouThrs), len(truth)
    sizes = list(map(len, detections))
    flags = np.zeros((2, thresholds, sum(sizes)), bool)
    rows, partners = [], np.full(sum(sizes), -1)
    starts = np.cumsum([0, *map(len, truth)])
    # Evaluations are ordered by class, size and image; those of all sizes are the first of each class.
    step = images * len(evaluation.params.areaRng)
    for entry in (entry for k in range(len(labels)) for entry in evaluation.evalImgs[k * step : k * step + images]):
        if entry is None:
            continue
        ids = np.array(entry["dtIds"], int) - 1
        rows.append(ids)
        ignored = entry["dtIgnore"].astype(bool)
        flags[0][:, ids], flags[1][:, ids] = (entry["dtMatches"] > 0) & ~ignored, ignored
        matched = entry["dtMatches"][0].astype(int) - 1
        partners[ids] = np.where(matched >= 0, matched - starts[entry["image_id"] - 1], -1)
    order = np.concatenate([np.zeros(0, int), *rows])
    scores = np.concatenate([np.zeros(0), *(results.scores for results in detections)])
    order = order[np.argsort(-scores[order], kind="stable")]
    return Matches(
        detections=tuple(detections),
        truth=tuple(truth),
        labels=tuple(labels),
        images=np.repeat(np.arange(images), sizes)[order],
        rows=np.concatenate([np.zeros(0, int), *map(np.arange, sizes)])[order],
        correct=flags[0][:, order],
        ignored=flags[1][:, order],
        partners=partners[order],
    )


def _coco(content: Any) -> "COCO":
    from pycocotools.coco import COCO

    coco = COCO()
    coco.dataset = content
    coco.createIndex()
    return coco


def _annotations(truth: Sequence[ImageBoxes], labels: Sequence[str]) -> Iterator[dict[str, Any]]:
    categories = {label: index for index, label in enumerate(labels, start=1)}
    number = 0
    for image, objects in enumerate(truth, start=1):
        for box, label, difficult in zip(objects.boxes, objects.labels, objects.difficult, strict=True):
            if label not in categories:
                raise InputError(f"label {label!r}: expected one of the model's labels: {', '.join(labels)}")
            number += 1
            yield _entry(number, image, categories[label], box) | {"iscrowd": int(difficult)}


def _results(detections: Sequence[Detections]) -> Iterator[dict[str, Any]]:
    number = 0
    for image, results in enumerate(detections, start=1):
        for box, score, index in zip(results.boxes, results.scores, results.classes, strict=True):
            number += 1
            yield _entry(number, image, int(index) + 1, box) | {"score": float(score)}


def _entry(number: int, image: int, category: int, box: np.ndarray) -> dict[str, Any]:
    left, top, right, bottom = map(float, box)
    sides = [right - left, bottom - top]
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "bbox": [left, top, *sides],
        "area": sides[0] * sides[1],
    }
