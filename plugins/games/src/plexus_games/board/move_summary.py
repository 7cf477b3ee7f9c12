"""Statistics of a move in a search."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MoveSummary:
    """The statistics of a move.

    Args:
        action: The action.
        name: The move as the game writes it.
        visits: Simulations through it.
        prior: Probability by the policy network.
        win: Probability that the player wins after it.
        draw: Probability of a draw.
        value: Expected discounted result, from -1 to 1.
        is_certain: Whether the result is certain.

    Example:
        ```python
        print(summary.best.name, summary.best.score)
        ```
    """

    action: int
    name: str
    visits: int
    prior: float
    win: float
    draw: float
    value: float
    is_certain: bool

    @property
    def score(self) -> float:
        """Expected points: 1 for a win, one half for a draw."""
        return self.win + self.draw / 2
