"""Figures of classifiers, by NumPy alone."""

import math

import numpy as np


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities along the last axis, of logits divided by the temperature."""
    return np.asarray(np.exp(log_softmax(logits, temperature)))


def log_softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """The logarithms of `softmax`."""
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=-1, keepdims=True)
    return np.asarray(scaled - np.log(np.exp(scaled).sum(axis=-1, keepdims=True)))


def classification_scores(probabilities: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """The figures of a classifier.

    Args:
        probabilities: one row an example, one column a class; rows sum to 1.
        targets: the classes' indices, one an example.

    Returns:
        `accuracy`, `macro_f1` (over the classes that occur), `log_loss`, `ece`, and `majority_accuracy`, that of always
        giving the most frequent class.
    """
    found = probabilities.argmax(axis=1)
    share = np.bincount(targets).max() / len(targets)
    own = probabilities[np.arange(len(targets)), targets]
    return {
        "accuracy": float(np.mean(found == targets)),
        "macro_f1": macro_f1(found, targets),
        "log_loss": float(-np.mean(np.log(np.clip(own, 1e-15, 1)))),
        "ece": expected_calibration_error(probabilities, targets),
        "majority_accuracy": float(share),
    }


def macro_f1(found: np.ndarray, targets: np.ndarray) -> float:
    """The mean F1 of the classes that occur in the answers or the targets."""
    values = []
    for label in np.union1d(found, targets):
        right = np.sum((found == label) & (targets == label))
        values.append(2 * right / (np.sum(found == label) + np.sum(targets == label)))
    return float(np.mean(values))


def expected_calibration_error(probabilities: np.ndarray, targets: np.ndarray, bins: int = 15) -> float:
    """How far confidence is from accuracy, on average over equal bins of confidence (Guo et al. 2017, equation 3)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == targets
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of, right.astype(float) - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(targets))


def fit_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """The temperature with the smallest log loss (Guo et al. 2017, arXiv:1706.04599, section 4.2).

    The log loss has one minimum in the inverse temperature: golden-section search finds it within 0.05 to 20. Targets
    are softened by 1 / (n + 2), as in Platt 1999, section 2.2: without it, a few examples that are all right would ask
    for boundless confidence.
    """
    golden = (math.sqrt(5) - 1) / 2
    low, high = math.log(0.05), math.log(20)
    while high - low > 1e-4:
        left, right = high - golden * (high - low), low + golden * (high - low)
        if _log_loss(logits, targets, left) < _log_loss(logits, targets, right):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2)


def _log_loss(logits: np.ndarray, targets: np.ndarray, log_temperature: float) -> float:
    rows, classes = logits.shape
    losses = -np.log(np.clip(softmax(logits, math.exp(log_temperature)), 1e-30, 1))
    own = losses[np.arange(rows), targets]
    others = (losses.sum(axis=1) - own) / max(classes - 1, 1)
    soft = 1 / (rows + 2)
    return float(np.mean((1 - soft) * own + soft * others))


def wilson_interval(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of a share that was measured on `count` examples (Wilson 1927); 95 % with the default z."""
    if count == 0:
        return 0.0, 1.0
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(centre - half, 0.0), min(centre + half, 1.0)
