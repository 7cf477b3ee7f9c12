"""A legal move in a prediction."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from plexus_games.board.move_summary import MoveSummary


class CandidateMove(BaseModel):
    """A legal move.

    Attributes:
        move: The move as the game writes it.
        visits: Simulations through it.
        prior: Probability by the policy network.
        win: Probability that the player to move wins after it.
        draw: Probability of a draw.
        is_certain: Whether the result is certain.

    Example:
        ```python
        prediction.moves[0].win
        ```
    """

    model_config = ConfigDict(frozen=True)

    move: str
    visits: int
    prior: float
    win: float
    draw: float
    is_certain: bool

    @classmethod
    def from_summary(cls, summary: MoveSummary) -> Self:
        """Create the move from its statistics.

        Args:
            summary: The statistics.

        Returns:
            The move, probabilities rounded to four decimals.
        """
        return cls(
            move=summary.name,
            visits=summary.visits,
            prior=round(summary.prior, 4),
            win=round(summary.win, 4),
            draw=round(summary.draw, 4),
            is_certain=summary.is_certain,
        )

    @property
    def points(self) -> float:
        """Expected points: 1 for a win, one half for a draw."""
        return self.win + self.draw / 2
