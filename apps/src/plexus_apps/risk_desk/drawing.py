"""Figures of reasons and of the dependence on a column, as SVG in the colors of the page."""

from collections.abc import Sequence
from html import escape
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.report.colors import BLUE, ORANGE, RED
from plexus.report.figure import INK, as_inline_svg
from plexus_apps.risk_desk.dependence import Dependence
from plexus_apps.risk_desk.reasons import Reasons
from plexus_apps.risk_desk.table_codec import Row, Value
from plexus_apps.risk_desk.table_model import TableModel
from plexus_apps.risk_desk.texts import cell_text, shortened, shown_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import Locator

WIDTH, TEXT_SIZE = 4.5, 12
"""In inches and points: a figure is as wide as a phone's page, and its text is not smaller there."""
MAX_BARS, MAX_TICK = 8, 24
"""Most bars, and characters of a line of a category's text."""
CHARACTER = 0.64 * TEXT_SIZE / 72
"""Width of a character in inches, at most on average: that of a digit in DejaVu Sans, which is a wide font."""
BAR_HEIGHT, LINE_HEIGHT = 0.25, 0.21
"""In inches: of a bar with the space below it, and of a line of text."""
FRAME = '<div class="{name}" role="img" aria-label="{description}" style="max-width:430px">{caption}{svg}</div>'
CAPTION = '<div style="font-size:14px;margin-bottom:4px">{text}</div>'


def draw_reasons(model: TableModel, reasons: Reasons, row: Row) -> str:
    """Draw the columns that move a prediction most.

    Args:
        model: The model.
        reasons: The contributions of the columns.
        row: The row.

    Returns:
        HTML with the figure.
    """
    bars = _bars(model, reasons, row)
    if not bars:
        return "<p>This is the typical row: no column moves the prediction.</p>"
    texts = [fill(text, int(WIDTH / CHARACTER)) for text, _ in bars]
    heights = np.array([BAR_HEIGHT + LINE_HEIGHT * (1 + text.count("\n")) for text in texts])
    figure, axes = _figure(float(heights.sum()) + 0.15)
    _draw_bars(axes, model, [change for _, change in bars], texts, heights)
    description = "; ".join(f"{text} {model.shown_change(change)}" for text, change in bars)
    return _html(figure, "reasons", f"Change of the prediction by column: {description}")


def draw_dependence(model: TableModel, dependence: Dependence, value: Value, choice: Value) -> str:
    """Draw the predictions for all values of a column.

    Args:
        model: The model.
        dependence: The predictions.
        value: Value of the column in the row.
        choice: The value that is tried.

    Returns:
        HTML with the figure.
    """
    is_number = dependence.column.kind == "numeric"
    figure, axes = _figure(2.9 if is_number else 0.95 + 0.34 * len(dependence.values))
    (_draw_curves if is_number else _draw_categories)(axes, model, dependence, value, choice)
    axes.tick_params(colors=INK, labelsize=TEXT_SIZE)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(INK)
    figure.legend(
        loc="outside upper left", ncols=2, frameon=False, labelcolor=INK, fontsize=TEXT_SIZE, handlelength=1.4,
        columnspacing=1.2, borderpad=0,
    )  # fmt: skip
    low, high = dependence.row.min(), dependence.row.max()
    caption = f"{model.quantity}{' (%)' if model.event else ''} by {shortened(dependence.column.name)}"
    return _html(figure, "dependence", f"{caption}: {model.shown(low)} to {model.shown(high)}", caption)


def _bars(model: TableModel, reasons: Reasons, row: Row) -> list[tuple[str, float]]:
    """Return texts and changes: of the strongest columns, and of all others together."""
    changes = reasons.strongest(len(reasons.changes))
    bars = [
        (f"{shortened(name)}: {shown_value(row[name])} (typical {shown_value(model.typical[name])})", change)
        for name, change in changes[:MAX_BARS]
    ]
    rest = [change for _, change in changes[MAX_BARS:]]
    return [*bars, (f"{len(rest)} other columns", sum(rest))] if rest else bars


