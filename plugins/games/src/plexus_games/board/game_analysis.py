"""The analysis of a whole game."""

from plexus import Prediction
from plexus_games.board.analyzed_move import AnalyzedMove

MAX_MOVES = 6


class GameAnalysis(Prediction):
    """The moves of a game with the expected points before and after each.

    Attributes:
        moves: The moves.
        points: Points of the player who moved first; None if the game is not over.

    Example:
        ```python
        analysis = bundle.predict([AnalysisRequest(moves, whole_game=True)])[0]
        print(analysis)
        ```
    """

    moves: list[AnalyzedMove]
    points: float | None

    @property
    def mistakes(self) -> list[AnalyzedMove]:
        """The moves that lose at least `MISTAKE` expected points."""
        return [move for move in self.moves if move.is_mistake]

    def detail_lines(self) -> list[str]:
        """Return a line for each mistake.

        Returns:
            The lines: the move, its expected points before and after, and the better moves.
        """
        lines = []
        for move in self.mistakes:
            better = " ".join(move.principal_variation[:MAX_MOVES])
            change = f"{move.points_before:.2f} to {move.points_after:.2f} points"
            lines.append(f"  move {move.number}: {move.move} ({change}); better {better}")
        return lines

    def __str__(self) -> str:
        result = "not over" if self.points is None else f"{self.points:g}-{1 - self.points:g}"
        moves = f"{len(self.moves)} move{'s' if len(self.moves) != 1 else ''}"
        count = len(self.mistakes)
        return f"{moves}, result {result}, {count} mistake{'s' if count != 1 else ''}"
