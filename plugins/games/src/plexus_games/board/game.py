"""The rules of a board game, by OpenSpiel."""

import math
import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from plexus import InputError
from plexus.utils.boundary import message_of
from plexus_games.board.game_checks import check_name, check_rules, check_start
from plexus_games.board.game_files import SEPARATORS, parse_moves, shortened
from plexus_games.board.game_name import GameName
from plexus_games.board.move_reader import MoveReader

if TYPE_CHECKING:
    import pyspiel

PLAYER = re.compile(r"^(?:[xo](?=[\d(])|[bw] |p[12](?=\())")
"""The player at the start of a move: of `x3`, `o(1,1)`, `b d4` or `p1(h,0,0)`."""
MAX_NAMES = 40


class BoardGame:
    """The rules of a deterministic zero-sum game of two players with perfect information, who move in turn.

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
            check_start(name, rules)
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
            moves: Moves in OpenSpiel's notation, or numbers of actions; or a text with moves.

        Returns:
            The state.

        Raises:
            InputError: If a move is not legal; the line has its number and the legal moves.
        """
        if not isinstance(moves, Sequence) or isinstance(moves, bytes):
            raise InputError(f"expected a list of moves of {self.name}, got {type(moves).__name__}")
        return MoveReader(self).play(parse_moves(moves) if isinstance(moves, str) else moves)

    def parse_move(self, state: "pyspiel.State", move: str | int) -> int:
        """Return the action of a move.

        Args:
            state: The position.
            move: The move in OpenSpiel's notation, in any case and with or without the player, or the number of the
                action.

        Returns:
            The action.

        Raises:
            InputError: If the game is over, or the move is not legal.
        """
        text = str(move).strip()
        if state.is_terminal():
            raise InputError(f"got {shortened(repr(move))}, but the game is over after {state.move_number()} moves")
        names: dict[str, int] = {self.move_name(state, action): action for action in state.legal_actions()}
        if text in names and isinstance(move, str):
            return names[text]
        spellings = (
            self.spellings(state) if isinstance(move, str) else {str(action): action for action in names.values()}
        )
        action = spellings.get(text.lower(), spellings.get(_joined(text.lower())))
        if action is None:
            raise InputError(f"{shortened(text)!r} is not legal; the legal moves are {_listed(list(names))}")
        return action

    def spellings(self, state: "pyspiel.State") -> dict[str, int]:
        """Return the legal actions by all texts that stand for them.

        Args:
            state: A position that is not terminal.

        Returns:
            Actions by lower-case text, in which words are separated by single spaces: numbers, moves with the player
            and moves without.
        """
        actions = state.legal_actions()
        names = {self.move_name(state, action): action for action in actions}
        spellings = {str(action): action for action in actions}
        spellings |= {_joined(name.lower()): action for name, action in names.items()}
        return spellings | {_joined(self.without_player(name).lower()): action for name, action in names.items()}

    def without_player(self, name: str) -> str:
        """Return a move without the player, with whom the moves of some games start.

        Args:
            name: The move in OpenSpiel's notation, such as `x3`.

        Returns:
            The move, such as `3`; the same move in games whose moves do not start with the player: `x3` is a cell of
            large boards of Hex.
        """
        match = PLAYER.match(name.lower()) if self._names_players else None
        return name[match.end() :] if match else name

    @cached_property
    def _names_players(self) -> bool:
        state = self.new_state()
        return all(PLAYER.match(self.move_name(state, action).lower()) for action in state.legal_actions())

    def move_name(self, state: "pyspiel.State", action: int) -> str:
        """Return a move in OpenSpiel's notation.

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

    def points(self, state: "pyspiel.State", player: int) -> float:
        """Return the points of a game that is over.

        Args:
            state: A terminal position.
            player: The player.

        Returns:
            1 for a win, one half for a draw, 0 for a loss; between them where a game has wins of different size.
        """
        return (self.result(state, player) + 1) / 2

    def observe(self, states: "Sequence[pyspiel.State]") -> np.ndarray:
        """Encode positions as the network's input.

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


def _joined(text: str) -> str:
    """Return the words of a text, separated by single spaces."""
    return " ".join(filter(None, SEPARATORS.split(text)))


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more
