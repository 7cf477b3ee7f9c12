"""Checks of the targets that an estimator learns from."""

import re
from collections.abc import Sequence

import numpy as np

from plexus.codec import Input
from plexus.tasks.invalid_data import InvalidDataError

CLASSIFICATION_TARGETS = {"binary", "multiclass"}
_WHOLE = re.compile(r"([+-]?[0-9]+)\.0+")


def require_equal_lengths(inputs: Sequence[Input], targets: Sequence[object]) -> None:
    """Check that there are as many targets as inputs.

    Args:
        inputs: The inputs.
        targets: The targets.

    Raises:
        InvalidDataError: If their numbers differ.
    """
    if len(inputs) != len(targets):
        raise InvalidDataError(f"X has {len(inputs):,} inputs and y has {len(targets):,} labels: expected as many")


def check_labels(y: Sequence[object] | None) -> np.ndarray:
    """Check the labels of a classification.

    Args:
        y: One label per input.

    Returns:
        The labels as an array of shape `(n,)`.

    Raises:
        InvalidDataError: If there are several axes, a label is missing, labels have several types, or are numbers of a
            regression.
    """
    from sklearn.utils.multiclass import type_of_target

    labels = _one_axis(y, "label")
    if labels.dtype == object:
        kinds = sorted({type(label).__name__ for label in labels.tolist()})
        if len(kinds) > 1:
            raise InvalidDataError(f"y: expected labels of one type, got {', '.join(kinds)}")
        labels = np.array(labels.tolist())
    if labels.dtype.kind == "f" and np.isinf(labels).any():
        raise InvalidDataError(f"y[{np.isinf(labels).argmax()}]: expected a label, got an infinite number")
    if len(labels) and type_of_target(labels) not in CLASSIFICATION_TARGETS:
        raise InvalidDataError(
            f"y: expected labels, got {type_of_target(labels)} values, such as {labels[:1].tolist()[0]!r}"
        )
    return labels


def check_numbers(y: Sequence[object] | None) -> np.ndarray:
    """Check the numbers of a regression.

    Args:
        y: One number per input.

    Returns:
        The numbers as an array of shape `(n,)`, float64.

    Raises:
        InvalidDataError: If there are several axes, or a number is missing, complex or not finite.
    """
    targets = _one_axis(y, "number")
    if np.iscomplexobj(targets):
        raise InvalidDataError("y: expected real numbers. Complex data not supported")
    try:
        numbers = targets.astype(float)
    except (ValueError, TypeError) as error:
        raise InvalidDataError(f"y: expected numbers, got values such as {targets[:1].tolist()[0]!r}") from error
    if np.isinf(numbers).any():
        raise InvalidDataError(f"y[{np.isinf(numbers).argmax()}]: expected a finite number, got an infinite one")
    return numbers


def label_texts(classes: np.ndarray) -> list[str]:
    """Return the texts by which a task knows the classes of an estimator.

    Args:
        classes: The different labels, shape `(classes,)`.

    Returns:
        One text per class: without blanks around it, whole numbers without a decimal point, as labels in tables are.

    Raises:
        InvalidDataError: If two labels have the same text.
    """
    texts = [_WHOLE.sub(r"\1", text) if _WHOLE.fullmatch(text) else text for text in map(_text, classes.tolist())]
    for place, text in enumerate(texts):
        if text in texts[:place]:
            one, other = classes[[texts.index(text), place]].tolist()
            raise InvalidDataError(f"y: the labels {one!r} and {other!r} differ by blanks or a decimal point alone")
    return texts


def _text(label: object) -> str:
    return str(label).strip()


def _one_axis(y: Sequence[object] | None, kind: str) -> np.ndarray:
    """Return the targets as an array of one axis, none of them missing; a column is warned of, as scikit-learn does."""
    from sklearn.utils import column_or_1d

    if y is None:  # in scikit-learn's words
        raise InvalidDataError("y is None: the estimator requires y to be passed, but the target y is None")
    targets = np.asarray(y)
    if targets.ndim == 2 and targets.shape[1] == 1:
        targets = column_or_1d(targets, warn=True)
    if targets.ndim != 1:
        raise InvalidDataError(f"y: expected one {kind} per input, got an array of shape {targets.shape}")
    missing = [index for index, target in enumerate(targets.tolist()) if target is None or target != target]
    if missing:
        raise InvalidDataError(f"y[{missing[0]}]: the {kind} is missing; remove its input, or set a {kind}")
    return targets
