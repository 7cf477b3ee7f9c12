"""The analysis of a whole game."""

from plexus import Prediction
from plexus_games.board.analyzed_move import AnalyzedMove

MAX_LINE = 6


class GameAnalysis(Prediction):
    """The moves of a game with the expected points before and after each.

    Attributes:
        moves: The moves.
        result: Points of the player who moved first; None if the game is not over.

    Example:
        ```python
        analysis = bundle.predict([AnalysisRequest(moves, whole_game=True)])[0]
        print(analysis)
        ```
    """

    moves: list[AnalyzedMove]
    result: float | None

    @property
    def mistakes(self) -> list[AnalyzedMove]:
        """The moves that lose expected points."""
        return [move for move in self.moves if move.is_mistake]

    def __str__(self) -> str:
        over = "not over" if self.result is None else f"{self.result:g}-{1 - self.result:g}"
        count = len(self.mistakes)
        lines = [f"{len(self.moves)} moves, result {over}, {count} mistake{'s' if count != 1 else ''}"]
        for move in self.mistakes:
            line = " ".join(move.line[:MAX_LINE])
            points = f"{move.points_before:.2f} to {move.points_after:.2f} points"
            lines.append(f"  move {move.number}: {move.move} ({points}); better {line}")
        return "\n".join(lines)
