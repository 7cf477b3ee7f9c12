"""The board as SVG, whose playable cells are buttons."""

from html import escape

from plexus_apps.board_room.board_task import Grid, Place
from plexus_apps.board_room.game import Game, place_label
from plexus_apps.board_room.geometry import CELL, Geometry, points_text

STONE = 0.4 * CELL
"""Radius of a stone."""
STARS = {9: (2, 4, 6), 13: (3, 6, 9), 19: (3, 9, 15)}
"""Rows and columns of the dots on boards of Go."""


def draw_board(game: Game, grid: Grid, is_open: bool) -> str:
    """Draw the board.

    Args:
        game: The game.
        grid: Its board.
        is_open: Whether the person can play on it; Plexus is searching else.

    Returns:
        An `<svg>` element. A cell that can be played is a button with its name; all have their place in `data-place`.
    """
    geometry = Geometry.of_grid(grid)
    width, height = geometry.size
    playable = set(grid.moves.values()) if is_open and game.is_person_to_move else set()
    parts = [_background(geometry, game.side)]
    if grid.kind == "columns":
        parts += [_hole(game, grid, geometry, place) for place in _places(geometry)]
        parts += [_column(game, grid, geometry, column, playable) for column in range(geometry.columns)]
    else:
        parts += [_cell(game, grid, geometry, place, playable) for place in _places(geometry)]
    parts += [_names(grid, geometry), _marks(game, grid, geometry, is_open)]
    return (
        f'<svg class="board-svg board-{grid.kind}" viewBox="0 0 {width:.0f} {height:.0f}" role="group" '
        f'aria-label="Board" style="max-width:{geometry.page_width}px">{"".join(parts)}</svg>'
    )


def _places(geometry: Geometry) -> list[Place]:
    return [(row, column) for row in range(geometry.rows) for column in range(geometry.columns)]


def _background(geometry: Geometry, side: int) -> str:
    """Draw what is below the cells: the panel, the lines of a board of Go, the edges of a board of Hex."""
    rows, columns = geometry.rows, geometry.columns
    if geometry.is_hexagonal:
        sides = zip((0, 1), geometry.edges(), strict=True)
        return "".join(
            f'<polyline class="board-edge board-{_owner(player, side)}" points="{points_text(edge)}"/>'
            for player, edges in sides
            for edge in edges
        )
    width, height = columns * CELL, rows * CELL
    panel = (
        f'<rect class="board-panel" x="{geometry.margin:.1f}" y="{geometry.top}" width="{width}" height="{height}"/>'
    )
    if geometry.kind != "points":
        return panel
    (left, top), (right, bottom) = geometry.center((0, 0)), geometry.center((rows - 1, columns - 1))
    lines = [f"M{left} {top + row * CELL}H{right}" for row in range(rows)]
    lines += [f"M{left + column * CELL} {top}V{bottom}" for column in range(columns)]
    stars = STARS.get(rows, ()) if rows == columns else ()
    dots = [geometry.center((row, column)) for row in stars for column in stars]
    circles = "".join(f'<circle class="board-star" cx="{x}" cy="{y}" r="5"/>' for x, y in dots)
    return f'{panel}<path class="board-lines" d="{"".join(lines)}"/>{circles}'


def _cell(game: Game, grid: Grid, geometry: Geometry, place: Place, playable: set[Place]) -> str:
    """Draw a cell with its stone, or with that which a move would put there."""
    player = grid.rows[place[0]][place[1]]
    shape = f'<polygon class="board-shape" points="{geometry.outline(place)}"/>'
    label = place_label(grid, place)
    if place in playable:
        ghost = f'<g class="board-ghost">{_stone(game, grid, geometry, place, game.side)}</g>'
        stone = "" if player is None else _stone(game, grid, geometry, place, player)
        if grid.kind == "discs":  # most of the empty cells are not legal
            x, y = geometry.center(place)
            stone = f'<circle class="board-legal" cx="{x:.1f}" cy="{y:.1f}" r="7"/>'
        return f"<g {_button(place, label)}>{shape}{stone}{ghost}</g>"
    name = "" if player is None else f' role="img" aria-label="{escape(f"{label}: {grid.players[player]}")}"'
    stone = "" if player is None else _stone(game, grid, geometry, place, player)
    return f'<g class="board-cell" data-place="{place[0]},{place[1]}"{name}>{shape}{stone}</g>'


