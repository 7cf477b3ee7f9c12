"""The images with the most errors."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Input
from plexus.report.colors import RED
from plexus_vision.detection.matches import Matches

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROWS, COLUMNS = 2, 3
"""Images of the figure."""
GREEN, BLACK = "#2f9e60", "#1d2530"
PAPER = "#fefefe"
"""Background of a text on an image: white itself would follow the dark mode of the page."""


def worst_images(matches: Matches, thresholds: np.ndarray) -> np.ndarray:
    """Order images by their number of wrong detections and boxes without a correct detection.

    Args:
        matches: The matches.
        thresholds: Scores from which detections count, shape `(classes,)`.

    Returns:
        Indices of the images, the most errors first, shape `(images,)`.
    """
    rows = matches.confident(thresholds) & ~matches.ignored[0]
    correct, images = matches.correct[0], len(matches.truth)
    wrong = np.bincount(matches.images[rows & ~correct], minlength=images)
    missed = matches.objects.sum(axis=1) - np.bincount(matches.images[rows & correct], minlength=images)
    return np.argsort(-(wrong + missed), kind="stable")


def draw_mistakes(matches: Matches, thresholds: np.ndarray, inputs: Sequence[Input] | np.ndarray, file: Path) -> None:
    """Draw the images with the most errors.

    Correct detections are green, wrong ones red; annotated boxes without a correct detection are dashed.

    Args:
        matches: The matches.
        thresholds: Scores from which detections count, shape `(classes,)`.
        inputs: The images; see `plexus.data.images.read_image`.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    from plexus.data.images import read_image
    from plexus.report.figure import save_figure

    shown = worst_images(matches, thresholds)[: ROWS * COLUMNS]
    figure = Figure(figsize=(4.4 * COLUMNS, 3.7 * ROWS), layout="constrained")
    figure.suptitle("green: correct, red: wrong, with its score; dashed: annotated, without a correct one", fontsize=10)
    cells = figure.subplots(ROWS, COLUMNS, squeeze=False).ravel()
    for cell in cells:
        cell.set_axis_off()
    for cell, image in zip(cells, shown, strict=False):
        cell.imshow(read_image(inputs[image]), cmap="gray")
        cell.set_title(getattr(inputs[image], "name", f"image {image + 1}"), fontsize=9)
        _draw_boxes(cell, matches, np.flatnonzero(matches.confident(thresholds) & (matches.images == image)), image)
    save_figure(figure, file, dpi=110)


def draw_box(cell: "Axes", box: np.ndarray, text: str, color: str, style: str) -> None:
    """Draw a box with its label.

    Args:
        cell: Axes that show the image.
        box: Left, top, right and bottom in pixels, shape `(4,)`.
        text: Text at the box; none if it is empty.
        color: Color of box and text.
        style: Style of the line: `-` or `--`, whose text is at the bottom.
    """
    from matplotlib.patches import Rectangle

    left, top, right, bottom = map(float, box)
    cell.add_patch(
        Rectangle((left, top), right - left, bottom - top, fill=False, color=color, linestyle=style, linewidth=1.2)
    )
    # Dashed boxes have their label at the bottom, so that it does not cover that of a wrong detection at their place.
    y, side = (bottom, "bottom") if style == "--" else (max(top, 0), "top")
    background = {"facecolor": PAPER, "alpha": 0.6, "linewidth": 0, "pad": 0.5}
    cell.text(max(left, 0) + 2, y, text, color=color, fontsize=9, va=side, bbox=background if text else None)


def _draw_boxes(cell: "Axes", matches: Matches, rows: np.ndarray, image: int) -> None:
    truth, results = matches.truth[image], matches.detections[image]
    correct = matches.correct[0, rows]
    for number in np.setdiff1d(np.flatnonzero(~truth.difficult), matches.partners[rows[correct]]):
        draw_box(cell, truth.boxes[number], truth.labels[number], BLACK, "--")
    for row, is_correct in zip(rows, correct, strict=True):
        number = matches.rows[row]
        text = f"{matches.labels[matches.classes[row]]} {matches.scores[row]:.2f}"
        draw_box(cell, results.boxes[number], "" if is_correct else text, GREEN if is_correct else RED, "-")
