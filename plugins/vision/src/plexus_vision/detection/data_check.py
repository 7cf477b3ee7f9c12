"""Checks of images with boxes that change nothing: `plexus data check`."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from plexus import Examples, Findings, SupervisedDataset
from plexus.codec import Input
from plexus.data.findings import Counted
from plexus_vision.detection.boxes import iou_matrix
from plexus_vision.detection.image_boxes import ImageBoxes
from plexus_vision.detection.near_duplicates import ImageSummary, find_near_duplicates, summarize_images

MIN_BOXES = 20
"""Boxes of a label in the training split, below which it is reported."""
MAX_IOU = 0.9
"""Intersection over union of two boxes of one label, above which one of them is probably a duplicate."""
SPLITS = ("train", "val", "test")
_ROWS = 256
NEAR_DUPLICATES = Counted(
    "pair of near-duplicate images is in two splits", "pairs of near-duplicate images are in two splits"
)
FEW_BOXES = Counted(
    f"label has fewer than {MIN_BOXES} boxes in the training split",
    f"labels have fewer than {MIN_BOXES} boxes in the training split",
)
DUPLICATE_BOXES = Counted(
    f"pair of boxes of one label overlaps with an IoU above {MAX_IOU}: one is probably a duplicate",
    f"pairs of boxes of one label overlap with an IoU above {MAX_IOU}: one of each is probably a duplicate",
)


def check_boxes(dataset: SupervisedDataset[Examples[ImageBoxes]]) -> Findings:
    """Look for near-duplicate images in two splits, labels with few boxes, and boxes that are probably duplicates.

    Args:
        dataset: The dataset.

    Returns:
        The findings, as remarks: nothing is dropped. They name images and boxes.

    Raises:
        InputError: If an image may not be read.
    """
    findings = Findings()
    _check_copies(dataset, findings)
    _check_labels(dataset, findings)
    for split, examples in dataset.splits.items():
        for number, target in enumerate(examples.targets):
            for first, second in duplicate_boxes(target):
                place = f"{image_name(examples.inputs[number], split, number)}: {target.labels[first]}"
                findings.remark(DUPLICATE_BOXES, f"{place} {_sides(target, first)} and {_sides(target, second)}")
    return findings


def duplicate_boxes(target: ImageBoxes) -> Iterator[tuple[int, int]]:
    """Find pairs of boxes of one label that cover nearly the same pixels.

    Args:
        target: The boxes of an image.

    Yields:
        The rows of the two boxes, the lower one first.
    """
    labels = np.unique(np.array(target.labels, str), return_inverse=True)[1]
    order = np.argsort(target.boxes[:, 0], kind="stable")
    lefts, widths = target.boxes[order, 0], target.boxes[:, 2] - target.boxes[:, 0]
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(target), _ROWS):
        rows = order[start : start + _ROWS]
        # The second of two such boxes begins in the first tenth of the other.
        end = np.searchsorted(lefts, lefts[start + len(rows) - 1] + (1 / MAX_IOU - 1) * widths[rows].max(), "right")
        others = order[start:end]
        is_pair = (iou_matrix(target.boxes[rows], target.boxes[others]) > MAX_IOU) & (
            labels[rows, None] == labels[others]
        )
        first, second = np.nonzero(np.triu(is_pair, 1))
        pairs += zip(rows[first].tolist(), others[second].tolist(), strict=True)
    yield from sorted((min(pair), max(pair)) for pair in pairs)


def image_name(image: Input, split: str, number: int) -> str:
    """Return the name of an image for messages.

    Args:
        image: The file, or an array.
        split: Name of its split.
        number: Index of the image in the split.

    Returns:
        The name of the file; of an array, its place in the split.
    """
    return str(getattr(image, "name", f"image {number + 1} of {split}"))


def _check_copies(dataset: SupervisedDataset[Examples[ImageBoxes]], findings: Findings) -> None:
    images = [
        (split, number, image)
        for split in SPLITS
        if split in dataset.splits
        for number, image in enumerate(dataset[split].inputs)
    ]
    summaries = summarize_images([image for _, _, image in images])
    blank = np.zeros((32, 34), np.uint8)
    thumbnails = [summary.thumbnail if isinstance(summary, ImageSummary) else blank for summary in summaries]
    for first, second in find_near_duplicates(np.array(thumbnails)):
        (split, number, image), (other_split, other_number, other) = images[first], images[second]
        if split != other_split:
            names = image_name(image, split, number), image_name(other, other_split, other_number)
            findings.remark(NEAR_DUPLICATES, f"{names[0]} ({split}) and {names[1]} ({other_split})")


def _check_labels(dataset: SupervisedDataset[Examples[ImageBoxes]], findings: Findings) -> None:
    counts = {
        split: Counter(label for target in examples.targets for label in target.labels)
        for split, examples in dataset.splits.items()
    }
    if "train" not in counts:
        return
    for label in sorted(set().union(*counts.values())):
        if counts["train"][label] < MIN_BOXES:
            findings.remark(FEW_BOXES, f"{label} {counts['train'][label]}")


def _sides(target: ImageBoxes, row: int) -> str:
    return "[" + ", ".join(f"{side:g}" for side in target.boxes[row]) + "]"
