"""Figures of the report."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROWS, COLUMNS = 3, 8
"""Largest size of the sheet of mistakes."""
BINS = 40


def draw_mistakes(
    images: np.ndarray, probabilities: np.ndarray, classes: np.ndarray, labels: Sequence[str], file: Path
) -> None:
    """Draw the images with a wrong label, the most confident first; if there are none, the least confident ones.

    Args:
        images: Bytes of shape `(n, height, width, channels)`.
        probabilities: Probabilities of shape `(n, labels)`.
        classes: True classes of shape `(n,)`.
        labels: Names of the classes.
        file: The file to write.
    """
    from matplotlib.figure import Figure

    from plexus.report.figure import save_figure

    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != classes)
    shown = wrong[np.argsort(-confidence[wrong], kind="stable")] if len(wrong) else np.argsort(confidence)
    shown = shown[: ROWS * COLUMNS]
    rows, columns = math.ceil(len(shown) / COLUMNS), max(min(len(shown), COLUMNS), 3)
    figure = Figure(figsize=(1.3 * columns, 1.6 * rows + 0.5), layout="constrained")
    figure.suptitle(f"{len(wrong):,} mistakes in {len(classes):,} images" + (", the most confident" * bool(len(wrong))))
    cells = figure.subplots(rows, columns, squeeze=False).ravel()
    for cell in cells:
        cell.set_axis_off()
    for cell, i in zip(cells, shown, strict=False):
        image = images[i, ..., 0] if images.shape[3] == 1 else images[i]
        cell.imshow(image, cmap="gray", vmin=0, vmax=255)
        cell.set_title(f"{labels[predicted[i]]} {confidence[i]:.0%}\ntrue: {labels[classes[i]]}", fontsize=9)
    save_figure(figure, file, dpi=110)


def draw_out_of_distribution(distances: np.ndarray, unrelated: np.ndarray, share: float, file: Path) -> None:
    """Draw how far test images and unrelated images are from the training images.

    Args:
        distances: Distances of the test images, in parts of the limit, shape `(n,)`.
        unrelated: Distances of the unrelated images, shape `(m,)`.
        share: Share of the validation images that is rejected.
        file: The file to write.
    """
    from matplotlib.figure import Figure

    from plexus.report.colors import BLUE, RED
    from plexus.report.figure import save_figure

    both = np.concatenate([distances, unrelated])
    edges = np.geomspace(max(min(float(both.min()), 0.5), 0.01), max(float(both.max()), 2.0), BINS + 1).tolist()
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    axes = figure.subplots()
    for values, color, label in ((distances, BLUE, "test images"), (unrelated, RED, "unrelated images")):
        weights = np.full(len(values), 1 / len(values))
        axes.hist(values, edges, weights=weights, color=color, alpha=0.6, label=f"{label} ({len(values):,})")
    axes.axvline(1, color="black", linewidth=1, linestyle=":", label=f"limit: {share:.0%} of the validation images")
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.legend(fontsize=9)
    title = f"Rejected: {(distances > 1).mean():.1%} of the test images, {(unrelated > 1).mean():.1%} of unrelated ones"
    axes.set(title=title, xlabel="distance from the training images, in parts of the limit", ylabel="share of images")
    save_figure(figure, file)
