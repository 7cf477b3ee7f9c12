"""A legal move in a prediction."""

from pydantic import BaseModel, ConfigDict


class CandidateMove(BaseModel):
    """A legal move with the statistics of a search.

    Attributes:
        action: Number of the action.
        move: The move in OpenSpiel's notation.
        visits: Simulations through it.
        prior: Probability by the policy network.
        win: Probability that the player to move wins after it.
        draw: Probability of a draw.
        value: Expected discounted result for the player to move, from -1 to 1.
        is_proven: Whether the result is proven.

    Example:
        ```python
        prediction.moves[0].win
        ```
    """

    model_config = ConfigDict(frozen=True)

    action: int
    move: str
    visits: int
    prior: float
    win: float
    draw: float
    value: float
    is_proven: bool

    @property
    def points(self) -> float:
        """Expected points: 1 for a win, one half for a draw."""
        return self.win + self.draw / 2
