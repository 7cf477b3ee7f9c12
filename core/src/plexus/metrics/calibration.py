"""Probabilities, their calibration error, and temperature scaling."""

import math

import numpy as np

BINS = 15
MIN_TEMPERATURE, MAX_TEMPERATURE = 0.05, 20.0


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Compute probabilities along the last axis, in float64.

    `scipy.special.softmax` is not used: prediction imports NumPy and ONNX Runtime only.

    Args:
        logits: Array of shape `(…, classes)`.
        temperature: Divides the logits; above 0.

    Returns:
        Probabilities of the same shape.
    """
    return np.asarray(np.exp(log_softmax(logits, temperature)))


def log_softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Compute the logarithms of `softmax`.

    Args:
        logits: Array of shape `(…, classes)`.
        temperature: Divides the logits; above 0.

    Returns:
        Log-probabilities of the same shape.
    """
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=-1, keepdims=True)
    return np.asarray(scaled - np.log(np.exp(scaled).sum(axis=-1, keepdims=True)))


def expected_calibration_error(probabilities: np.ndarray, classes: np.ndarray, bins: int = BINS) -> float:
    """Compute the mean gap between confidence and accuracy over equal bins of confidence (Guo et al. 2017, equation 3).

    scikit-learn has no such metric.

    Args:
        probabilities: Array of shape `(n, classes)`.
        classes: True classes of shape `(n,)`.
        bins: Number of bins.

    Returns:
        The error, from 0 to 1.
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == classes
    bin_of_row = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of_row, correct.astype(float) - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(classes))


def fit_temperature(logits: np.ndarray, classes: np.ndarray) -> float:
    """Fit the temperature with the smallest log loss (Guo et al. 2017, arXiv:1706.04599, section 4.2).

    Targets are smoothed by 1 / (n + 2) as in Platt 1999, section 2.2, so that a few examples that are all correct do
    not ask for unbounded confidence.

    Args:
        logits: Array of shape `(n, classes)`.
        classes: True classes of shape `(n,)`.

    Returns:
        The temperature, from 0.05 to 20.
    """
    from scipy.optimize import minimize_scalar

    bounds = math.log(MIN_TEMPERATURE), math.log(MAX_TEMPERATURE)
    result = minimize_scalar(
        lambda log_temperature: _smoothed_log_loss(logits, classes, math.exp(log_temperature)),
        bounds=bounds,
        method="bounded",
    )
    return math.exp(result.x)


def _smoothed_log_loss(logits: np.ndarray, classes: np.ndarray, temperature: float) -> float:
    rows, count = logits.shape
    losses = -np.maximum(log_softmax(logits, temperature), math.log(1e-30))
    of_class = losses[np.arange(rows), classes]
    of_others = (losses.sum(axis=1) - of_class) / max(count - 1, 1)
    smoothing = 1 / (rows + 2)
    return float(np.mean((1 - smoothing) * of_class + smoothing * of_others))
