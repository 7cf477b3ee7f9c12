"""Stacking of the linear classifier and the ensemble of networks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from plexus.codec import JsonObject


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
        stacking = fit_weights(linear_logits, network_logits, word_counts, classes)
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
