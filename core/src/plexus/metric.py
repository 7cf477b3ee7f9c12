"""The description of a metric."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that `Task.evaluate` returns: how it is displayed, and which values are better.

    Args:
        name: Its key in the result of `Task.evaluate`: `accuracy`, `average_precision`, `mean_return`.
        title: Its name in reports, pages and model cards: `Average precision`. Derived from `name` if it is empty.
        unit: The unit of its values: `nats`, `steps`. Empty for a proportion or a number without a unit.
        baseline: The key of the same metric for the trivial prediction, which any model has to beat:
            `majority_accuracy`. None if there is no trivial prediction.
        higher_is_better: Whether larger values rank higher; None for a number that ranks nothing, such as the number
            of clusters.

    Example:
        ```python
        accuracy = Metric("accuracy", baseline="majority_accuracy")
        accuracy.is_better(0.9, than=0.8)  # True
        Metric("log_loss", unit="nats", higher_is_better=False).label  # 'Log loss (nats)'
        ```
    """

    name: str
    title: str = ""
    unit: str = ""
    baseline: str | None = None
    higher_is_better: bool | None = True

    @property
    def label(self) -> str:
        """Title and unit."""
        title = self.title or self.name.replace("_", " ").capitalize()
        return f"{title} ({self.unit})" if self.unit else title

    @property
    def direction(self) -> str:
        """Which values are better: `higher`, `lower`, or an empty string."""
        return {True: "higher", False: "lower", None: ""}[self.higher_is_better]

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
