"""Figures of the report: mistakes, operating point, and images out of distribution."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.metrics.operating_points import OperatingPoints
from plexus.report.figure import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 8
"""Images in a row of the mistakes."""
ROWS = 2
"""Rows of false positives, and of missed cases, at most."""
BINS = 40
BLUE, RED, GREY = "#2a6fdb", "#c8372d", "#6b7480"


def draw_mistakes(
    images: np.ndarray, risks: np.ndarray, outcomes: np.ndarray, threshold: float, labels: Sequence[str], file: Path
) -> None:
    """Draw missed cases and false positives, those farthest from the threshold first.

    If there are none, the figure shows the images nearest to the threshold.

    Args:
        images: Bytes of shape `(n, height, width, channels)`.
        risks: Probabilities of the outcome, shape `(n,)`.
        outcomes: 1 or 0, shape `(n,)`.
        threshold: Probability from which an image is positive.
        labels: The negative and the positive label.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    missed, alarms = worst_mistakes(risks, outcomes, threshold)
    parts = {
        f"{len(missed):,} missed of {int(outcomes.sum()):,} images with {labels[1]}": missed,
        f"{len(alarms):,} false positives of {int((1 - outcomes).sum()):,} images with {labels[0]}": alarms,
    }
    if not len(missed) and not len(alarms):
        parts = {"no mistakes; images nearest to the threshold": np.argsort(np.abs(risks - threshold), kind="stable")}
    shown = {title: rows[: ROWS * COLUMNS] for title, rows in parts.items() if len(rows)}
    heights = [math.ceil(len(rows) / COLUMNS) for rows in shown.values()]
    figure = Figure(figsize=(1.3 * COLUMNS, 1.6 * sum(heights) + 0.5 * len(heights)), layout="constrained")
    parts_of_figure = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, (title, rows), height in zip(parts_of_figure, shown.items(), heights, strict=True):
        part.suptitle(title, fontsize=10)
        cells = part.subplots(height, COLUMNS, squeeze=False).ravel()
        for cell in cells:
            cell.set_axis_off()
        for cell, row in zip(cells, rows, strict=False):
            cell.imshow(images[row, ..., 0] if images.shape[3] == 1 else images[row], cmap="gray", vmin=0, vmax=255)
            cell.set_title(f"{labels[1]} {risks[row]:.1%}", fontsize=9)
    save_figure(figure, file, dpi=110)


def worst_mistakes(risks: np.ndarray, outcomes: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the missed cases and the false positives, those farthest from the threshold first.

    Args:
        risks: Probabilities of the outcome, shape `(n,)`.
        outcomes: 1 or 0, shape `(n,)`.
        threshold: Probability from which an image is positive.

    Returns:
        Their indices.
    """
    ascending, positive = np.argsort(risks, kind="stable"), risks >= threshold
    missed = ascending[(~positive & (outcomes == 1))[ascending]]
    alarms = ascending[::-1][(positive & (outcomes == 0))[ascending[::-1]]]
    return missed, alarms


def draw_operating_point(
    risks: np.ndarray, outcomes: np.ndarray, threshold: float, labels: Sequence[str], file: Path
) -> None:
    """Draw sensitivity and specificity by threshold, the threshold in use, and the probabilities of both labels.

    Args:
        risks: Probabilities of the outcome, shape `(n,)`.
        outcomes: 1 or 0, both of which occur, shape `(n,)`.
        threshold: Probability from which an image is positive.
        labels: The negative and the positive label.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    points = OperatingPoints.compute(risks, outcomes)
    thresholds = np.append(np.minimum(points.thresholds, 1.0), 0.0)
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes, below = figure.subplots(2, sharex=True, height_ratios=(3, 1))
    sensitivities, specificities = np.append(points.sensitivities, 1.0), np.append(points.specificities, 0.0)
    axes.step(thresholds, sensitivities, where="pre", color=RED, label="sensitivity")
    axes.step(thresholds, specificities, where="pre", color=BLUE, label="specificity")
    sensitivity = float(np.mean(risks[outcomes == 1] >= threshold))
    specificity = float(np.mean(risks[outcomes == 0] < threshold))
    at_threshold = f"threshold {threshold:.3g}: {sensitivity:.1%} and {specificity:.1%}"
    axes.axvline(threshold, color="black", linewidth=1, linestyle=":", label=at_threshold)
    axes.legend(fontsize=9, loc="lower center")
    axes.set(title="Operating point on the test split", ylim=(0, 1.02), xlim=(-0.01, 1.01))
    _draw_histograms(below, risks, outcomes, labels)
    below.axvline(threshold, color="black", linewidth=1, linestyle=":")
    save_figure(figure, file)


def draw_out_of_distribution(scores: np.ndarray, share: float, file: Path) -> None:
    """Draw the largest scores of the test images, and which of them are not answered.

    Args:
        scores: The result of `OutOfDistribution.scores`, shape `(n, statistics)`.
        share: Share of the training images that is rejected out of fold.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    largest = scores.max(axis=1)
    edges = np.geomspace(min(float(largest.min()), 0.5), max(float(largest.max()), 2.0), BINS + 1)
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.hist(largest, edges.tolist(), color=BLUE)
    axes.axvline(1, color=RED, linewidth=1, label=f"limit, which {share:.1%} of the training images exceed")
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.legend(fontsize=9)
    rejected = int((largest > 1).sum())
    title = f"Out of distribution: {rejected:,} of {len(largest):,} test images ({rejected / len(largest):.1%})"
    axes.set(title=title, xlabel="largest score of an image, in parts of its limit", ylabel="images")
    save_figure(figure, file)


def _draw_histograms(axes: "Axes", risks: np.ndarray, outcomes: np.ndarray, labels: Sequence[str]) -> None:
    edges = np.linspace(0, 1, BINS + 1)
    for sign, color, outcome in ((1, RED, 1), (-1, GREY, 0)):
        counts = np.histogram(risks[outcomes == outcome], edges)[0]
        axes.bar(edges[:-1], sign * counts, np.diff(edges), align="edge", color=color, label=labels[outcome])
    axes.axhline(0, color="black", linewidth=0.5)
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.legend(fontsize=9)
    axes.set(xlabel=f"probability of {labels[1]}", ylabel="images")
