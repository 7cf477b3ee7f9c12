"""Confusion matrix."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.report.colors import BLUE
from plexus.report.figure import INK, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_LABELS = 25
CELL_TEXT = 9
"""Size of the numbers of a matrix, in points."""
_LIGHT, _SHARE_OF_LIGHT = "#fefefe", 0.9
"""Color of numbers on cells that are darker than the page, light or dark: those of at least this share."""


def draw_matrix(axes: "Axes", shares: np.ndarray, texts: Sequence[Sequence[str]], names: Sequence[str]) -> None:
    """Draw a matrix of true labels (rows) and predicted ones (columns), in the colors of the page.

    Args:
        axes: Axes to draw on.
        shares: Shares of the row, from 0 to 1, shape `(n, n)`; they color the cells.
        texts: The text of each cell; an empty one is not drawn.
        names: Names of the rows and columns.
    """
    from matplotlib.colors import to_rgb

    axes.imshow(np.dstack([*(np.full(shares.shape, part) for part in to_rgb(BLUE)), shares]))
    for row, column in np.ndindex(shares.shape):
        color = _LIGHT if shares[row, column] >= _SHARE_OF_LIGHT else INK
        axes.text(column, row, texts[row][column], ha="center", va="center", fontsize=CELL_TEXT, color=color)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted label", ylabel="true label")


def draw_confusion_matrix(predicted: np.ndarray, targets: np.ndarray, labels: Sequence[str], file: Path) -> None:
    """Draw how often each true label (a row) was predicted as each label (a column), in percent of the row.

    Args:
        predicted: Predicted class indices, shape `(n,)`.
        targets: True class indices, shape `(n,)`.
        labels: Labels in the order of their indices; the most frequent ones are drawn.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    classes = np.argsort(-np.bincount(targets, minlength=len(labels)), kind="stable")[:MAX_LABELS]
    classes.sort()
    counts = np.zeros((len(labels), len(labels)))
    np.add.at(counts, (targets, predicted), 1)
    percentages = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    percentages = percentages[np.ix_(classes, classes)]
    side = 2 + 0.34 * len(classes)
    figure = Figure(figsize=(side + 0.6, side), layout="constrained")
    axes = figure.subplots()
    texts = [["" if value < 0.5 else f"{value:.0f}" for value in row] for row in percentages]
    draw_matrix(axes, percentages / 100, texts, [labels[i] for i in classes])
    axes.set(title="Confusion on the test split,\n% of each row")
    save_figure(figure, file)