def _hole(game: Game, grid: Grid, geometry: Geometry, place: Place) -> str:
    """Draw a cell of a column, empty or with a stone."""
    x, y = geometry.center(place)
    player = grid.rows[place[0]][place[1]]
    stone = "" if player is None else _stone(game, grid, geometry, place, player)
    return f'<circle class="board-hole" cx="{x:.1f}" cy="{y:.1f}" r="{STONE:.1f}"/>{stone}'


def _column(game: Game, grid: Grid, geometry: Geometry, column: int, playable: set[Place]) -> str:
    """Draw a whole column as a button."""
    x, _ = geometry.center((0, column))
    shape = (
        f'<rect class="board-shape" x="{x - CELL / 2:.1f}" y="{geometry.top}" width="{CELL}" '
        f'height="{geometry.rows * CELL}"/>'
    )
    place = next((each for each in playable if each[1] == column), None)
    if place is None:
        return f'<g class="board-cell" data-place="0,{column}">{shape}</g>'
    ghost = f'<g class="board-ghost">{_stone(game, grid, geometry, place, game.side)}</g>'
    return f"<g {_button(place, place_label(grid, place))}>{shape}{ghost}</g>"


def _button(place: Place, label: str) -> str:
    return (
        f'class="board-cell board-playable" data-place="{place[0]},{place[1]}" role="button" tabindex="0" '
        f'aria-label="{escape(label)}"'
    )


def _stone(game: Game, grid: Grid, geometry: Geometry, place: Place, player: int) -> str:
    """Draw a stone: a mark, a disc in black or white, or a disc in the color of its owner; that of o has a ring."""
    x, y = geometry.center(place)
    owner = _owner(player, game.side)
    if grid.kind == "squares":
        arm = 0.26 * CELL
        cross = (
            f"M{x - arm:.1f} {y - arm:.1f}l{2 * arm:.1f} {2 * arm:.1f}m0 {-2 * arm:.1f}l{-2 * arm:.1f} {2 * arm:.1f}"
        )
        circle = f'<circle class="board-mark board-{owner}" cx="{x:.1f}" cy="{y:.1f}" r="{1.1 * arm:.1f}"/>'
        return f'<path class="board-mark board-{owner}" d="{cross}"/>' if player == 0 else circle
    color = owner if grid.kind in {"columns", "hexagons"} else ("black", "white")[player]
    radius = 0.36 * CELL if geometry.is_hexagonal else STONE
    stone = f'<circle class="board-stone board-{color}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
    if player == 0 or color == "white":
        return stone
    return f'{stone}<circle class="board-ring" cx="{x:.1f}" cy="{y:.1f}" r="{0.6 * radius:.1f}"/>'


def _marks(game: Game, grid: Grid, geometry: Geometry, is_open: bool) -> str:
    """Draw the row that wins, the last move, and a hint."""
    parts = []
    if grid.last is not None:
        x, y = geometry.center(grid.last)
        if grid.kind == "squares":
            parts.append(f'<polygon class="board-last" points="{geometry.outline(grid.last, 0.92)}"/>')
        else:
            parts.append(f'<circle class="board-dot" cx="{x:.1f}" cy="{y:.1f}" r="6"/>')
    if grid.win:
        line = [geometry.center(place) for place in grid.win]
        parts.append(f'<polyline class="board-win" points="{points_text(line)}"/>')
    search = game.search
    if is_open and search is not None and search.is_hint and search.place is not None:
        x, y = geometry.center(search.place)
        parts.append(f'<circle class="board-hint" cx="{x:.1f}" cy="{y:.1f}" r="{0.42 * CELL:.1f}"/>')
    return "".join(parts)


def _names(grid: Grid, geometry: Geometry) -> str:
    """Draw the names of columns and rows in the margin."""
    size, texts = geometry.font_size, []
    for column, name in enumerate(grid.column_names):
        if geometry.is_hexagonal:  # above, where the rows do not move to the right
            x, y = geometry.center((0, column))
            texts.append((x - 0.25 * CELL, geometry.top - 0.5 * size, name))
        else:
            x, y = geometry.center((geometry.rows - 1, column))
            texts.append((x, y + CELL / 2 + 1.3 * size, name))
    if grid.kind != "columns":
        for row, name in enumerate(grid.row_names):
            x, y = geometry.center((row, 0))
            texts.append((x - CELL / 2 - 0.9 * size, y + 0.35 * size, name))
    style = f'class="board-name" font-size="{size:.1f}" aria-hidden="true"'
    return "".join(f'<text {style} x="{x:.1f}" y="{y:.1f}">{escape(name)}</text>' for x, y, name in texts)


def _owner(player: int, side: int) -> str:
    return "person" if player == side else "plexus"