def _draw_bars(
    axes: "Axes", model: TableModel, changes: Sequence[float], texts: Sequence[str], heights: np.ndarray
) -> None:
    """Draw horizontal bars, each with its text above it and its label at its end; heights are in inches."""
    labels = [model.shown_change(change) for change in changes]
    low, high = _limits(changes, labels)
    ends = heights.cumsum()
    places = ends - BAR_HEIGHT / 2 - 0.03
    rise = RED if model.event_is_declared else BLUE
    axes.barh(places, changes, height=0.18, color=[rise if change > 0 else BLUE for change in changes])
    axes.vlines(np.zeros(len(changes)), places - 0.1, places + 0.1, color=INK, linewidth=1)
    style: dict[str, Any] = {"color": INK, "fontsize": TEXT_SIZE}
    for end, place, text, change, label in zip(ends, places, texts, changes, labels, strict=True):
        axes.text(low, end - BAR_HEIGHT - 0.01, text, va="bottom", linespacing=1.15, **style)
        gap = 0.02 * (high - low) * (1 if change > 0 else -1)
        axes.text(change + gap, place, label, ha="left" if change > 0 else "right", va="center", **style)
    axes.set(xlim=(low, high), ylim=(ends[-1], 0))
    axes.axis("off")


def _limits(changes: Sequence[float], labels: Sequence[str]) -> tuple[float, float]:
    """Return the limits of an axis on which bars have space for their labels."""
    smallest, largest = min(*changes, 0.0), max(*changes, 0.0)
    share = (max(map(len, labels)) + 1) * CHARACTER / WIDTH
    left, right = share * (smallest < 0), share * (largest > 0)
    width = (largest - smallest or 1.0) / (1 - left - right)
    return smallest - left * width, largest + right * width


def _draw_curves(axes: "Axes", model: TableModel, dependence: Dependence, value: Value, choice: Value) -> None:
    values, scale = np.asarray(dependence.values, float), _scale(model)
    axes.plot(values, scale * dependence.typical, color=INK, alpha=0.6, linestyle="--", label="typical row")
    axes.plot(values, scale * dependence.row, color=BLUE, linewidth=2.2, label="this row")
    for place, color, label in ((value, BLUE, ""), (choice, ORANGE, "what if")):
        if isinstance(place, float | int):
            height = scale * dependence.row[dependence.values.index(place)]  # type: ignore[arg-type]
            axes.plot([place], [height], "o", color=color, markersize=9, label=label or None)
    if model.threshold is not None:
        axes.axhline(scale * model.threshold, color=INK, linewidth=1, linestyle=":", label="threshold")
    axes.set_xlabel(shortened(dependence.column.name), color=INK, fontsize=TEXT_SIZE)
    axes.xaxis.set_major_locator(_few_ticks())
    axes.xaxis.set_major_formatter(lambda number, _: cell_text(number))
    if model.event:
        axes.set_ylim(bottom=0)
    else:
        axes.yaxis.set_major_formatter(lambda number, _: cell_text(number))


def _draw_categories(axes: "Axes", model: TableModel, dependence: Dependence, value: Value, choice: Value) -> None:
    names, scale = [str(name) for name in dependence.values], _scale(model)
    places = np.arange(len(names))
    axes.scatter(scale * dependence.typical, places, s=60, facecolors="none", edgecolors=INK, label="typical row")
    axes.scatter(scale * dependence.row, places, s=60, color=BLUE, label="this row")
    if choice in names:
        at = names.index(str(choice))
        axes.scatter([scale * dependence.row[at]], [at], s=60, color=ORANGE, zorder=3, label="what if")
    if model.threshold is not None:
        axes.axvline(scale * model.threshold, color=INK, linewidth=1, linestyle=":", label="threshold")
    shown = [fill(f"{shortened(name)}{' (this row)' if name == value else ''}", MAX_TICK) for name in names]
    axes.set_yticks(places, shown)
    axes.set(ylim=(len(names) - 0.5, -0.5))
    axes.xaxis.set_major_locator(_few_ticks())
    if model.event:
        axes.set_xlim(left=0)
    else:
        axes.xaxis.set_major_formatter(lambda number, _: cell_text(number))


def _few_ticks() -> "Locator":
    """Return a locator of so few numbers that they do not touch."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(4)


def _scale(model: TableModel) -> float:
    return 100.0 if model.event else 1.0


def _figure(height: float) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.subplots()
    axes.patch.set_alpha(0)
    return figure, axes


def _html(figure: "Figure", name: str, description: str, caption: str = "") -> str:
    """Return a figure that is as wide as the page allows; its texts are texts of the page."""
    svg = as_inline_svg(figure)
    caption = CAPTION.format(text=escape(caption)) if caption else ""
    return FRAME.format(name=name, description=escape(description, quote=True), caption=caption, svg=svg)
