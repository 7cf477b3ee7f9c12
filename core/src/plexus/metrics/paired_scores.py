"""Comparison of two classifiers on the same, possibly few, examples."""

import math

import numpy as np

from plexus.metrics.calibration import fit_temperature, softmax

STANDARD_ERRORS = 2.0
"""The mean difference has to exceed zero by so many standard errors."""


def is_better_paired(
    logits: np.ndarray, reference: np.ndarray, classes: np.ndarray, groups: np.ndarray | None = None
) -> bool:
    """Return whether a classifier is better than a reference, by a paired comparison of a proper score.

    The score of an example is the quadratic one (Brier 1950) of its calibrated probabilities: a hundred examples
    distinguish two classifiers by it that differ by one or two in the number of mistakes. The classifier is better if
    the mean difference is more than two standard errors above zero (for equal classifiers one time in forty) and it
    makes no more mistakes. Temperatures are fitted on the same examples, one number for each of both classifiers.

    Args:
        logits: Logits of the classifier, shape `(n, classes)`.
        reference: Logits of the reference, of the same shape.
        classes: True classes of shape `(n,)`.
        groups: Group of each example, counted from 0, shape `(n,)`: examples of a group, such as the images of a
            patient, are not independent, and the standard error is that of the groups' sums. By default each example
            is a group of its own.

    Returns:
        Whether it is better; False for fewer than two groups.

    Example:
        ```python
        is_better_paired(predictor(images, "new")["logits"], predictor(images, "old")["logits"], classes)
        ```
    """
    if len(classes) < 2 or (groups is not None and len(np.unique(groups)) < 2):
        return False
    mistakes = [int((values.argmax(axis=1) != classes).sum()) for values in (logits, reference)]
    gain = _quadratic_scores(logits, classes) - _quadratic_scores(reference, classes)
    if groups is not None:
        gain = np.bincount(np.unique(groups, return_inverse=True)[1], gain)
    error = float(gain.std(ddof=1)) / math.sqrt(len(gain))
    return mistakes[0] <= mistakes[1] and float(gain.mean()) > STANDARD_ERRORS * error


def _quadratic_scores(logits: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the negative Brier score of each example."""
    probabilities = softmax(logits, fit_temperature(logits, classes))
    return -np.asarray(((probabilities - np.eye(logits.shape[1])[classes]) ** 2).sum(axis=1))
