"""A game between a person and the search of a bundle."""

import re
from collections.abc import Iterable
from threading import RLock

from plexus import Bundle, InputError
from plexus_apps.board_room.board_task import BoardTask, Grid, Place
from plexus_apps.board_room.estimate import Estimate
from plexus_apps.board_room.search_view import SearchView

OVER = "The game is over: start a new one, or take back a move."
CHANGED = "The position has changed since you chose: choose again."
NOTHING_TO_UNDO = "There is no move of yours to take back."
PLAYERS = ("first player", "second player")
COLOR = re.compile(r"^[BW] ")
MISTAKE = 0.15
"""A move is a mistake if it loses so many of the expected points, as in the analysis of games by the task."""
MAX_NAMES = 8


class Game:
    """A game of a person against the search of a bundle.

    Threads hold the `lock` while they change or show a game.

    Args:
        bundle: The bundle.
        side: The person moves first (0) or second (1).
        simulations: Simulations per move of Plexus; 0: the network alone.
        moves: Moves of both sides from the start of the game.

    Attributes:
        side: Number of the player that the person is, 0 or 1; in some games, such as chess, number 1 moves first.
        search: The last search.
        estimates: Estimates by the number of moves that were played.
        lock: Lock of the game.
        is_closed: Whether another game has replaced this one.

    Raises:
        InputError: If the task of the bundle has no board games, or a move is not legal.

    Example:
        ```python
        game = Game(plexus.load("games.board/tic_tac_toe"), side=0, simulations=200)
        game.play_place((1, 1))
        game.play_reply()
        ```
    """

    def __init__(self, bundle: Bundle, side: int, simulations: int, moves: Iterable[str] = ()) -> None:
        if not isinstance(bundle.task, BoardTask):
            raise InputError(f"{bundle.task.id} has no board games to play")
        self._session = bundle.task.start_session(bundle.predictor, bundle.codec, simulations)
        self._players: list[int] = []
        self.side = side
        self.lock, self.is_closed = RLock(), False
        self.search: SearchView | None = None
        self.estimates: dict[int, Estimate] = {}
        for move in moves:
            self._play(move)

    @property
    def grid(self) -> Grid | None:
        """The board as rows of cells; None for games with another board."""
        return self._session.grid

    @property
    def board(self) -> str:
        """The board as text."""
        return self._session.board

    @property
    def moves(self) -> list[str]:
        """The moves so far, in OpenSpiel's notation."""
        return list(self._session.moves)

    @property
    def number(self) -> int:
        """Number of moves so far."""
        return len(self._players)

    @property
    def is_over(self) -> bool:
        """Whether the game is over."""
        return self._session.is_over

    @property
    def is_person_to_move(self) -> bool:
        """Whether it is the person's turn."""
        return not self.is_over and self._session.player == self.side

    @property
    def result(self) -> float | None:
        """Points of the person: 1 for a win, one half for a draw; None while the game is not over."""
        points = self._session.points
        return points if points is None or self.side == 0 else 1 - points

    @property
    def players(self) -> tuple[str, str]:
        """Names of the players."""
        grid = self.grid
        return PLAYERS if grid is None else grid.players

    @property
    def other_moves(self) -> list[str]:
        """Legal moves that have no cell on the board, such as a pass; all of a game with another board."""
        grid = self.grid
        return [move for move in self._session.legal_moves if grid is None or move not in grid.moves]

    @property
    def mistakes(self) -> list[int]:
        """Numbers of the person's moves, counted from 1, that lost expected points."""
        numbers = []
        for number, player in enumerate(self._players, start=1):
            before, after = self.estimates.get(number - 1), self.estimates.get(number)
            if player == self.side and before and after and before.points - after.points >= MISTAKE:
                numbers.append(number)
        return numbers

    def set_simulations(self, simulations: int) -> None:
        """Change the strength of the next searches.

        Args:
            simulations: Simulations per move; 0: the network alone.
        """
        self._session.simulations = simulations
        self._session.undo(0)  # without the tree so far, which a weaker search would profit from

    def play_place(self, place: Place) -> None:
        """Play the person's move on a cell.

        Args:
            place: Row and column; in games of columns any cell of the column.

        Raises:
            InputError: If the move is not legal, the game is over, or it is not the person's turn.
        """
        grid = self.grid
        self._check_turn()
        if grid is None or not (0 <= place[0] < len(grid.rows) and 0 <= place[1] < len(grid.rows[0])):
            raise InputError("There is no such cell on the board: choose another one.")
        for move, cell in grid.moves.items():
            if cell == place or (grid.kind == "columns" and cell[1] == place[1]):
                self.play(move)
                return
        raise InputError(_illegal(grid, place))

    def play(self, move: str) -> None:
        """Play the person's move.

        Args:
            move: The move in OpenSpiel's notation.

        Raises:
            InputError: If the move is not legal, the game is over, or it is not the person's turn.
        """
        self._check_turn()
        self._play(move)

    def play_reply(self) -> None:
        """Search and play the move of Plexus; again if the person then has no turn."""
        while not self.is_over and not self.is_person_to_move:
            estimate = self._search(is_hint=False)
            self._play(self._best_move)
            self.estimates.setdefault(self.number, estimate)

    def hint(self) -> None:
        """Search the person's position.

        Raises:
            InputError: If the game is over, or it is not the person's turn.
        """
        self._check_turn()
        self._search(is_hint=True)

    def undo(self) -> None:
        """Take back the last move of the person and what followed it.

        Raises:
            InputError: If the person has made no move.
        """
        if self.side not in self._players:
            raise InputError(NOTHING_TO_UNDO)
        number = max(index for index, player in enumerate(self._players) if player == self.side)
        self._session.undo(self.number - number)
        self._players = self._players[:number]
        self.estimates = {place: estimate for place, estimate in self.estimates.items() if place <= number}
        self.search = None

    def label(self, move: str, place: Place | None) -> str:
        """Return the name of a move on the page.

        Args:
            move: The move in OpenSpiel's notation.
            place: Its cell; None if it has none.

        Returns:
            The name: that of the column or cell, or the move itself.
        """
        grid = self.grid
        return short_move(move) if grid is None or place is None else place_label(grid, place)

    def _check_turn(self) -> None:
        if self.is_over:
            raise InputError(OVER)
        if not self.is_person_to_move:
            raise InputError(CHANGED)

    def _play(self, move: str) -> None:
        player = self._session.player
        self._session.play(move)
        self._players.append(player)
        result = self.result
        if result is not None:
            self.estimates[self.number] = Estimate(float(result > 0.5), float(result == 0.5))

    @property
    def _best_move(self) -> str:
        if self.search is None:
            raise ValueError("the position is not searched")
        return self.search.prediction.move

    def _search(self, is_hint: bool) -> Estimate:
        prediction, grid = self._session.search(), self.grid
        places = {} if grid is None else grid.moves
        variation = prediction.principal_variation
        pairs = zip(variation, self._session.places(variation), strict=True)
        self.search = SearchView(
            number=self.number + 1,
            is_hint=is_hint,
            limit=self._session.simulations,
            prediction=prediction,
            labels=[self.label(each.move, places.get(each.move)) for each in prediction.moves],
            principal_variation=[self.label(move, place) for move, place in pairs],
            place=places.get(prediction.move),
        )
        estimate = Estimate.of_search(prediction, is_hint)
        self.estimates[self.number] = estimate
        return estimate


def short_move(move: str) -> str:
    """Return a move of Go without its color, as it can be passed to `plexus predict`; others as they are.

    Args:
        move: The move in OpenSpiel's notation.

    Returns:
        The move.
    """
    return COLOR.sub("", move)


def place_label(grid: Grid, place: Place) -> str:
    """Return the name of a cell, or of the column that is played as a whole.

    Args:
        grid: The board.
        place: Row and column.

    Returns:
        The name, like `c4` or `column 4`.
    """
    return ("column " if grid.kind == "columns" else "") + grid.place_name(place)


def _illegal(grid: Grid, place: Place) -> str:
    """Return why there is no move on a cell."""
    label = place_label(grid, place)
    if grid.kind == "columns":
        return f"{label} is full: choose another one."
    if grid.rows[place[0]][place[1]] is not None:
        return f"{label} is occupied: choose a free cell."
    names = [grid.place_name(cell) for cell in grid.moves.values()]
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    legal = f"the legal moves are {', '.join(names[:MAX_NAMES])}{more}" if names else "only a pass is legal"
    return f"{label} is not legal: {legal}."
