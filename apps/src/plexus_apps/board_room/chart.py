"""The probabilities of the results along a game, as SVG in the colors of the page."""

from collections.abc import Mapping, Sequence

from plexus_apps.board_room.estimate import Estimate
from plexus_apps.board_room.geometry import Point, points_text

WIDTH, HEIGHT = 380, 170
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 8, 26
MIN_MOVES, TICKS = 8, 6
EMPTY = (
    '<div class="board-note">The graph starts with the first search: the probabilities that you win, draw or lose '
    "after each move.</div>"
)
LEGEND = (("board-area-win", "you win"), ("board-area-draw", "draw"), ("board-area-loss", "Plexus wins"))
MISTAKE = ("board-key-round", "mistake of yours")


def draw_chart(estimates: Mapping[int, Estimate], mistakes: Sequence[int]) -> str:
    """Draw the probabilities of a win, a draw and a loss of the person after each move.

    Args:
        estimates: Estimates by the number of moves.
        mistakes: Numbers of the person's moves that lost expected points.

    Returns:
        HTML with the figure.
    """
    if not estimates:
        return EMPTY
    numbers = sorted(estimates)
    last = max(numbers[-1], MIN_MOVES)
    wins = [(_x(number, last), _y(estimates[number].win)) for number in numbers]
    draws = [(_x(number, last), _y(estimates[number].win + estimates[number].draw)) for number in numbers]
    floor, ceiling = ([(x, _y(share)) for x, _ in wins] for share in (0, 1))
    areas = (("win", wins, floor), ("draw", draws, wins), ("loss", ceiling, draws))
    parts = [
        f'<polygon class="board-area-{name}" points="{points_text([*_wide(upper), *_wide(lower)[::-1]])}"/>'
        for name, upper, lower in areas
    ]
    parts += [_axes(last), f'<polyline class="board-line" points="{points_text(_wide(wins))}"/>']
    parts += [
        f'<circle class="board-mistake" cx="{_x(number, last):.1f}" cy="{_y(estimates[number].win):.1f}" r="6">'
        f"<title>Move {number}: a mistake of yours</title></circle>"
        for number in mistakes
    ]
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" class="board-chart">{"".join(parts)}</svg>'
    entries = [*LEGEND, MISTAKE] if mistakes else LEGEND
    keys = "".join(f'<span><span class="board-key {name}"></span> {text}</span>' for name, text in entries)
    figure = f'<div role="img" aria-label="{_description(estimates, mistakes)}">{svg}</div>'
    return f'{figure}<div class="board-legend">{keys}</div>'


def _description(estimates: Mapping[int, Estimate], mistakes: Sequence[int]) -> str:
    values = ", ".join(f"{number}: {estimates[number].win:.0%}" for number in sorted(estimates))
    marked = f"; mistakes of yours: move {', '.join(map(str, mistakes))}" if mistakes else ""
    return f"Probability that you win by the number of moves: {values}{marked}"


def _axes(last: int) -> str:
    """Draw the lines of 0, 50 and 100 %, and the numbers of moves."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    for share in (0, 0.5, 1):
        y = _y(share)
        dashed = ' stroke-dasharray="4 4"' if share == 0.5 else ""
        parts.append(f'<path class="board-axis" d="M{LEFT} {y:.1f}H{right}"{dashed}/>')
        parts.append(f'<text class="board-tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if last / step <= TICKS or step == 1000)
    for number in range(0, last + 1, step):
        x, y = _x(number, last), bottom + 17
        parts.append(f'<text class="board-tick" x="{x:.1f}" y="{y}" text-anchor="middle">{number}</text>')
    return "".join(parts)


def _wide(points: Sequence[Point]) -> list[Point]:
    """Return a line; a single point becomes a short one, so that it can be seen."""
    if len(points) > 1:
        return list(points)
    ((x, y),) = points
    return [(x, y), (min(x + 12, WIDTH - RIGHT), y)]


def _x(number: int, last: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * number / last


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)
