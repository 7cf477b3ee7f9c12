"""Interfaces that the app requires of a task: games that are played move by move, and their search."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from plexus import Codec, Predictor

Place = tuple[int, int]
"""Row and column of a cell, counted from 0; the first row is the upper one."""


class Grid(Protocol):
    """The board of a position as rows of cells."""

    @property
    def kind(self) -> str:
        """How the board looks: `squares`, `columns`, `points`, `discs` or `hexagons`."""

    @property
    def rows(self) -> Sequence[Sequence[int | None]]:
        """The player whose stone is on each cell, 0 or 1; None for an empty cell."""

    @property
    def column_names(self) -> Sequence[str]:
        """Name of each column."""

    @property
    def row_names(self) -> Sequence[str]:
        """Name of each row."""

    @property
    def players(self) -> tuple[str, str]:
        """Names of the players' stones."""

    @property
    def moves(self) -> Mapping[str, Place]:
        """Cells of the legal moves that put a stone on the board."""

    @property
    def last(self) -> Place | None:
        """Cell of the last move, if there is one."""

    @property
    def win(self) -> Sequence[Place]:
        """Cells of a row of stones that wins."""

    def place_name(self, place: Place) -> str:
        """Return the name of a cell.

        Args:
            place: Row and column.

        Returns:
            The name.
        """
        ...


class CandidateMove(Protocol):
    """A legal move with the statistics of a search.

    Attributes:
        move: The move in OpenSpiel's notation.
        visits: Simulations through it.
        prior: Probability by the network.
        win: Probability that the player to move wins after it.
        draw: Probability of a draw.
        is_proven: Whether the result is proven.
    """

    move: str
    visits: int
    prior: float
    win: float
    draw: float
    is_proven: bool


class PositionPrediction(Protocol):
    """The result of a search.

    Attributes:
        move: The best move.
        win: Probability that the player to move wins.
        draw: Probability of a draw.
        is_proven: Whether the result is proven.
        principal_variation: The best move and the expected replies.
        moves: All legal moves, best first.
        simulations: Simulations of the search; 0: the network alone.
    """

    move: str
    win: float
    draw: float
    is_proven: bool
    principal_variation: Sequence[str]
    moves: Sequence[CandidateMove]
    simulations: int


class BoardSession(Protocol):
    """A game that is played move by move; `Board.start_session` of the games plugin returns one.

    Attributes:
        simulations: Simulations per position; 0: the network alone.
    """

    simulations: int

    @property
    def grid(self) -> Grid | None:
        """The position as rows of cells, if the board has this form."""

    @property
    def board(self) -> str:
        """The position as text."""

    @property
    def moves(self) -> Sequence[str]:
        """The moves so far."""

    @property
    def legal_moves(self) -> Sequence[str]:
        """The legal moves."""

    @property
    def player(self) -> int:
        """The player to move, 0 or 1."""

    @property
    def is_over(self) -> bool:
        """Whether the game is over."""

    @property
    def points(self) -> float | None:
        """Points of the first player, from 0 to 1; None while the game is not over."""

    def play(self, move: str | int) -> str:
        """Play a move.

        Args:
            move: The move.

        Returns:
            The move in OpenSpiel's notation.

        Raises:
            InputError: If the move is not legal.
        """
        ...

    def search(self) -> PositionPrediction:
        """Search the position.

        Returns:
            The best move and all others.
        """
        ...

    def places(self, moves: Sequence[str | int]) -> Sequence[Place | None]:
        """Return the cells of moves that follow the position.

        Args:
            moves: The moves.

        Returns:
            One cell per move; None for a move without a cell.
        """
        ...

    def undo(self, count: int = 1) -> None:
        """Take back moves.

        Args:
            count: Number of moves.
        """
        ...


@runtime_checkable
class BoardTask(Protocol):
    """A task of board games; `games.board` is one."""

    def start_session(
        self, predictor: "Predictor", codec: "Codec", simulations: int, moves: Sequence[str | int] = ()
    ) -> BoardSession:
        """Start a game that is played move by move.

        Args:
            predictor: The network.
            codec: The codec.
            simulations: Simulations per move; 0: the network alone.
            moves: Moves from the start of the game.

        Returns:
            The game.
        """
        ...
