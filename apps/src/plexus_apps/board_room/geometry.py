"""Places of cells in the drawing of a board."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

from plexus_apps.board_room.board_task import Grid, Place

CELL, EDGE = 60, 8
"""Size of a cell and of the margin without names, in units of the drawing."""
WIDTH, LARGE_WIDTH, LARGE = 460, 620, 9
"""Width of the drawing on the page in pixels at most, that of one with many columns, and how many these are."""
FONT = 1 / 24
"""Size of names, as a fraction of the width of the board: 12 pixels on a phone."""
HEXAGON = CELL / sqrt(3)
"""From the center of a hexagon to its corners: hexagons are as wide as cells."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Geometry:
    """The drawing of a board of some size.

    Args:
        kind: How the board looks.
        rows: Number of rows.
        columns: Number of columns.

    Example:
        ```python
        Geometry("squares", 3, 3).center((0, 0))  # x and y of the upper left cell
        ```
    """

    kind: str
    rows: int
    columns: int

    @classmethod
    def of_grid(cls, grid: Grid) -> "Geometry":
        """Return the geometry of a board.

        Args:
            grid: The board.

        Returns:
            The geometry.
        """
        return cls(grid.kind, len(grid.rows), len(grid.rows[0]))

    @property
    def is_hexagonal(self) -> bool:
        """Whether cells are hexagons."""
        return self.kind == "hexagons"

    @property
    def page_width(self) -> int:
        """Width of the drawing on the page in pixels, at most."""
        return LARGE_WIDTH if self.columns > LARGE else WIDTH

    @property
    def font_size(self) -> float:
        """Size of the names of columns and rows."""
        return FONT * self._board_width

    @property
    def margin(self) -> float:
        """Margin with the names, at the left and below; of hexagons also above."""
        return EDGE + 1.6 * self.font_size

    @property
    def top(self) -> float:
        """Margin above the cells."""
        return self.margin if self.is_hexagonal else EDGE

    @property
    def size(self) -> Point:
        """Width and height of the drawing."""
        height = HEXAGON * (1.5 * self.rows + 0.5) + EDGE if self.is_hexagonal else self.rows * CELL + self.margin
        return self.margin + self._board_width + EDGE, self.top + height

    @property
    def _board_width(self) -> float:
        return (self.columns + (self.rows - 1) / 2 * self.is_hexagonal) * CELL

    def center(self, place: Place) -> Point:
        """Return the center of a cell.

        Args:
            place: Row and column.

        Returns:
            x and y.
        """
        row, column = place
        if self.is_hexagonal:
            return self.margin + (column + row / 2 + 0.5) * CELL, self.top + HEXAGON * (1.5 * row + 1)
        return self.margin + (column + 0.5) * CELL, self.top + (row + 0.5) * CELL

    def outline(self, place: Place, scale: float = 1.0) -> str:
        """Return the outline of a cell as the points of a polygon.

        Args:
            place: Row and column.
            scale: Size of the outline; 1: the cell.

        Returns:
            The attribute `points`.
        """
        return points_text(self.corners(place, scale))

    def corners(self, place: Place, scale: float = 1.0) -> list[Point]:
        """Return the corners of a cell, the first one to the upper right of the center for hexagons.

        Args:
            place: Row and column.
            scale: Distance of the corners from the center; 1: the cell.

        Returns:
            The points, clockwise.
        """
        x, y = self.center(place)
        if self.is_hexagonal:
            angles = [pi * (side - 0.5) / 3 for side in range(6)]
            return [(x + scale * HEXAGON * cos(angle), y + scale * HEXAGON * sin(angle)) for angle in angles]
        half = scale * CELL / 2
        return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]

    def edges(self) -> tuple[list[list[Point]], list[list[Point]]]:
        """Return the edges of a board of hexagons that each player connects.

        Returns:
            The upper and the lower edge, and the left and the right one, as lines.
        """
        # Corners of a hexagon: 0 upper right, 1 lower right, 2 bottom, 3 lower left, 4 upper left, 5 top.
        last_row, last_column = self.rows - 1, self.columns - 1
        top = [self.corners((0, column))[side] for column in range(self.columns) for side in (4, 5, 0)]
        bottom = [self.corners((last_row, column))[side] for column in range(self.columns) for side in (3, 2, 1)]
        left = [self.corners((row, 0))[side] for row in range(self.rows) for side in (4, 3, 2)]
        right = [self.corners((row, last_column))[side] for row in range(self.rows) for side in (5, 0, 1)]
        return [top, bottom], [left[:-1], right[1:]]


def points_text(points: Sequence[Point]) -> str:
    """Return points as an attribute of a polygon or a line.

    Args:
        points: The points.

    Returns:
        The attribute.
    """
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
