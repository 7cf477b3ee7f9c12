"""Splits of images with boxes: stratified by label, copies of an image in one split."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from plexus import Examples
from plexus.data.splits import MAX_HELD_OUT, TEST_SHARE, split_rows
from plexus_vision.detection.image_boxes import ImageBoxes
from plexus_vision.detection.near_duplicates import find_near_duplicates

VAL_SHARE = 0.1
MAX_GROUP = 0.25
"""Share of the images above which a group of copies is no group: the frames of one video would all be in one split."""


def complete_splits(
    parts: dict[str, Examples[ImageBoxes]], thumbnails: np.ndarray, seed: int
) -> dict[str, Examples[ImageBoxes]]:
    """Take the splits that the data lack from the training images.

    Images are stratified by their rarest label. Copies of an image (`find_near_duplicates`) are in one split. The last
    image of a label remains in the training split.

    Args:
        parts: The splits that the data came with.
        thumbnails: Thumbnails of the training images, shape `(images, height, width)`.
        seed: Random seed.

    Returns:
        The splits `train`, `val` and `test`, of which the last two may be empty; those that the data came with, if
        `train` is not among them.
    """
    splits = dict(parts)
    if "train" not in splits or {"val", "test"} <= splits.keys():
        return splits
    groups = _groups(thumbnails)
    for name, share in (("test", TEST_SHARE), ("val", VAL_SHARE)):
        if name not in splits:
            train = splits["train"]
            held_out = _draw_groups(groups, train.targets, min(share, MAX_HELD_OUT / max(len(train), 1)), seed)
            splits["train"], splits[name] = train.take(np.flatnonzero(~held_out)), train.take(np.flatnonzero(held_out))
            groups = groups[~held_out]
    return splits


def _groups(thumbnails: np.ndarray) -> np.ndarray:
    """Return the number of each image's group of copies."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs, count = find_near_duplicates(thumbnails), len(thumbnails)
    edges = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    groups = connected_components(edges, directed=False)[1]
    is_divided = np.bincount(groups)[groups] > max(MAX_GROUP * count, 2)
    return np.where(is_divided, len(groups) + np.arange(count), groups)


def _draw_groups(groups: np.ndarray, targets: Sequence[ImageBoxes], share: float, seed: int) -> np.ndarray:
    """Return which images are drawn, whole groups of them."""
    numbers, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    counts = Counter(label for target in targets for label in set(target.labels))
    strata = [min(set(targets[row].labels), key=lambda label: (counts[label], label), default="") for row in first]
    labels = [Counter[str]() for _ in numbers]
    for group, target in zip(inverse, targets, strict=True):
        labels[group].update(set(target.labels))
    _, rows = split_rows(strata, share, seed)
    rows = _without_last(rows, labels, counts)
    if not any(labels[row] for row in rows):  # no label is the rarest one of two images
        others = np.setdiff1d([row for row, each in enumerate(labels) if each], rows)
        others = np.random.default_rng(seed).permutation(others)
        rows = np.append(rows, _without_last(others, labels, counts)[:1])
    return np.isin(groups, numbers[rows])


def _without_last(rows: np.ndarray, labels: Sequence[Counter[str]], counts: Counter[str]) -> np.ndarray:
    """Return groups without those that have the last images of a label, which remain in the training split."""
    remaining, drawn = Counter(counts), []
    for row in rows:
        if all(remaining[label] > count for label, count in labels[row].items()):
            remaining -= labels[row]
            drawn.append(row)
    return np.array(drawn, int)
