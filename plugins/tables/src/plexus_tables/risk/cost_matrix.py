"""Cost of decisions, and the threshold with the lowest cost."""

from dataclasses import dataclass

import numpy as np

from plexus.errors import InputError
from plexus.metrics.intervals import bootstrap_interval
from plexus.metrics.thresholds import CostThreshold, choose_cost_threshold, row_costs


@dataclass(frozen=True)
class CostMatrix:
    """Costs of the two errors; correct decisions cost nothing (Elkan 2001, sections 1 and 2).

    Args:
        false_positive: Cost of rejecting a good case, above 0.
        false_negative: Cost of approving a bad case, above 0: 5 times the other in `german_credit`.

    Raises:
        InputError: If a cost is not a positive number.

    Example:
        ```python
        costs = CostMatrix(false_positive=1, false_negative=5)
        costs.theoretical_threshold  # 0.1667
        costs.cost_per_case(probabilities, outcomes, threshold=0.2)  # 0.52
        ```
    """

    false_positive: float = 1.0
    false_negative: float = 5.0

    def __post_init__(self) -> None:
        for name, cost in (("false_positive", self.false_positive), ("false_negative", self.false_negative)):
            if not 0 < cost < np.inf:
                raise InputError(f"cost matrix: expected a cost above 0 for {name}, found {cost}")

    @property
    def theoretical_threshold(self) -> float:
        """Threshold with the lowest expected cost if the probabilities are calibrated (Elkan 2001, equation 2)."""
        return self.false_positive / (self.false_positive + self.false_negative)

    @property
    def severity_ratio(self) -> float:
        """Cost of a false positive over that of a false negative."""
        return self.false_positive / self.false_negative

    def costs(self, probabilities: np.ndarray, outcomes: np.ndarray, threshold: float) -> np.ndarray:
        """Return the cost of the decision on each case.

        Args:
            probabilities: Probabilities of bad, shape `(n,)`.
            outcomes: 1 (bad) or 0 (good), shape `(n,)`.
            threshold: Probability from which a case is rejected.

        Returns:
            Costs of shape `(n,)`.
        """
        return row_costs(probabilities, outcomes, threshold, self.false_positive, self.false_negative)

    def cost_per_case(self, probabilities: np.ndarray, outcomes: np.ndarray, threshold: float) -> float:
        """Compute the mean cost of the decisions.

        Args:
            probabilities: Probabilities of bad, shape `(n,)`.
            outcomes: 1 (bad) or 0 (good), shape `(n,)`.
            threshold: Probability from which a case is rejected.

        Returns:
            The cost per case.
        """
        return float(self.costs(probabilities, outcomes, threshold).mean())

    def cost_interval(self, probabilities: np.ndarray, outcomes: np.ndarray, threshold: float) -> tuple[float, float]:
        """Compute the 95 % bootstrap interval of the cost per case.

        It is not stratified by outcome: the bad rate of new cases varies, too.

        Args:
            probabilities: Probabilities of bad, shape `(n,)`.
            outcomes: 1 (bad) or 0 (good), both present, shape `(n,)`.
            threshold: Probability from which a case is rejected, chosen on other cases.

        Returns:
            Lower and upper bound.
        """
        costs = self.costs(probabilities, outcomes, threshold)
        return bootstrap_interval(lambda rows: float(costs[rows].mean()), [np.arange(len(costs))])

    def trivial_cost_per_case(self, outcomes: np.ndarray) -> float:
        """Compute the mean cost of the better of approving all cases and rejecting all.

        Args:
            outcomes: 1 (bad) or 0 (good), shape `(n,)`.

        Returns:
            The cost per case.
        """
        bad_rate = float(outcomes.mean())
        return min(self.false_negative * bad_rate, self.false_positive * (1 - bad_rate))

    def cost_curve(self, probabilities: np.ndarray, outcomes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute the cost per case at all thresholds that decide differently.

        Args:
            probabilities: Probabilities of bad, shape `(n,)`.
            outcomes: 1 (bad) or 0 (good), shape `(n,)`.

        Returns:
            The distinct probabilities in ascending order and the cost per case if cases are rejected from each on, both
            of shape `(thresholds,)`. The first rejects all cases.
        """
        thresholds, position = np.unique(probabilities, return_inverse=True)
        bad = np.bincount(position[outcomes == 1], minlength=len(thresholds))
        good = np.bincount(position[outcomes == 0], minlength=len(thresholds))
        approved_bad, rejected_good = np.cumsum(bad) - bad, np.cumsum(good[::-1])[::-1]
        costs = self.false_negative * approved_bad + self.false_positive * rejected_good
        return thresholds, costs / len(outcomes)

    def choose_threshold(self, probabilities: np.ndarray, outcomes: np.ndarray) -> CostThreshold:
        """Choose the threshold with the lowest expected cost, with its 95 % bootstrap interval.

        Args:
            probabilities: Out-of-fold probabilities of bad, shape `(n,)`.
            outcomes: 1 (bad) or 0 (good), both present, shape `(n,)`.

        Returns:
            The threshold, and its expected cost on new cases (see `plexus.metrics.thresholds`).
        """
        return choose_cost_threshold(
            probabilities, outcomes, false_positive=self.false_positive, false_negative=self.false_negative
        )
