"""Comparison of models by their out-of-fold predictions."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from plexus.codec import JsonObject

NORMAL_QUANTILE = 1.96


@dataclass(frozen=True)
class Comparison:
    """The out-of-fold loss of a model, compared with that of the model in use.

    Args:
        model: Name of the model.
        loss: Mean loss: log loss, or squared error of the standardized target.
        difference: Loss minus that of the model in use; negative is better.
        low: Lower bound of the 95 % confidence interval of the difference, by the rows' paired differences.
        high: Upper bound.

    Example:
        ```python
        Comparison("linear", loss=0.48, difference=0.012, low=0.002, high=0.022)
        ```
    """

    model: str
    loss: float
    difference: float
    low: float
    high: float

    @classmethod
    def of_losses(cls, losses: Mapping[str, np.ndarray], used: str) -> list[Self]:
        """Compare models.

        Args:
            losses: Loss of each row by model, each of shape `(n,)`.
            used: Name of the model in use.

        Returns:
            One comparison per model: the one in use, then the others, the best first.
        """
        others = sorted((name for name in losses if name != used), key=lambda name: float(losses[name].mean()))
        return [cls._of(name, losses[name], losses[used]) for name in (used, *others)]

    def to_json(self) -> JsonObject:
        """Return the arguments as JSON types.

        Returns:
            The constructor's arguments.
        """
        return asdict(self)

    @classmethod
    def _of(cls, model: str, losses: np.ndarray, reference: np.ndarray) -> Self:
        differences = losses - reference
        mean, margin = float(differences.mean()), NORMAL_QUANTILE * float(differences.std()) / len(differences) ** 0.5
        return cls(model, float(losses.mean()), mean, mean - margin, mean + margin)
