"""Which labels are taken for which."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plexus.report.figure import save_figure

MOST_LABELS = 25


def draw_confusion_matrix(found: np.ndarray, targets: np.ndarray, labels: Sequence[str], file: Path) -> None:
    """Draw how often each label (a row) was given as each other (a column), in percent of the row."""
    from matplotlib.figure import Figure

    shown = np.argsort(-np.bincount(targets, minlength=len(labels)), kind="stable")[:MOST_LABELS]
    shown.sort()
    counts = np.zeros((len(labels), len(labels)))
    np.add.at(counts, (targets, found), 1)
    share = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    share = share[np.ix_(shown, shown)]
    side = 2.5 + 0.45 * len(shown)
    figure = Figure(figsize=(side + 0.8, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(share, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.argwhere(share >= 0.05):
        value = share[row, column]
        colour = "white" if value > 60 else "black"
        axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=7, color=colour)
    names = [labels[i] for i in shown]
    axes.set_xticks(range(len(shown)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(shown)), names)
    axes.set(xlabel="answer", ylabel="truth", title="Confusion on the test split, % of each row")
    save_figure(figure, file)
