"""Confusion matrix."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plexus.report.figure import save_figure

MAX_LABELS = 25


def draw_confusion_matrix(predicted: np.ndarray, targets: np.ndarray, labels: Sequence[str], file: Path) -> None:
    """Draw how often each true label (a row) was predicted as each label (a column), in percent of the row.

    Args:
        predicted: Predicted class indices, shape `(n,)`.
        targets: True class indices, shape `(n,)`.
        labels: Labels in the order of their indices; the most frequent ones are drawn.
        file: PNG file to write.
    """
    from matplotlib.figure import Figure

    classes = np.argsort(-np.bincount(targets, minlength=len(labels)), kind="stable")[:MAX_LABELS]
    classes.sort()
    counts = np.zeros((len(labels), len(labels)))
    np.add.at(counts, (targets, predicted), 1)
    percentages = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    percentages = percentages[np.ix_(classes, classes)]
    side = 2.5 + 0.45 * len(classes)
    figure = Figure(figsize=(side + 0.8, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(percentages, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.argwhere(percentages >= 0.05):
        value = percentages[row, column]
        color = "white" if value > 60 else "black"
        axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=7, color=color)
    names = [labels[i] for i in classes]
    axes.set_xticks(range(len(classes)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(classes)), names)
    axes.set(xlabel="predicted label", ylabel="true label", title="Confusion on the test split, % of each row")
    save_figure(figure, file)
