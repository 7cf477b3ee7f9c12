"""Fit of the weights of a `Stacking`."""

from collections.abc import Callable

import numpy as np

from plexus.metrics.calibration import log_softmax
from plexus_sentiment.stacking import Stacking, interpolation_weights

KNOTS = (5.0, 20.0, 80.0, 320.0)
"""Numbers of words at which weights are fitted."""
OFFSET_PENALTY = 0.01
"""L2 penalty of the offsets, which keeps them near 0 where there are few examples."""
STEP_PENALTY = 0.1
"""Penalty of the squared differences between weights at neighbouring knots, relative to the log loss of one example: it
decides where no example is of a knot's length. It is that of a normal distribution whose standard deviation is 2.2."""
MAX_WEIGHT = 20.0


def fit_weights(
    linear: np.ndarray,
    ensemble: np.ndarray,
    word_counts: np.ndarray,
    classes: np.ndarray,
    example_weights: np.ndarray | None = None,
) -> Stacking:
    """Fit weights and offsets with the smallest log loss, which is convex in them.

    Targets are smoothed by 1 / (n + 2) as in Platt 1999, section 2.2. The offset of a label is a part of the logarithm
    of its frequency, and a correction of the models' bias that is constant from the median length on, and proportional
    to the length below it: it would outweigh the evidence of a few words. scikit-learn's `LogisticRegression` has a
    weight per class and input, and none with bounds.

    Args:
        linear: Logits of texts that the linear classifier was not fitted on, shape `(n, classes)`.
        ensemble: Logits of networks that were not trained on the text, shape `(n, classes)`.
        word_counts: Number of words of each text, shape `(n,)`.
        classes: True classes of shape `(n,)`.
        example_weights: Weight of each text, shape `(n,)`; None for 1.

    Returns:
        The fitted weights.
    """
    from scipy.optimize import minimize

    weights = np.ones(len(classes)) if example_weights is None else example_weights
    labels = np.bincount(classes, weights, minlength=linear.shape[1]) + 1
    frequencies = np.log(labels / labels.sum())
    frequencies -= frequencies.mean()
    growth = np.minimum(np.array(KNOTS) / max(_weighted_median(word_counts, weights), 1), 1)
    basis = interpolation_weights(word_counts, KNOTS)
    knots = len(KNOTS)
    # A row of features for each text and class: the logits are linear in the parameters.
    features = [basis[:, None, :] * linear[:, :, None], basis[:, None, :] * ensemble[:, :, None]]
    features.append(np.broadcast_to(frequencies[None, :, None], (*linear.shape, 1)))
    features.append((basis @ growth)[:, None, None] * np.eye(linear.shape[1])[None])
    loss = _make_loss(np.concatenate(features, axis=2), classes, weights / weights.sum())
    bounds = [(0, MAX_WEIGHT)] * (2 * knots) + [(0, 1)] + [(None, None)] * linear.shape[1]
    start = np.array([0.5] * (2 * knots) + [0.5] + [0.0] * linear.shape[1])
    best = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    offsets = best[2 * knots] * frequencies + growth[:, None] * best[2 * knots + 1 :]
    return Stacking(list(KNOTS), best[:knots].tolist(), best[knots : 2 * knots].tolist(), offsets.tolist())


def _make_loss(
    features: np.ndarray, classes: np.ndarray, weights: np.ndarray
) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """Return the penalized log loss of parameters, with its gradient."""
    rows, class_count, _ = features.shape
    targets = np.full((rows, class_count), 1 / (rows + 2) / max(class_count - 1, 1))
    targets[np.arange(rows), classes] = 1 - 1 / (rows + 2)
    knots = len(KNOTS)

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        log_probabilities = log_softmax(features @ parameters)
        residuals = weights[:, None] * (np.exp(log_probabilities) - targets)
        gradient = np.tensordot(residuals, features, axes=2)
        steps = np.diff(parameters[: 2 * knots].reshape(2, knots), axis=1)
        slopes = 2 * STEP_PENALTY / rows * steps
        gradient[: 2 * knots] += (np.pad(slopes, ((0, 0), (1, 0))) - np.pad(slopes, ((0, 0), (0, 1)))).ravel()
        offsets = parameters[2 * knots + 1 :]
        gradient[2 * knots + 1 :] += 2 * OFFSET_PENALTY * offsets
        penalty = OFFSET_PENALTY * np.sum(offsets**2) + STEP_PENALTY / rows * np.sum(steps**2)
        return float(-np.sum(weights[:, None] * targets * log_probabilities) + penalty), gradient

    return loss


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(cumulative, cumulative[-1] / 2)])
