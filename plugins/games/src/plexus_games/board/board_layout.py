"""Boards of the games whose positions can be drawn."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plexus_games.board.board_grid import BoardGrid, BoardKind, Place
from plexus_games.board.game import BoardGame

if TYPE_CHECKING:
    import pyspiel

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
MARKS, COLORS = ("x", "o"), ("Black", "White")
Rows = list[list[int | None]]


@dataclass(frozen=True)
class BoardLayout:
    """How a game writes its board as text, and numbers its moves.

    OpenSpiel has no common form of boards: their text is the only one that all of these games have.

    Args:
        kind: How the board looks.
        line: A line of the text that is a row of the board; its group holds the cells, with or without spaces.
        stones: Letters of the stones of each player.
        players: Names of the players' stones.
        win_parameter: Parameter with the number of stones in a row that wins; empty if the game has none.
        win_length: Its default; 0 in games that are won otherwise.

    Example:
        ```python
        LAYOUTS["connect_four"].grid(game, state).rows
        ```
    """

    kind: BoardKind
    line: re.Pattern[str]
    stones: tuple[str, str] = ("x", "o")
    players: tuple[str, str] = MARKS
    win_parameter: str = ""
    win_length: int = 0

    def grid(self, game: BoardGame, state: "pyspiel.State") -> BoardGrid:
        """Return the board of a position.

        Args:
            game: The game.
            state: The position.

        Returns:
            The board.
        """
        rows = self._rows(state)
        history, actions = state.history(), [] if state.is_terminal() else state.legal_actions()
        places = {game.move_name(state, action): self.place(rows, action) for action in actions}
        length = int(game.name.parameters.get(self.win_parameter, self.win_length))
        return BoardGrid(
            kind=self.kind,
            rows=rows,
            column_names=self._column_names(len(rows[0])),
            row_names=self._row_names(len(rows)),
            players=self.players,
            moves={move: place for move, place in places.items() if place is not None},
            last=self._last_place(rows, history[-1]) if history else None,
            win=_row_of_stones(rows, length) if length and state.is_terminal() else (),
        )

    def places(self, game: BoardGame, state: "pyspiel.State", moves: Sequence[str | int]) -> list[Place | None]:
        """Return the cells of moves that follow each other.

        Args:
            game: The game.
            state: The position before the first move.
            moves: The moves.

        Returns:
            One cell per move; None for a pass.
        """
        state, places = state.clone(), []
        for move in moves:
            action = game.parse_move(state, move)
            places.append(self.place(self._rows(state), action))
            state.apply_action(action)
        return places

    def place(self, rows: Rows, action: int) -> Place | None:
        """Return the cell of an action.

        Args:
            rows: The board before the action.
            action: The action.

        Returns:
            The cell, in `columns` that to which the stone falls; None for a pass.
        """
        if self.kind == "columns":
            empty = [row for row, cells in enumerate(rows) if cells[action] is None]
            return (empty[-1], action) if empty else None
        row, column = divmod(action, len(rows[0]))
        if row >= len(rows):
            return None
        return (len(rows) - 1 - row if self.kind == "points" else row), column  # Go numbers its rows from below

    def _last_place(self, rows: Rows, action: int) -> Place | None:
        if self.kind != "columns":
            return self.place(rows, action)
        return next((row, action) for row, cells in enumerate(rows) if cells[action] is not None)

    def _rows(self, state: "pyspiel.State") -> Rows:
        first, second = self.stones
        matches = [self.line.fullmatch(line) for line in str(state).splitlines()]
        texts = [match[1].replace(" ", "") for match in matches if match is not None]
        return [[0 if cell in first else 1 if cell in second else None for cell in text] for text in texts]

    def _column_names(self, count: int) -> list[str]:
        if self.kind == "columns":
            return [str(number + 1) for number in range(count)]
        letters = LETTERS.replace("i", "") if self.kind == "points" else LETTERS  # Go leaves out the letter i
        return [
            letters[number]
            if number < len(letters)
            else letters[number // len(letters) - 1] + letters[number % len(letters)]
            for number in range(count)
        ]

    def _row_names(self, count: int) -> list[str]:
        numbers = [str(number + 1) for number in range(count)]
        return numbers[::-1] if self.kind == "points" else numbers


LAYOUTS = {
    "tic_tac_toe": BoardLayout("squares", re.compile(r"([.xo]+)"), win_length=3),
    "mnk": BoardLayout("squares", re.compile(r"([.xo]+)"), win_parameter="k", win_length=5),
    "connect_four": BoardLayout("columns", re.compile(r"([.xo]+)"), win_parameter="x_in_row", win_length=4),
    "hex": BoardLayout("hexagons", re.compile(r" *((?:[.xyzXopqO] )+)"), ("xyzX", "opqO")),
    "go": BoardLayout("points", re.compile(r" *\d+ ([+XO]+)"), ("X", "O"), COLORS),
    "othello": BoardLayout("discs", re.compile(r"\d ((?:[-xo] )+)\d"), players=COLORS),
}
"""Layouts by the name of a game."""


def _row_of_stones(rows: Rows, length: int) -> list[Place]:
    """Return the cells of so many stones of one player in a row; none if there is no such row."""
    height, width = len(rows), len(rows[0])
    for row in range(height):
        for column in range(width):
            for down, right in DIRECTIONS:
                places = [(row + down * step, column + right * step) for step in range(length)]
                if not (0 <= places[-1][0] < height and 0 <= places[-1][1] < width) or rows[row][column] is None:
                    continue
                if len({rows[y][x] for y, x in places}) == 1:
                    return places
    return []
