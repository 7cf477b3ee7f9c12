"""Exhaustive search of small games and of positions close to the end."""

from typing import TYPE_CHECKING

from plexus_games.board.game import BoardGame

if TYPE_CHECKING:
    import pyspiel

PLY_PENALTY = 1e-4
"""A win is worth so much less per move until it; the sum over the longest game stays below 1."""
MAX_DEPTH = 100
"""Most moves that are searched ahead: Python limits the depth of recursion."""


class TooManyPositionsError(Exception):
    """Error of an exhaustive search that visits more positions, or looks further ahead, than allowed.

    Example:
        ```python
        raise TooManyPositionsError("more than 500,000 positions")
        ```
    """


class Solver:
    """Computes the result of perfect play by visiting all positions (negamax with a table of positions).

    OpenSpiel's own solvers are in Python, too, and return no number of moves.

    Args:
        game: The game.
        max_positions: Largest number of positions that all calls visit together, which bounds time and memory.

    Example:
        ```python
        Solver(BoardGame.parse("tic_tac_toe")).value(state)  # 0.0: a draw
        ```
    """

    def __init__(self, game: BoardGame, max_positions: int = 500_000) -> None:
        self._game, self._max_positions = game, max_positions
        self._values: dict[bytes, float] = {}
        self._visited = 0

    def value(self, state: "pyspiel.State") -> float:
        """Return the value of a position for the player to move.

        Args:
            state: A position that is not terminal.

        Returns:
            Positive for a win, larger the quicker it is; 0 for a draw; negative for a loss, larger the slower it is.

        Raises:
            TooManyPositionsError: If too many positions would be visited.
        """
        return max(self.action_values(state).values())

    def action_values(self, state: "pyspiel.State") -> dict[int, float]:
        """Return the value of each move for the player to move.

        Args:
            state: A position that is not terminal.

        Returns:
            Values by action, as of `value`.

        Raises:
            TooManyPositionsError: If too many positions would be visited.
        """
        return self._action_values(state, 1)

    def _action_values(self, state: "pyspiel.State", depth: int) -> dict[int, float]:
        player = state.current_player()
        return {action: self._value_after(state.child(action), player, depth) for action in state.legal_actions()}

    def _value_after(self, state: "pyspiel.State", player: int, depth: int) -> float:
        """Return the value of a position for a player, one move earlier."""
        if depth > MAX_DEPTH:
            raise TooManyPositionsError(f"more than {MAX_DEPTH} moves until the end of the game")
        self._visited += 1
        if self._visited > self._max_positions:
            raise TooManyPositionsError(f"more than {self._max_positions:,} positions")
        value = self._game.result(state, player) if state.is_terminal() else self._inner_value(state, player, depth)
        return value - PLY_PENALTY if value > 0 else value + PLY_PENALTY if value < 0 else 0.0

    def _inner_value(self, state: "pyspiel.State", player: int, depth: int) -> float:
        key = self._game.observe([state])[0].tobytes()
        if key not in self._values:
            self._values[key] = max(self._action_values(state, depth + 1).values())
        value = self._values[key]
        return value if state.current_player() == player else -value
