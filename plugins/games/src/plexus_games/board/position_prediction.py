"""The prediction for one position."""

from typing import Self

from plexus import Prediction
from plexus_games.board.candidate_move import CandidateMove
from plexus_games.board.search_summary import SearchSummary

MAX_LINE = 8


class PositionPrediction(Prediction):
    """The best move of a position, and what is expected after it.

    Attributes:
        move: The best move as the game writes it.
        win: Probability that the player to move wins.
        draw: Probability of a draw.
        is_certain: Whether the result is certain: the search has seen all that matters until the end.
        line: The expected moves, the best one first.
        moves: All legal moves, best first.
        simulations: Simulations of the search; 0: the network alone.

    Example:
        ```python
        plexus.load("games.board/connect_four").predict([["x3", "o3"]])[0].move
        ```
    """

    move: str
    win: float
    draw: float
    is_certain: bool
    line: list[str]
    moves: list[CandidateMove]
    simulations: int

    @classmethod
    def from_summary(cls, summary: SearchSummary) -> Self:
        """Create the prediction from a search.

        Args:
            summary: The result of the search.

        Returns:
            The prediction.
        """
        moves = [CandidateMove.from_summary(move) for move in summary.moves]
        best = moves[0]
        return cls(
            move=best.move,
            win=best.win,
            draw=best.draw,
            is_certain=best.is_certain,
            line=summary.line,
            moves=moves,
            simulations=summary.simulations,
        )

    @property
    def points(self) -> float:
        """Expected points of the player to move: 1 for a win, one half for a draw."""
        return self.moves[0].points

    def __str__(self) -> str:
        certain = ", certain" if self.is_certain else ""
        line = " ".join(self.line[:MAX_LINE])
        return f"{self.move}  win {self.win:.1%}, draw {self.draw:.1%}{certain}  (expected: {line})"
