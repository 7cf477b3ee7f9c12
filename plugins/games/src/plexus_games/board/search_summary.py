"""Summary of a search from one position."""

from dataclasses import dataclass

from plexus_games.board.move_summary import MoveSummary


@dataclass(frozen=True)
class SearchSummary:
    """The result of a search.

    Args:
        moves: All legal moves, best first.
        line: The moves that are expected, the best first.
        is_certain: Whether the result of the position is certain.
        simulations: Visits of the position.

    Example:
        ```python
        summary = search.run(simulations=400)
        print(" ".join(summary.line))
        ```
    """

    moves: list[MoveSummary]
    line: list[str]
    is_certain: bool
    simulations: int

    @property
    def best(self) -> MoveSummary:
        """The best move."""
        return self.moves[0]
