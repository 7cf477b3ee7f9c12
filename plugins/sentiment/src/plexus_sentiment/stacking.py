"""Stacking of the linear classifier and the ensemble of networks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from plexus.codec import JsonObject
from plexus.metrics.calibration import log_softmax

KNOTS = (5.0, 20.0, 80.0, 320.0)
"""Numbers of words at which weights and offsets are fitted."""
OFFSET_PENALTY = 0.01
"""L2 penalty of the offsets, which keeps them near 0 where there are few examples."""
STEP_PENALTY = 1.0
"""Penalty of the squared differences between neighbouring knots, relative to the log loss of one example: it decides
where no example is of a knot's length."""
MAX_WEIGHT = 20.0


@dataclass(frozen=True)
class Stacking:
    """A calibrated weighted sum of two models' logits (stacking, Wolpert 1992), by the length of the text.

    A sum over n-grams grows with the number of words, a maximum over them hardly does: on short texts, other weights
    are right than on long ones. Between the knots, weights and offsets are linear in the logarithm of the number of
    words; beyond them they are constant.

    Args:
        knots: Numbers of words, ascending.
        linear: Weights of the linear classifier's logits at the knots; not negative.
        ensemble: Weights of the networks' mean logits at the knots; not negative.
        offsets: At each knot the offset of each label.

    Example:
        ```python
        stacking = Stacking.fit(linear_logits, network_logits, word_counts, classes)
        logits = stacking.combine(linear_logits, network_logits, word_counts)
        ```
    """

    knots: Sequence[float]
    linear: Sequence[float]
    ensemble: Sequence[float]
    offsets: Sequence[Sequence[float]]

    @classmethod
    def constant(cls, linear: float, ensemble: float, offsets: Sequence[float]) -> Self:
        """Return weights that do not depend on the length.

        Args:
            linear: Weight of the linear classifier's logits.
            ensemble: Weight of the networks' mean logits.
            offsets: Offset of each label.

        Returns:
            The stacking.
        """
        return cls([1.0], [linear], [ensemble], [offsets])

    @classmethod
    def fit(
        cls,
        linear: np.ndarray,
        ensemble: np.ndarray,
        word_counts: np.ndarray,
        classes: np.ndarray,
        example_weights: np.ndarray | None = None,
    ) -> Self:
        """Fit weights and offsets with the smallest log loss, which is convex in them.

        Targets are smoothed by 1 / (n + 2) as in Platt 1999, section 2.2. scikit-learn's `LogisticRegression` has a
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

        rows, class_count, knot_count = *linear.shape, len(KNOTS)
        targets = np.full(linear.shape, 1 / (rows + 2) / max(class_count - 1, 1))
        targets[np.arange(rows), classes] = 1 - 1 / (rows + 2)
        weights = np.ones(rows) if example_weights is None else example_weights
        weights = weights / weights.sum()
        basis = interpolation_weights(word_counts, KNOTS)

        def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
            at_knots = parameters.reshape(knot_count, 2 + class_count)
            of_text, steps = basis @ at_knots, np.diff(at_knots, axis=0)
            offsets = of_text[:, 2:]
            log_probabilities = log_softmax(of_text[:, :1] * linear + of_text[:, 1:2] * ensemble + offsets)
            residuals = weights[:, None] * (np.exp(log_probabilities) - targets)
            slopes = [np.sum(residuals * linear, axis=1), np.sum(residuals * ensemble, axis=1)]
            slopes += list((residuals + 2 * OFFSET_PENALTY * weights[:, None] * offsets).T)
            gradient = basis.T @ np.stack(slopes, axis=1)
            gradient[1:] += 2 * STEP_PENALTY / rows * steps
            gradient[:-1] -= 2 * STEP_PENALTY / rows * steps
            of_texts = np.sum(OFFSET_PENALTY * offsets**2 - targets * log_probabilities, axis=1)
            return float(weights @ of_texts + STEP_PENALTY / rows * np.sum(steps**2)), gradient.ravel()

        start = np.tile([0.5, 0.5, *[0.0] * class_count], knot_count)
        bounds = [(0, MAX_WEIGHT), (0, MAX_WEIGHT), *[(None, None)] * class_count] * knot_count
        best = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x.reshape(knot_count, -1)
        return cls(list(KNOTS), best[:, 0].tolist(), best[:, 1].tolist(), best[:, 2:].tolist())

    def combine(self, linear: np.ndarray, ensemble: np.ndarray, word_counts: np.ndarray) -> np.ndarray:
        """Compute the weighted sum.

        Args:
            linear: Logits of the linear classifier, shape `(n, classes)`.
            ensemble: Mean logits of the networks, shape `(n, classes)`.
            word_counts: Number of words of each text, shape `(n,)`.

        Returns:
            Logits of shape `(n, classes)`.
        """
        basis = interpolation_weights(word_counts, self.knots)
        weights = basis @ np.stack([self.linear, self.ensemble], axis=1)
        return np.asarray(weights[:, :1] * linear + weights[:, 1:] * ensemble + basis @ np.array(self.offsets))

    def to_json(self) -> JsonObject:
        """Return knots, weights and offsets.

        Returns:
            The object that `from_json` takes.
        """
        return asdict(self)

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a stacking from the result of `to_json`, or from weights without knots, as bundles had before.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The stacking.
        """
        return (
            cls(**state) if state.get("knots") else cls.constant(state["linear"], state["ensemble"], state["offsets"])
        )


def interpolation_weights(word_counts: np.ndarray, knots: Sequence[float]) -> np.ndarray:
    """Return the weights of the knots for texts, linear in the logarithm of the number of words.

    Args:
        word_counts: Number of words of each text, shape `(n,)`.
        knots: Numbers of words, ascending.

    Returns:
        Array of shape `(n, knots)`, not negative, whose rows sum to 1.
    """
    lengths, places = np.log(np.maximum(word_counts, 1)), np.log(knots)
    return np.stack([np.interp(lengths, places, row) for row in np.eye(len(knots))], axis=1)
