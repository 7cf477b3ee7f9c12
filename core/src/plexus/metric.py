"""The metric that ranks a task's models."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """The metric by which models of a task are ranked.

    Args:
        name: Its key in the result of `Task.evaluate`: `accuracy`, `average_precision`, `mean_return`.
        baseline: The key of the same metric for the trivial prediction, which any model has to beat:
            `majority_accuracy`. None if there is no trivial prediction.
        higher_is_better: Whether larger values rank higher.

    Example:
        ```python
        accuracy = Metric("accuracy", baseline="majority_accuracy")
        accuracy.is_better(0.9, than=0.8)  # True
        ```
    """

    name: str
    baseline: str | None = None
    higher_is_better: bool = True

    def is_better(self, value: float, than: float) -> bool:
        """Return whether a value ranks strictly above another.

        Args:
            value: The value to rank.
            than: The value to compare with.

        Returns:
            True if `value` ranks above `than`; False for equal values.
        """
        return value > than if self.higher_is_better else value < than

    def best_index(self, values: Sequence[float]) -> int:
        """Return the index of the best value.

        Args:
            values: Values, at least one.

        Returns:
            The index; among equal values the last, which belongs to the longest training.
        """
        best = max(values) if self.higher_is_better else min(values)
        return len(values) - 1 - list(values)[::-1].index(best)
