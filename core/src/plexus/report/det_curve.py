"""DET curve."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.metrics.verification import crossing_rate, det_points
from plexus.report.colors import GREY, RED, SERIES
from plexus.report.figure import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKERS = "osD^v"
TICKS = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95)
MAX_RATE, MAX_WEAK_RATE = 0.5, 0.95
"""Largest rate of the axes, and the one if an equal error rate is above 0.25."""


def draw_det_curve(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]], points: Mapping[str, tuple[float, float]], file: Path
) -> None:
    """Draw false non-match rate by false match rate on normal deviate scales (Martin et al. 1997).

    Similarities that are normally distributed give straight lines. An axis begins at half an error: a curve has no
    errors where it runs along the edge. `sklearn.metrics.DetCurveDisplay` has fixed axes from 0.13 % to 99.87 %.

    Args:
        curves: Similarities and whether they are genuine, both of shape `(pairs,)`, by name of the curve.
        points: False match rate and false non-match rate of operating points to mark, by name; may be empty.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    floors, crossings = _floors(curves), []
    for number, (name, (similarities, genuine)) in enumerate(curves.items()):
        rates = det_points(similarities, genuine)
        crossings.append(crossing_rate(rates.false_match_rates, rates.false_non_match_rates))
        x, y = _deviates(rates.false_match_rates, floors[0]), _deviates(rates.false_non_match_rates, floors[1])
        label = f"{name}: equal error rate {100 * crossings[-1]:.2g} %"
        axes.plot(x, y, color=SERIES[number % len(SERIES)], label=label)
    for number, (name, (false_match, false_non_match)) in enumerate(points.items()):
        place = _deviates(np.array([false_match]), floors[0]), _deviates(np.array([false_non_match]), floors[1])
        label = f"{name}: FMR {100 * false_match:.2g} %, FNMR {100 * false_non_match:.2g} %"
        marker = MARKERS[number % len(MARKERS)]
        axes.scatter(*place, s=28, marker=marker, color=RED, label=label, zorder=3, clip_on=False)
    _scale(axes, floors, MAX_RATE if max(crossings) <= MAX_RATE / 2 else MAX_WEAK_RATE)
    axes.legend(loc="upper right", fontsize=9)
    axes.set(title="DET curve", xlabel="false match rate (%)", ylabel="false non-match rate (%)")
    save_figure(figure, file)


def _floors(curves: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> tuple[float, float]:
    """Return half an error of the impostor and of the genuine comparisons of the largest curve."""
    counts = [(int(np.sum(~genuine)), int(np.sum(genuine))) for _, genuine in curves.values()]
    impostor, genuine = np.max(counts, axis=0).tolist()
    return 0.5 / impostor, 0.5 / genuine


def _deviates(rates: np.ndarray, floor: float) -> np.ndarray:
    from scipy.stats import norm

    return np.asarray(norm.ppf(np.clip(rates, floor, 1 - 1e-9)))


def _scale(axes: "Axes", floors: tuple[float, float], largest: float) -> None:
    """Set limits and percent ticks, and draw the line of equal errors."""
    for axis, limit, floor in ((axes.xaxis, axes.set_xlim, floors[0]), (axes.yaxis, axes.set_ylim, floors[1])):
        rates = np.array([rate for rate in TICKS if floor <= rate <= largest])
        axis.set_ticks(_deviates(rates, floor), [f"{100 * rate:g}" for rate in rates])
        limit(*_deviates(np.array([0.8 * floor, largest]), 0.8 * floor))
    ends = _deviates(np.array([max(floors), largest]), max(floors))
    axes.plot(ends, ends, color=GREY, linewidth=1, zorder=1)
    axes.grid(color=GREY, linewidth=0.5, alpha=0.5)
    axes.tick_params(labelsize=9)
