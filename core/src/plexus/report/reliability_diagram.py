"""Calibration curve (reliability diagram)."""

from pathlib import Path

import numpy as np

from plexus.report.colors import BLUE, GREY
from plexus.report.figure import save_figure

BINS = 10


def draw_reliability_diagram(confidence: np.ndarray, correct: np.ndarray, file: Path) -> None:
    """Draw the accuracy of predictions by their probability (Guo et al. 2017, figure 1).

    Args:
        confidence: Probabilities of the predicted labels, from 0 to 1, shape `(n,)`.
        correct: Whether the predictions are correct, shape `(n,)`.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    used = counts > 0
    mean_confidence = np.bincount(bins, confidence, minlength=BINS)[used] / counts[used]
    accuracy = np.bincount(bins, correct.astype(float), minlength=BINS)[used] / counts[used]
    figure = Figure(figsize=(4, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    axes.scatter(mean_confidence, accuracy, s=15 + 185 * counts[used] / counts.max(), color=BLUE)
    axes.set(title="Calibration on the test split", xlabel="predicted probability", ylabel="accuracy")
    lowest = 0.9 * mean_confidence.min()
    axes.set(xlim=(lowest, 1.02), ylim=(min(lowest, 0.95 * accuracy.min()), 1.02))
    save_figure(figure, file)
