"""The board of a position, to be drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Place = tuple[int, int]
"""Row and column, counted from 0; the first row is the upper one."""
BoardKind = Literal["squares", "columns", "points", "discs", "hexagons"]


@dataclass(frozen=True)
class BoardGrid:
    """The board of a position as rows of cells.

    Args:
        kind: How the board looks: `squares` with the marks x and o, `columns` into which stones fall, `points` where
            lines cross, `discs` in squares, or `hexagons`, each row of which is half a cell to the right of that above.
        rows: The player whose stone is on each cell, 0 or 1; None for an empty cell.
        column_names: Name of each column.
        row_names: Name of each row.
        players: Names of the players' stones.
        moves: Cells of the legal moves that put a stone on the board, by the move in OpenSpiel's notation.
        last: Cell of the last move; None before the first one and after a pass.
        win: Cells of a row of stones that wins; empty in games that are won otherwise.

    Example:
        ```python
        grid = session.grid
        {move: grid.place_name(place) for move, place in grid.moves.items()}  # {"x3": "4", …}
        ```
    """

    kind: BoardKind
    rows: Sequence[Sequence[int | None]]
    column_names: Sequence[str]
    row_names: Sequence[str]
    players: tuple[str, str]
    moves: Mapping[str, Place] = field(default_factory=dict)
    last: Place | None = None
    win: Sequence[Place] = ()

    def place_name(self, place: Place) -> str:
        """Return the name of a cell.

        Args:
            place: Row and column.

        Returns:
            The name of the column for `columns`, else those of the column and the row, like `c4`.
        """
        row, column = place
        return self.column_names[column] + ("" if self.kind == "columns" else self.row_names[row])
