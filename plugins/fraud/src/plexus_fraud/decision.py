"""When a transaction is flagged."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np


@dataclass(frozen=True)
class DecisionPolicy:
    """Flags a transaction where its expected loss exceeds the cost of a review (Elkan 2001), or above a threshold.

    Args:
        cost_review: Cost of the review of one transaction.
        cost_missed: Cost of a missed fraud; None: its amount.
        reviews_per_day: Number of transactions to flag per day, instead of those whose expected loss is high enough.
        threshold: Probability from which transactions are flagged, fitted for `reviews_per_day`.
        missing_amount: Amount of a transaction that has none: the median of the frauds in training.

    Example:
        ```python
        DecisionPolicy(cost_review=5, cost_missed=None).flags(probabilities, amounts)
        ```
    """

    cost_review: float
    cost_missed: float | None
    reviews_per_day: int | None = None
    threshold: float | None = None
    missing_amount: float = 100.0

    def flags(self, probabilities: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        """Return which transactions are flagged.

        Args:
            probabilities: Probabilities of fraud, shape `(n,)`.
            amounts: Amounts, NaN where one is missing, shape `(n,)`.

        Returns:
            Boolean array of shape `(n,)`; a transaction whose probability is not a number is flagged.
        """
        if self.threshold is not None:
            return np.asarray(~(probabilities < self.threshold))
        return np.asarray(~(probabilities * self.losses(amounts) <= self.cost_review))

    def with_threshold(self, probabilities: np.ndarray, days: float) -> Self:
        """Return the policy with the threshold that flags `reviews_per_day` transactions.

        Args:
            probabilities: Probabilities of typical transactions, shape `(n,)`.
            days: Days that they cover.

        Returns:
            The policy.
        """
        ranked = np.sort(probabilities)[::-1]
        count = min(max(round((self.reviews_per_day or 1) * days), 1), len(ranked))
        return replace(self, threshold=float(ranked[count - 1]))

    def losses(self, amounts: np.ndarray) -> np.ndarray:
        """Return what each transaction costs if it is a missed fraud.

        Args:
            amounts: Amounts, NaN where one is missing, shape `(n,)`.

        Returns:
            Costs of shape `(n,)`.
        """
        return self.amounts(amounts) if self.cost_missed is None else np.full(len(amounts), self.cost_missed)

    def amounts(self, amounts: np.ndarray) -> np.ndarray:
        """Return absolute amounts, with `missing_amount` where one is missing.

        It is at least twice the cost of a review, so that a probable fraud is flagged whatever its amount.

        Args:
            amounts: Amounts, NaN where one is missing, shape `(n,)`.

        Returns:
            Amounts of shape `(n,)`.
        """
        return np.where(np.isnan(amounts), max(self.missing_amount, 2 * self.cost_review), np.abs(amounts))
