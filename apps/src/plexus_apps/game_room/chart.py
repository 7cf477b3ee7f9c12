"""The values along an episode, as SVG in the colors of the page."""

from collections.abc import Sequence
from html import escape

from plexus.utils.formatting import number

WIDTH, HEIGHT = 360, 150
LEFT, RIGHT, TOP, BOTTOM = 56, 8, 14, 12
STEPS = 300
"""Steps that the chart has space for."""
_AXIS = (
    '<path d="M{left} {y:.1f}H{right}" stroke="currentColor" stroke-opacity=".4"/>'
    '<text x="{text}" y="{y:.1f}" dy="4.5" text-anchor="end" fill="currentColor" font-size="14">{value}</text>'
)


def draw_values(values: Sequence[float], caption: str) -> str:
    """Draw the values of the last steps.

    Args:
        values: The values, at most `STEPS`.
        caption: Caption above the chart: what a value is, and its unit.

    Returns:
        HTML; empty without values.
    """
    if not values:
        return ""
    low, high = min(values), max(values)
    span = max(high - low, 1e-6)
    height = HEIGHT - TOP - BOTTOM
    points = " ".join(
        f"{LEFT + step / (STEPS - 1) * (WIDTH - LEFT - RIGHT):.1f},{TOP + (high - value) / span * height:.1f}"
        for step, value in enumerate(values)
    )
    places = {high: TOP, low: TOP + height if high > low else TOP}
    axes = "".join(
        _AXIS.format(left=LEFT, right=WIDTH - RIGHT, y=y, text=LEFT - 6, value=number(value))
        for value, y in places.items()
    )
    description = (
        f"Value: now {number(values[-1])}, from {number(low)} to {number(high)} in the last {len(values)} steps"
    )
    return (
        f'<div class="app-caption">{escape(caption)}</div>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{description}" '
        f'style="display:block;width:100%;max-width:560px;height:auto">{axes}'
        f'<polyline points="{points}" fill="none" stroke="#2a6fdb" stroke-width="2"/></svg>'
    )
