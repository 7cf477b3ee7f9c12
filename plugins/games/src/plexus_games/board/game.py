"""The rules of a board game, by OpenSpiel."""

import math
import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from plexus import InputError
from plexus.utils.boundary import message_of
from plexus_games.board.game_checks import check_name, check_rules
from plexus_games.board.game_files import parse_moves
from plexus_games.board.game_name import GameName

if TYPE_CHECKING:
    import pyspiel

PLAYER = re.compile(r"^(?:[xo](?=[\d(])|[bw] |p[12](?=\())")
"""The player at the start of a move: of `x3`, `o(1,1)`, `b d4` or `p1(h,0,0)`."""
MAX_NAMES = 40


class BoardGame:
    """The rules of a game of two players in turn, without chance and hidden information, whose outcomes sum to zero.

    The rules and the positions are those of OpenSpiel (Lanctot et al. 2019, arXiv:1908.09453).

    Args:
        name: Name and parameters.
        rules: The game of OpenSpiel.

    Attributes:
        name: Name and parameters.
        shape: Shape of an observation: planes, rows and columns, or one axis of numbers. The last plane or number is
            the player to move.
        actions: Number of different actions over all positions.
        max_plies: Largest number of moves in a game.

    Example:
        ```python
        game = BoardGame.parse("connect_four")
        state = game.state_after(["x3", "o3"])
        game.observe([state]).shape  # (1, 4, 6, 7)
        ```
    """

    def __init__(self, name: GameName, rules: "pyspiel.Game") -> None:
        self.name, self._rules = name, rules
        self.actions, self.max_plies = int(rules.num_distinct_actions()), int(rules.max_game_length())
        shape = rules.observation_tensor_shape()
        self._planes = tuple(shape) if len(shape) == 3 else (math.prod(shape),)
        self.shape = (self._planes[0] + 1, *self._planes[1:])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the game that a text names.

        Args:
            text: A name of OpenSpiel with its parameters, such as `hex(board_size=7)`.

        Returns:
            The game.

        Raises:
            InputError: If there is no such game, a parameter is wrong, or the game is of another kind.
        """
        import pyspiel

        name = GameName.parse(text)
        check_name(name)
        try:
            rules = pyspiel.load_game(str(name))
            check_rules(name, rules)
            return cls(name, rules)
        except (pyspiel.SpielError, ValueError, IndexError) as error:
            raise InputError(f"{name}: {message_of(error)}: choose other parameters") from error

    @property
    def rules(self) -> "pyspiel.Game":
        """The game of OpenSpiel."""
        return self._rules

    @property
    def has_planes(self) -> bool:
        """Whether an observation has planes, rows and columns."""
        return len(self.shape) == 3

    @cached_property
    def first_player(self) -> int:
        """Number of the player who moves first; in chess of OpenSpiel it is 1.

        Returns:
            0 or 1.
        """
        return int(self.new_state().current_player())

    def new_state(self) -> "pyspiel.State":
        """Return the position before the first move.

        Returns:
            The state.
        """
        return self._rules.new_initial_state()

    def state_after(self, moves: Sequence[str | int]) -> "pyspiel.State":
        """Return the position after some moves.

        Args:
            moves: Moves as the game writes them, or numbers of actions; or a text with moves.

        Returns:
            The state.

        Raises:
            InputError: If a move is not legal; the line has its number and the legal moves.
        """
        if not isinstance(moves, Sequence) or isinstance(moves, bytes):
            raise InputError(f"expected a list of moves of {self.name}, got {type(moves).__name__}")
        state = self.new_state()
        for number, move in enumerate(parse_moves(moves) if isinstance(moves, str) else moves, start=1):
            try:
                state.apply_action(self.parse_move(state, move))
            except InputError as error:
                raise InputError(f"move {number}: {error}") from error
        return state

    def parse_move(self, state: "pyspiel.State", move: str | int) -> int:
        """Return the action of a move.

        Args:
            state: The position.
            move: The move as the game writes it, in any case and with or without the player, or the number of the
                action.

        Returns:
            The action.

        Raises:
            InputError: If the game is over, or the move is not legal.
        """
        if state.is_terminal():
            raise InputError(f"got {move!r}, but the game is over after {state.move_number()} moves")
        names: dict[str, int] = {self.move_name(state, action): action for action in state.legal_actions()}
        text = str(move).strip()
        if text in names:
            return names[text]
        others = {str(action): action for action in names.values()}
        others |= {name.lower(): action for name, action in names.items()}
        others |= {PLAYER.sub("", name.lower()): action for name, action in names.items()}
        if text.lower() not in others:
            raise InputError(f"{text!r} is not legal; the legal moves are {_listed(list(names))}")
        return others[text.lower()]

    def move_name(self, state: "pyspiel.State", action: int) -> str:
        """Return a move as the game writes it.

        Args:
            state: The position before the move.
            action: The action.

        Returns:
            The text.
        """
        text: str = state.action_to_string(state.current_player(), action)
        return text

    def result(self, state: "pyspiel.State", player: int) -> float:
        """Return the result of a game that is over.

        Args:
            state: A terminal position.
            player: The player.

        Returns:
            1 for a win, 0 for a draw, -1 for a loss; less where a game has wins of different size.
        """
        return float(state.player_return(player) / self._rules.max_utility())

    def observe(self, states: "Sequence[pyspiel.State]") -> np.ndarray:
        """Return positions as the network sees them.

        Args:
            states: Positions that are not terminal.

        Returns:
            Observations of shape `(n, *shape)`, float32.
        """
        observations = np.empty((len(states), *self.shape), np.float32)
        for row, state in zip(observations, states, strict=True):
            self.observe_into(state, row)
        return observations

    def observe_into(self, state: "pyspiel.State", observation: np.ndarray) -> None:
        """Write the observation of a position into an array.

        Args:
            state: A position that is not terminal.
            observation: Array of the game's `shape`, whose content is replaced.
        """
        player = state.current_player()
        self._observer.set_from(state, player)
        observation[:-1] = self._observer.tensor.reshape(self._planes)
        observation[-1] = player

    @cached_property
    def _observer(self) -> Any:
        from open_spiel.python.observation import make_observation

        return make_observation(self._rules)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more
