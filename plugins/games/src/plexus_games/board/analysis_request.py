"""A request to search a position or a whole game: an input of `plexus predict`."""

from collections.abc import Sequence
from dataclasses import dataclass

from plexus import InputError

SIMULATIONS = 400
MAX_SIMULATIONS, MAX_SECONDS = 10**6, 3600


@dataclass(frozen=True)
class AnalysisRequest:
    """A position or a whole game, with the strength of the search.

    Args:
        moves: Moves from the start of the game, in OpenSpiel's notation, or numbers of actions.
        simulations: Simulations per position; 0: the network alone.
        seconds: Seconds per position, instead of simulations.
        whole_game: Whether every move is analyzed, not only the position at the end.
        game: Game that the file names, like `go(board_size=9)`, which must be that of the bundle; empty: any.

    Raises:
        InputError: If the simulations or the seconds are not numbers in their range.

    Example:
        ```python
        bundle.predict([AnalysisRequest(["x3", "o3"], simulations=800)])
        ```
    """

    moves: Sequence[str | int] = ()
    simulations: int = SIMULATIONS
    seconds: float | None = None
    whole_game: bool = False
    game: str = ""

    def __post_init__(self) -> None:
        """Check the strength of the search.

        Raises:
            InputError: If the simulations or the seconds are not numbers in their range.
        """
        if type(self.simulations) is not int or not 0 <= self.simulations <= MAX_SIMULATIONS:
            raise InputError(
                f"simulations: expected an integer from 0 to {MAX_SIMULATIONS:,}, got {self.simulations!r}"
            )
        if self.seconds is None:
            return
        if not isinstance(self.seconds, int | float) or not 0 < self.seconds <= MAX_SECONDS:
            raise InputError(f"seconds: expected more than 0 and at most {MAX_SECONDS:,}, got {self.seconds!r}")
