"""A game between a person and the network."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plexus_games.board.analysis_request import SIMULATIONS
from plexus_games.board.board_grid import BoardGrid, Place
from plexus_games.board.board_layout import LAYOUTS
from plexus_games.board.codec import BoardCodec
from plexus_games.board.evaluator import network_evaluator
from plexus_games.board.position_prediction import PositionPrediction
from plexus_games.board.puct_search import PuctSearch

if TYPE_CHECKING:
    import pyspiel

    from plexus import Predictor


class GameSession:
    """A game that is played move by move, with a search that continues from one position to the next.

    Args:
        predictor: The network.
        codec: The codec.
        simulations: Simulations per position; 0: the network alone.
        seconds: Seconds per position, instead of simulations.
        moves: Moves from the start of the game.

    Raises:
        InputError: If a move is not legal.

    Example:
        ```python
        session = GameSession(bundle.predictor, bundle.codec, simulations=400)
        session.play("x3")
        session.play(session.search().move)
        ```
    """

    def __init__(
        self,
        predictor: "Predictor",
        codec: BoardCodec,
        simulations: int = SIMULATIONS,
        seconds: float | None = None,
        moves: Sequence[str | int] = (),
    ) -> None:
        self._evaluator, self._codec = network_evaluator(predictor), codec
        self.simulations, self.seconds = simulations, seconds
        self._search: PuctSearch | None = None
        self._start(codec.game.state_after(moves))

    @property
    def is_over(self) -> bool:
        """Whether the game is over."""
        return bool(self._state.is_terminal())

    @property
    def player(self) -> int:
        """The player to move: 0 for the one who moved first, else 1; -1 when the game is over."""
        return -1 if self.is_over else int(self._state.current_player() != self._codec.game.first_player)

    @property
    def points(self) -> float | None:
        """Points of the player who moved first: 1 for a win, one half for a draw; None while the game is not over."""
        game = self._codec.game
        return game.points(self._state, game.first_player) if self.is_over else None

    @property
    def board(self) -> str:
        """The position as text."""
        return str(self._state).rstrip("\n")

    @property
    def grid(self) -> BoardGrid | None:
        """The position as rows of cells; None for games whose board has no such form, which have `board`."""
        layout = LAYOUTS.get(self._codec.game.name.name)
        return None if layout is None else layout.grid(self._codec.game, self._state)

    @property
    def actions(self) -> list[int]:
        """The actions so far."""
        return [int(action) for action in self._state.history()]

    @property
    def moves(self) -> list[str]:
        """The moves so far, in OpenSpiel's notation."""
        state, names = self._codec.game.new_state(), []
        for action in self.actions:
            names.append(self._codec.game.move_name(state, action))
            state.apply_action(action)
        return names

    @property
    def legal_moves(self) -> list[str]:
        """The legal moves, in OpenSpiel's notation."""
        return [self._codec.game.move_name(self._state, action) for action in self._state.legal_actions()]

    def play(self, move: str | int) -> str:
        """Play a move.

        Args:
            move: The move in OpenSpiel's notation, or the number of the action.

        Returns:
            The move in OpenSpiel's notation.

        Raises:
            InputError: If the move is not legal.
        """
        game = self._codec.game
        action = game.parse_move(self._state, move)
        name = game.move_name(self._state, action)
        self._state.apply_action(action)
        if self.is_over:
            self._search = None
        elif self._search is not None:
            self._search.advance(action)
        return name

    def search(self) -> PositionPrediction:
        """Search the position.

        Returns:
            The best move and all others.

        Raises:
            InputError: If the game is over.
        """
        if self._search is None:
            self._search = PuctSearch(self._codec.game, self._evaluator, self._state, self._codec.discount)
        return self._search.run(self.simulations, self.seconds)

    def places(self, moves: Sequence[str | int]) -> list[Place | None]:
        """Return the cells of moves that follow the position, such as the principal variation of a search.

        Args:
            moves: The moves.

        Returns:
            One cell of `grid` per move; None for a pass, and in games whose board has no cells.

        Raises:
            InputError: If a move is not legal.
        """
        layout = LAYOUTS.get(self._codec.game.name.name)
        return [None] * len(moves) if layout is None else layout.places(self._codec.game, self._state, moves)

    def undo(self, count: int = 1) -> None:
        """Take back moves.

        Args:
            count: Number of moves; at most those so far are taken back.
        """
        self._start(self._codec.game.state_after(self.actions[: max(len(self.actions) - count, 0)]))

    def _start(self, state: "pyspiel.State") -> None:
        self._state, self._search = state, None
