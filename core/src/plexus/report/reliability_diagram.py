"""Whether answers are as often right as they say."""

from pathlib import Path

import numpy as np

from plexus.report.figure import save_figure

BINS = 10


def draw_reliability_diagram(confidence: np.ndarray, right: np.ndarray, file: Path) -> None:
    """Draw how often answers of a confidence are right (Guo et al. 2017, figure 1)."""
    from matplotlib.figure import Figure

    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    there = counts > 0
    middle = np.bincount(bins, confidence, minlength=BINS)[there] / counts[there]
    share = np.bincount(bins, right.astype(float), minlength=BINS)[there] / counts[there]
    figure = Figure(figsize=(4, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#b9c0cb", linewidth=1)
    axes.scatter(middle, share, s=15 + 185 * counts[there] / counts.max(), color="#2a6fdb")
    axes.set(title="Calibration on the test split", xlabel="probability of the answer", ylabel="share that is right")
    axes.set(xlim=(0.9 * middle.min(), 1.02), ylim=(min(0.9 * middle.min(), 0.95 * share.min()), 1.02))
    save_figure(figure, file)
