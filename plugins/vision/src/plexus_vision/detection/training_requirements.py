"""Requirements of a training of object detection on its data."""

from collections.abc import Sequence

import numpy as np

from plexus import Examples, InputError, SupervisedDataset
from plexus_vision.detection.image_boxes import ImageBoxes

MIN_IMAGES = 3
"""Images of a label that are enough for one in each split."""
MAX_LABEL = 10_000
"""Characters of a label, as bundles have it."""
BOUNDS = ("_low", "_high")
"""Ends of the names of metrics that are bounds of the metric without them."""
SPLITS = ("train", "val", "test")


def require_trainable(dataset: SupervisedDataset[Examples[ImageBoxes]], data: str) -> None:
    """Check before a training what would be an error after it.

    Args:
        dataset: The dataset.
        data: Its name in messages.

    Raises:
        InputError: If a split has no box that is evaluated, or an annotated label is too long, or one that no training
            image has.
    """
    labels = {label for target in dataset["train"].targets for label in target.labels}
    for label in labels:
        if len(label) > MAX_LABEL:
            line = (
                f"--data {data}: label {label[:20]!r}… has {len(label):,} characters; expected {MAX_LABEL:,} or fewer"
            )
            raise InputError(line)
        for bound in BOUNDS:
            if label + bound in labels:
                raise InputError(
                    f"--data {data}: label {label + bound!r} names a bound of the metrics of {label!r}: rename it"
                )
    for split in SPLITS:
        targets = dataset[split].targets
        if not any((~target.difficult).any() for target in targets):
            raise InputError(dataset.findings.describe_in(f"--data {data}: {_without_boxes(split, targets)}"))
        if split != "train":
            remedy = "rename it, remove its boxes, or add training images with it"
            require_labels(dataset[split], sorted(labels), f" of the {split} split", f"training images: {remedy}")


def require_labels(examples: Examples[ImageBoxes], labels: Sequence[str], split: str, origin: str) -> None:
    """Check that annotated labels are known.

    Args:
        examples: The examples of a split.
        labels: The labels that are known.
        split: Which split it is, for the message; may be empty.
        origin: What has these labels, and what to do, for the message.

    Raises:
        InputError: If an image has another label; the line names the image and the label.
    """
    for number, target in enumerate(examples.targets):
        for label in target.labels:
            if label not in labels:
                image = examples.inputs[number]
                name = f"image {number + 1}" if isinstance(image, np.ndarray) else str(image)
                raise InputError(f"{name}{split} has the label {label!r}, expected {_listed(labels)}, as the {origin}")


def labelled_boxes(targets: Sequence[ImageBoxes], labels: Sequence[str]) -> list[ImageBoxes]:
    """Leave out boxes of labels that a model does not have.

    Args:
        targets: Boxes of each image.
        labels: The labels of the model.

    Returns:
        The boxes of each image that have such a label.
    """
    remaining = []
    for target in targets:
        rows = np.array([row for row, label in enumerate(target.labels) if label in labels], int)
        names = tuple(target.labels[row] for row in rows)
        remaining.append(ImageBoxes(target.boxes[rows], names, target.difficult[rows]))
    return remaining


def _without_boxes(split: str, targets: Sequence[ImageBoxes]) -> str:
    if not targets:
        return (
            f"there are too few images for a {split} split: expected {MIN_IMAGES} or more with boxes of each label, or "
            "splits in the data"
        )
    return (
        f"no image of the {split} split has boxes, apart from difficult ones, which are not evaluated: expected one or "
        "more"
    )


def _listed(labels: Sequence[str], most: int = 20) -> str:
    more = f" and {len(labels) - most:,} more" if len(labels) > most else ""
    return ", ".join(labels[:most]) + more
