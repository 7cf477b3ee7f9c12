"""Figure of the sizes and aspect ratios of annotated boxes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus_vision.detection.image_boxes import ImageBoxes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_LABELS = 8
"""Labels with a curve of their own, the most frequent ones."""
BINS = 40
SIZES = {"medium": 32, "large": 96}
"""Square roots of the areas from which COCO calls a box medium and large, in pixels."""


def draw_box_sizes(targets: Sequence[ImageBoxes], file: Path) -> None:
    """Draw histograms of the sizes and the aspect ratios of boxes by label.

    Args:
        targets: The boxes of images, one or more.
        file: The PNG to write.
    """
    from matplotlib.figure import Figure

    from plexus.report.figure import save_figure

    sides = np.concatenate([target.boxes[:, 2:] - target.boxes[:, :2] for target in targets]).astype(float)
    labels = np.array([label for target in targets for label in target.labels], str)
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_histograms(left, np.sqrt(sides.prod(axis=1)), labels)
    _draw_histograms(right, sides[:, 0] / sides[:, 1], labels)
    for name, side in SIZES.items():
        left.axvline(side, color="0.6", linestyle=":", linewidth=1)
        left.text(side, 1, f"{name} →", transform=left.get_xaxis_transform(), color="0.4", fontsize=9, va="bottom")
    right.axvline(1, color="0.6", linestyle=":", linewidth=1)
    left.set_xlabel("square root of the area in pixels (dotted: sizes of COCO)")
    left.set_ylabel("boxes")
    right.set_xlabel("aspect ratio: width / height")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False)
    save_figure(figure, file)


def _draw_histograms(axes: "Axes", values: np.ndarray, labels: np.ndarray) -> None:
    from matplotlib.ticker import NullLocator

    names, counts = np.unique(labels, return_counts=True)
    edges = np.geomspace(values.min() * 0.95, values.max() * 1.05, BINS + 1).tolist()
    for row in np.argsort(-counts, kind="stable")[:MAX_LABELS]:
        name = f"{names[row]} ({counts[row]:,})"
        axes.hist(values[labels == names[row]], edges, histtype="step", linewidth=1.5, label=name)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_yscale("symlog", linthresh=1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_ylim(0, axes.get_ylim()[1] * 1.5)
