"""Pictures of what a classifier does."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

SHEET = (3, 8)


def draw_mistakes(
    pictures: np.ndarray, probabilities: np.ndarray, targets: np.ndarray, labels: Sequence[str], file: Path
) -> None:
    """Draw the mistaken pictures, the most confident first; if there are none, the least confident answers."""
    from matplotlib.figure import Figure

    found, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(found != targets)
    shown = wrong[np.argsort(-confidence[wrong], kind="stable")] if len(wrong) else np.argsort(confidence)
    shown = shown[: SHEET[0] * SHEET[1]]
    rows, columns = math.ceil(len(shown) / SHEET[1]), max(min(len(shown), SHEET[1]), 3)
    figure = Figure(figsize=(1.3 * columns, 1.6 * rows + 0.5), layout="constrained")
    figure.suptitle(
        f"{len(wrong):,} mistakes in {len(targets):,} pictures" + (", the most confident" * bool(len(wrong)))
    )
    cells = figure.subplots(rows, columns, squeeze=False).ravel()
    for cell in cells:
        cell.set_axis_off()
    for cell, i in zip(cells, shown, strict=False):
        picture = pictures[i, ..., 0] if pictures.shape[3] == 1 else pictures[i]
        cell.imshow(picture, cmap="gray", vmin=0, vmax=255)
        cell.set_title(f"{labels[found[i]]} {confidence[i]:.0%}\ntruth {labels[targets[i]]}", fontsize=8)
    figure.savefig(file, dpi=110)
