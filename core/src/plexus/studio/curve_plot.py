"""Curves as inline SVG, which follow the colors and the font of the page."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plexus.report.figure import curve_data
from plexus.utils.formatting import number
from plexus.utils.html import render

WIDTH, PLOT_HEIGHT = 360, 220
"""Size in units of the SVG, in which the text has 13: it has 12 pixels or more from a width of 340 pixels on."""
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 46
ROW_HEIGHT = 20
COLORS, DASHES = 6, ("", "6 3", "2 3")
"""Colors of the style, and dashes: curves differ by more than their color."""
MAX_NAME = 44
Point = tuple[float, float]


@dataclass(frozen=True)
class _Scale:
    """A linear map from values to places of an axis."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def curve_plot(series: Mapping[str, Sequence[Point]], *, x_label: str, y_label: str) -> str:
    """Plot curves over each other.

    Args:
        series: Points of each curve by its name, in the order of x; a point that is not finite interrupts the curve.
        x_label: Label of the x axis.
        y_label: Label of the y axis, and title of the plot.

    Returns:
        An `svg` element with a title and a description; its colors are those of the page's style.

    Example:
        ```python
        curve_plot({"loss": [(1, 0.7), (2, 0.4)]}, x_label="Epoch", y_label="loss")
        ```
    """
    curves = {name: [point for point in points if all(map(math.isfinite, point))] for name, points in series.items()}
    shown = [point for points in curves.values() for point in points]
    x_ticks = _ticks([x for x, _ in shown], whole=all(float(x).is_integer() for x, _ in shown))
    y_ticks = _ticks([y for _, y in shown], whole=False)
    across = _Scale(*_range([x for x, _ in shown], []), LEFT, WIDTH - RIGHT)
    upwards = _Scale(*_range([y for _, y in shown], y_ticks), PLOT_HEIGHT - BOTTOM, TOP)
    description = "; ".join(_describe(name, points, x_label) for name, points in curves.items()) or "no curves"
    return render(
        "studio/curve_plot.svg",
        id=hashlib.sha256(f"{y_label}{x_label}{series}".encode()).hexdigest()[:10],
        width=WIDTH,
        height=PLOT_HEIGHT + (ROW_HEIGHT * len(curves) if len(curves) > 1 else 0),
        frame={"left": LEFT, "right": WIDTH - RIGHT, "top": TOP, "bottom": PLOT_HEIGHT - BOTTOM},
        x_label=x_label,
        y_label=y_label,
        description=description,
        data=curve_data(
            x_label, {name: [(x, y, across(x), upwards(y)) for x, y in points] for name, points in curves.items()}
        ),
        x_ticks=[(f"{value:,.6g}", f"{across(value):.1f}") for value in x_ticks],
        y_ticks=[(f"{value:,.6g}", f"{upwards(value):.1f}") for value in y_ticks],
        curves=[
            {
                "name": name if len(name) <= MAX_NAME else f"…{name[1 - MAX_NAME :]}",
                "color": place % COLORS,
                "dash": DASHES[place // COLORS % len(DASHES)],
                "path": _path(series[name], across, upwards),
                "dots": [(f"{across(x):.1f}", f"{upwards(y):.1f}") for x, y in points] if len(points) == 1 else [],
                "legend": PLOT_HEIGHT + ROW_HEIGHT * place,
            }
            for place, (name, points) in enumerate(curves.items())
        ],
    )


def _range(values: Sequence[float], ticks: Sequence[float]) -> tuple[float, float]:
    """Return the ends of an axis; they differ."""
    ends = [*values, *ticks] or [0.0, 1.0]
    low, high = min(ends), max(ends)
    half = abs(low) / 2 or 0.5
    return (low, high) if high > low else (low - half, low + half)


def _ticks(values: Sequence[float], whole: bool) -> list[float]:
    """Return up to six multiples of 1, 2 or 5 times a power of ten. Matplotlib's locator takes longer to import."""
    low, high = _range(values, [])
    exponent = math.floor(math.log10(high - low))
    steps = [factor * 10.0**power for power in (exponent - 1, exponent) for factor in (1, 2, 5)] + [
        10.0 ** (exponent + 1)
    ]
    step = next(step for step in steps if (high - low) / step <= 5 and (not whole or step >= 1))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{place * step:.12g}") for place in range(first, last + 1)]


def _path(points: Sequence[Point], across: _Scale, upwards: _Scale) -> str:
    parts, pen_up = [], True
    for x, y in points:
        if not (math.isfinite(x) and math.isfinite(y)):
            pen_up = True
            continue
        parts.append(f"{'M' if pen_up else 'L'}{across(x):.1f} {upwards(y):.1f}")
        pen_up = False
    return "".join(parts)


def _describe(name: str, points: Sequence[Point], x_label: str) -> str:
    if not points:
        return f"{name}: no values"
    (first_x, first), (last_x, last) = points[0], points[-1]
    values = [y for _, y in points]
    return (
        f"{name}: {number(first)} at {x_label} {number(first_x)}, {number(last)} at {x_label} {number(last_x)}, "
        f"lowest {number(min(values))}, highest {number(max(values))}"
    )
