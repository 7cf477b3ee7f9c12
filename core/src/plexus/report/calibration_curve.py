"""Calibration curve of a binary outcome."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.metrics.intervals import group_bootstrap_interval
from plexus.metrics.recalibration import calibration_intercept, calibration_table, log_odds, logistic_recalibration
from plexus.report.colors import BLUE, DARK_GREY, GREY, RED
from plexus.report.figure import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVE_POINTS, HISTOGRAM_BINS = 100, 40


def draw_calibration_curve(probabilities: np.ndarray, outcomes: np.ndarray, groups: np.ndarray, file: Path) -> None:
    """Draw observed frequency by probability: deciles, and the curve of the logistic recalibration.

    Bars and band are 95 % intervals. Histograms below show the probabilities of rows with and without the outcome.
    `draw_reliability_diagram` draws the accuracy of the predicted label of any number of classes, without intervals.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, both of which occur, shape `(n,)`.
        groups: Group of each row, such as its patient, shape `(n,)`.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 5.4), layout="constrained")
    axes, below = figure.subplots(2, sharex=True, height_ratios=(4, 1))
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    slope, _ = logistic_recalibration(probabilities, outcomes)
    if np.isfinite(slope):
        _draw_recalibration(axes, probabilities, outcomes, groups)
    _draw_bins(axes, probabilities, outcomes, groups)
    axes.legend(fontsize=9, loc="upper left")
    slope_text = f"slope {slope:.2f}" if np.isfinite(slope) else "slope undefined"
    axes.set(title=f"Calibration: {slope_text}, intercept {calibration_intercept(probabilities, outcomes):.2f}")
    axes.set(ylabel="observed frequency", xlim=(-0.01, 1.01), ylim=(-0.01, 1.02))
    _draw_histograms(below, probabilities, outcomes)
    save_figure(figure, file)


def _draw_recalibration(axes: "Axes", probabilities: np.ndarray, outcomes: np.ndarray, groups: np.ndarray) -> None:
    from scipy.special import expit

    grid = np.linspace(probabilities.min(), probabilities.max(), CURVE_POINTS)

    def curve(rows: np.ndarray) -> np.ndarray:
        slope, intercept = logistic_recalibration(probabilities[rows], outcomes[rows])
        return np.asarray(expit(intercept + slope * log_odds(grid)))

    low, high = group_bootstrap_interval(curve, groups)
    axes.fill_between(grid, low, high, color=BLUE, alpha=0.15, linewidth=0)
    axes.plot(grid, curve(np.arange(len(outcomes))), color=BLUE, label="logistic recalibration")


def _draw_bins(axes: "Axes", probabilities: np.ndarray, outcomes: np.ndarray, groups: np.ndarray) -> None:
    table = calibration_table(probabilities, outcomes, groups)
    observed = table["observed"].to_numpy()
    # An interval of a proportion of 1 ends at 1 less a rounding error.
    errors = np.maximum([observed - table["observed_low"].to_numpy(), table["observed_high"].to_numpy() - observed], 0)
    axes.errorbar(
        table["mean_probability"].to_numpy(),
        observed,
        errors,
        fmt="o",
        color=RED,
        markersize=4,
        linewidth=1,
        label="deciles of the probability",
    )


def _draw_histograms(axes: "Axes", probabilities: np.ndarray, outcomes: np.ndarray) -> None:
    edges = np.linspace(0, 1, HISTOGRAM_BINS + 1)
    for sign, color, rows in ((1, RED, outcomes == 1), (-1, DARK_GREY, outcomes == 0)):
        counts = np.histogram(probabilities[rows], edges)[0]
        axes.bar(edges[:-1], sign * counts, np.diff(edges), align="edge", color=color)
    axes.axhline(0, color="black", linewidth=0.5)
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.set(xlabel="predicted probability", ylabel="rows with (red)\nand without")
