"""Explanations: the search of a position, and the points along a game."""

from pathlib import Path

from plexus.report.colors import BLUE, GREY, RED
from plexus.report.figure import save_figure
from plexus_games.board.game_analysis import GameAnalysis
from plexus_games.board.position_prediction import PositionPrediction

MAX_BARS, MAX_VARIATION = 15, 8
SPACE = "\N{NO-BREAK SPACE}"
"""Of several other spaces in a row, SVG shows one."""


def draw_position(prediction: PositionPrediction, board: str, path: Path) -> Path:
    """Draw the board, and of the best moves the visits, the prior and the expected points.

    Args:
        prediction: The prediction.
        board: The position as text.
        path: PNG or SVG file to write.

    Returns:
        The file.
    """
    from matplotlib.figure import Figure

    moves = prediction.moves[:MAX_BARS][::-1]
    names, total = [move.move for move in moves], max(prediction.simulations, 1)
    figure = Figure(figsize=(10, 1.8 + 0.3 * len(moves)), layout="constrained")
    text, left, right = figure.subplots(1, 3, width_ratios=[1, 1.4, 1.4])
    text.text(
        0,
        1,
        board.replace(" ", SPACE),
        family="monospace",
        fontsize=_font_size(board),
        va="top",
        transform=text.transAxes,
    )
    text.axis("off")
    places = range(len(moves))
    left.barh([place + 0.2 for place in places], [move.visits / total for move in moves], 0.38, color=BLUE)
    left.barh([place - 0.2 for place in places], [move.prior for move in moves], 0.38, color=GREY)
    left.set(title="Share of the visits (blue), prior of the network (grey)", yticks=places, yticklabels=names)
    right.barh(places, [move.win for move in moves], 0.6, color=BLUE)
    right.barh(places, [move.draw for move in moves], 0.6, left=[move.win for move in moves], color=GREY)
    labels = [f"{move.move}\n(proven)" if move.is_proven else move.move for move in moves]
    right.set(title="Probability of a win (blue) and a draw (grey)", xlim=(0, 1), yticks=places, yticklabels=labels)
    for axes in (left, right):
        axes.title.set_fontsize(9)
    count = f"{prediction.simulations:,} simulations" if prediction.simulations else "the network alone"
    figure.suptitle(f"{' '.join(prediction.principal_variation[:MAX_VARIATION])}  ({count})", fontsize=11)
    save_figure(figure, path)
    return path


def draw_game(analysis: GameAnalysis, name: str, path: Path) -> Path:
    """Draw the expected points of the first player after each move, and mark the mistakes.

    Args:
        analysis: The analysis.
        name: Name of the game.
        path: PNG or SVG file to write.

    Returns:
        The file.
    """
    from matplotlib.figure import Figure

    points = [move.points_after if move.player == 0 else 1 - move.points_after for move in analysis.moves]
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots()
    axes.axhline(0.5, color=GREY, linewidth=1)
    axes.plot(range(1, len(points) + 1), points, color=BLUE, marker="o", markersize=3)
    for move in analysis.mistakes:
        height, is_left = points[move.number - 1], move.number <= len(points) / 2
        axes.plot(move.number, height, "o", color=RED)
        axes.annotate(
            f"{move.move}, better {move.best}",
            (move.number, height),
            xytext=(8 if is_left else -8, 12 if height < 0.5 else -16),
            textcoords="offset points",
            ha="left" if is_left else "right",
            fontsize=9,
            color=RED,
        )
    title = f"{name}: expected points of the first player after each move; mistakes in red"
    axes.set(title=title, xlabel="move", ylabel="points", ylim=(-0.05, 1.05))
    save_figure(figure, path)
    return path


def _font_size(board: str) -> float:
    """Return a size at which a board fits into its part of the figure."""
    lines = board.splitlines()
    return min(20.0, 250 / max(len(lines), max(map(len, lines), default=1)))
