"""Names of splits, and stratified splits."""

import re
from collections.abc import Sequence

import numpy as np

from plexus.errors import InputError

SPLIT_NAMES = {
    "train": "train", "training": "train", "trn": "train",
    "val": "val", "valid": "val", "validation": "val", "validate": "val", "dev": "val", "devel": "val",
    "development": "val",
    "test": "test", "testing": "test", "tst": "test", "eval": "test", "evaluation": "test", "holdout": "test",
}  # fmt: skip
"""The split that a name in lower case stands for. Of `eval`, Hugging Face's `datasets` makes a test split, too."""

TEST_SHARE = 0.15
"""Share of the test split, where the data has none."""
MAX_HELD_OUT = 10_000
"""Largest validation or test split that is split off: larger ones cost time each epoch and narrow no interval."""
QUANTILES = 10
"""Bins by which numeric targets are stratified."""
MAX_LABELS, ROWS_PER_LABEL = 20, 3
"""Whole numbers, and texts of numbers, are labels if there are at most so many, or each has so many rows on average."""


def split_name(name: str, part: bool = False) -> str | None:
    """Return the split that a name stands for, in upper or lower case.

    Args:
        name: Name of a folder, or a value of a table.
        part: Whether one word of the name is enough: `seg_train` is `train` then.

    Returns:
        `train`, `val` or `test`; None if the name stands for none, or for several.
    """
    name = name.strip().lower()
    words = re.split(r"[^a-z]+", name) if part and name not in SPLIT_NAMES else [name]
    splits = {SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES}
    return splits.pop() if len(splits) == 1 else None


def parse_split(location: str, value: str | None) -> str:
    """Return the split that a row of a table belongs to.

    Args:
        location: File and line, for the error message.
        value: The value of the column `split`; empty for `train`.

    Returns:
        `train`, `val` or `test`.

    Raises:
        InputError: If the value stands for none of these.
    """
    split = split_name(value or "train") or ("train" if not (value or "").strip() else None)
    if split is None:
        raise InputError(f"{location}: split {value!r} is none of train, val, test ({', '.join(sorted(SPLIT_NAMES))})")
    return split


def split_rows(targets: Sequence[object], share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split rows in two parts, stratified by the targets.

    Unlike `sklearn.model_selection.train_test_split` it takes classes of one or two examples, and gives the same rows
    whatever the order of the classes.

    Args:
        targets: One target per row. Labels are stratified by value; numbers by their quantiles, also whole ones and
            texts of numbers that hardly ever repeat.
        share: Share of the rows of the second part; it gets at least one row of each label that has two or more.
        seed: Random seed.

    Returns:
        The rows of the two parts, each in ascending order.
    """
    generator = np.random.default_rng(seed)
    strata = _strata(np.asarray(targets))
    order = np.argsort(strata, kind="stable")
    second_part = []
    for rows in np.split(order, np.cumsum(np.bincount(strata))[:-1]):
        count = max(round(share * len(rows)), 1) if len(rows) > 1 else 0
        second_part.append(generator.permutation(rows)[:count])
    second = np.sort(np.concatenate(second_part))
    return np.setdiff1d(np.arange(len(targets)), second), second


def draw_evenly(targets: Sequence[str], count: int, seed: int) -> np.ndarray:
    """Draw rows at random, as equally per label as the labels allow.

    Args:
        targets: One label per row.
        count: Number of rows; all rows are returned if there are fewer.
        seed: Random seed.

    Returns:
        The rows in ascending order.

    Example:
        ```python
        draw_evenly(["a", "a", "a", "b"], count=2, seed=0)  # one "a" and the "b"
        ```
    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(targets))
    classes = np.unique(np.asarray(targets), return_inverse=True)[1][order]
    by_class = np.argsort(classes, kind="stable")
    sizes = np.bincount(classes)
    # The first row of each class comes before the second row of any.
    rank = np.empty(len(targets), np.int64)
    rank[by_class] = np.arange(len(targets)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.sort(order[np.argsort(rank, kind="stable")[:count]])


def _strata(targets: np.ndarray) -> np.ndarray:
    """Return the stratum of each row, counted from 0 without gaps."""
    numbers = _numbers(targets)
    if numbers is not None:
        edges = np.unique(np.quantile(numbers, np.linspace(0, 1, QUANTILES + 1)[1:-1]))
        targets = np.searchsorted(edges, numbers, side="right")
    return np.unique(targets, return_inverse=True)[1]


def _numbers(targets: np.ndarray) -> np.ndarray | None:
    """Return targets that are numbers on a scale; None for labels, which repeat."""
    if targets.dtype.kind == "f":
        return targets
    if targets.dtype.kind == "b" or len(np.unique(targets.astype(str))) <= max(
        MAX_LABELS, len(targets) // ROWS_PER_LABEL
    ):
        return None
    try:
        numbers = targets.astype(float)
    except (TypeError, ValueError):
        return None
    return numbers if np.isfinite(numbers).all() else None
