"""The number that ranks a task's models."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """Which of a task's measured figures ranks its models.

    Args:
        name: its key in what `Task.measure` gives: `accuracy`, `average_precision`, `mean_return`.
        baseline: the key of the trivial answer's figure, that any model must beat: `majority_accuracy`.
        higher_is_better: the direction.
    """

    name: str
    baseline: str | None = None
    higher_is_better: bool = True

    def better(self, value: float, than: float) -> bool:
        """Whether one value ranks strictly above another."""
        return value > than if self.higher_is_better else value < than

    def best(self, values: list[float]) -> int:
        """The index of the best value; of equals the last, which has learned longest."""
        best = max(values) if self.higher_is_better else min(values)
        return len(values) - 1 - values[::-1].index(best)
