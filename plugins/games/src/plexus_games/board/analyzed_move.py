"""A move of a game with what was better."""

from pydantic import BaseModel, ConfigDict

MISTAKE = 0.15
"""A move is a mistake if it loses so many of the expected points."""


class AnalyzedMove(BaseModel):
    """A move that was played, and the best one.

    Attributes:
        number: Number of the move, counted from 1.
        player: The player: 0 for the one who moved first, else 1.
        move: The move in OpenSpiel's notation.
        points_before: Expected points of the player with the best move: 1 for a win, one half for a draw.
        points_after: Expected points of the player after the move.
        best: The best move.
        principal_variation: The best move and the expected replies.

    Example:
        ```python
        [move.move for move in analysis.moves if move.is_mistake]
        ```
    """

    model_config = ConfigDict(frozen=True)

    number: int
    player: int
    move: str
    points_before: float
    points_after: float
    best: str
    principal_variation: list[str]

    @property
    def loss(self) -> float:
        """Expected points that the move loses, at least 0."""
        return max(self.points_before - self.points_after, 0.0)

    @property
    def is_mistake(self) -> bool:
        """Whether the move loses at least `MISTAKE` points and differs from the best one."""
        return self.move != self.best and self.loss >= MISTAKE
