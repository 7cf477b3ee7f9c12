"""The figure of the demo."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

import numpy as np

LINE = 40
"""Characters of a line of text below an image."""


def draw_answers(images: Sequence[np.ndarray], texts: Sequence[str], file: Path) -> None:
    """Draw images with their answers below them.

    Args:
        images: The images, bytes of shape `(height, width)` or `(height, width, 3)`.
        texts: One text per image.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    from plexus.report.figure import save_figure

    figure = Figure(figsize=(3 * len(images), 4.2), layout="constrained")
    for axes, image, text in zip(figure.subplots(1, len(images)), images, texts, strict=True):
        axes.imshow(image, cmap="gray", vmin=0, vmax=255)
        axes.set_axis_off()
        axes.text(0, -0.04, fill(text, LINE), fontsize=9, va="top", transform=axes.transAxes)
    save_figure(figure, file)
