"""A request to search a position or a whole game: an input of `plexus predict`."""

from collections.abc import Sequence
from dataclasses import dataclass

SIMULATIONS = 400


@dataclass(frozen=True)
class AnalysisRequest:
    """A position or a whole game, with the strength of the search.

    Args:
        moves: Moves from the start of the game, as the game writes them, or numbers of actions.
        simulations: Simulations per position; 0: the network alone.
        seconds: Seconds per position, instead of simulations.
        whole_game: Whether every move is analyzed, not only the position at the end.

    Example:
        ```python
        bundle.predict([AnalysisRequest(["x3", "o3"], simulations=800)])
        ```
    """

    moves: Sequence[str | int] = ()
    simulations: int = SIMULATIONS
    seconds: float | None = None
    whole_game: bool = False
