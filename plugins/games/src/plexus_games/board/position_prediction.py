"""The prediction for one position."""

from plexus import Prediction
from plexus_games.board.candidate_move import CandidateMove

MAX_MOVES = 8


class PositionPrediction(Prediction):
    """The best move of a position, and the search that it comes from.

    Attributes:
        move: The best move in OpenSpiel's notation.
        win: Probability that the player to move wins.
        draw: Probability of a draw.
        is_proven: Whether the result of the position is proven.
        principal_variation: The best move and the expected replies.
        moves: All legal moves, best first.
        simulations: Simulations of the search; 0: the network alone.

    Example:
        ```python
        plexus.load("games.board/tic_tac_toe").predict([["x(1,1)"]])[0].move
        ```
    """

    move: str
    win: float
    draw: float
    is_proven: bool
    principal_variation: list[str]
    moves: list[CandidateMove]
    simulations: int

    @property
    def best(self) -> CandidateMove:
        """The best move."""
        return self.moves[0]

    @property
    def points(self) -> float:
        """Expected points of the player to move: 1 for a win, one half for a draw."""
        return self.best.points

    def __str__(self) -> str:
        proven = ", proven" if self.is_proven else ""
        moves = " ".join(self.principal_variation[:MAX_MOVES])
        return f"{self.move}  win {self.win:.1%}, draw {self.draw:.1%}{proven}  (principal variation: {moves})"
