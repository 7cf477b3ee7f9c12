"""Figures of the report, and the section of the model card."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Input
from plexus.report.colors import DARK_GREY, GREY, RED, SERIES
from plexus.report.confusion_matrix import draw_matrix
from plexus.report.figure import save_figure
from plexus_vision.detection.average_precision import average_precision_intervals, average_precisions
from plexus_vision.detection.box_sizes import draw_box_sizes
from plexus_vision.detection.counting import count_detections, count_errors
from plexus_vision.detection.error_types import confusion_matrix, count_error_types, map50_without
from plexus_vision.detection.image_boxes import ImageBoxes
from plexus_vision.detection.matches import Matches
from plexus_vision.detection.mistakes import draw_mistakes
from plexus_vision.detection.operating_points import ThresholdCurve, precision_recall

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLORS = (*SERIES[:4], RED, "#1aa3b8", "#8a6d3b", DARK_GREY)
MAX_LABELS = 16
"""Labels of the figures at most, those with the most boxes."""


def draw_report(
    matches: Matches,
    thresholds: np.ndarray,
    inputs: Sequence[Input] | np.ndarray,
    train: Sequence[ImageBoxes],
    folder: Path,
) -> None:
    """Draw the figures of `Detect.figure_captions`.

    Args:
        matches: Matches of the test split.
        thresholds: Scores from which detections count, shape `(classes,)`.
        inputs: Images of the test split.
        train: Annotated boxes of the training images, each with an area.
        folder: Folder to write to.
    """
    _draw_precision_recall(matches, thresholds, folder / "precision_recall.svg")
    _draw_f1(matches, thresholds, folder / "f1.svg")
    _draw_confusion(confusion_matrix(matches, thresholds), matches.labels, folder / "confusion.svg")
    _draw_error_types(matches, thresholds, folder / "error_types.svg")
    _draw_counts(matches, thresholds, folder / "counts.svg")
    draw_mistakes(matches, thresholds, inputs, folder / "mistakes.svg")
    draw_box_sizes(train, folder / "sizes.svg")


def card_lines(matches: Matches, thresholds: np.ndarray) -> list[str]:
    """Describe the metrics of each label.

    Args:
        matches: Matches of the test split.
        thresholds: Scores from which detections count, shape `(classes,)`.

    Returns:
        Lines of Markdown: a table with a row per label.
    """
    intervals, values = average_precision_intervals(matches), average_precisions(matches)
    precision, recall = precision_recall(matches, thresholds)
    counts, boxes = count_errors(matches, thresholds).to_dicts(), matches.objects.sum(axis=0)
    rows = [
        f"| {label} | {boxes[k]:,} | {_with_interval(intervals, f'ap50_{label}', values[0, k])} | "
        f"{_number(values[:, k].mean())} | {thresholds[k]:.3f} | {_number(precision[k])} | {_number(recall[k])} | "
        f"{_with_interval(counts[k], 'error', counts[k]['error'], digits=2)} | {counts[k]['bias']:+.2f} |"
        for k, label in enumerate(matches.labels)
    ]
    return [
        "## Metrics of each label",
        "",
        f"On {boxes.sum():,} boxes of {len(matches.truth):,} images of the test split. Average precision as in COCO: "
        "AP50 at IoU 0.5, AP as the mean over IoU 0.5 to 0.95. Precision, recall and counts are those at the "
        "threshold, the score with the largest F1 on the validation split. The count error is the mean absolute error "
        "of the number of objects in an image, the bias its mean signed error. Intervals are 95 % bootstrap intervals "
        "over images.",
        "",
        "| label | boxes | AP50 | AP | threshold | precision | recall | count error | bias |",
        "|---|---|---|---|---|---|---|---|---|",
        *rows,
    ]


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"


def _with_interval(bounds: dict[str, float], name: str, value: float, digits: int = 3) -> str:
    if np.isnan(value) or f"{name}_low" not in bounds:
        return "-"
    return f"{value:.{digits}f} ({bounds[f'{name}_low']:.{digits}f} to {bounds[f'{name}_high']:.{digits}f})"


def _most_frequent(matches: Matches) -> list[int]:
    """Return the labels of the figures: those with boxes, in order."""
    boxes = matches.objects.sum(axis=0)
    order = np.argsort(-boxes, kind="stable")[:MAX_LABELS]
    return sorted(int(k) for k in order if boxes[k])


def _draw_precision_recall(matches: Matches, thresholds: np.ndarray, file: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 4.4), layout="constrained")
    axes = figure.subplots()
    values = average_precisions(matches)[0]
    points = precision_recall(matches, thresholds)
    for k in _most_frequent(matches):
        curve, color = ThresholdCurve.compute(matches, [k]), COLORS[k % len(COLORS)]
        axes.plot(curve.recall, curve.precision, color=color, label=f"{matches.labels[k]}: AP50 {values[k]:.3f}")
        axes.scatter(points[1][k], points[0][k], s=28, color=color, zorder=3, clip_on=False)
    _finish(axes, "recall", "precision")
    save_figure(figure, file)


def _draw_f1(matches: Matches, thresholds: np.ndarray, file: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 4.4), layout="constrained")
    axes = figure.subplots()
    for k in _most_frequent(matches):
        curve, color = ThresholdCurve.compute(matches, [k]), COLORS[k % len(COLORS)]
        label = f"{matches.labels[k]}: threshold {thresholds[k]:.3f}"
        axes.plot(curve.thresholds, curve.f1, color=color, label=label, drawstyle="steps-post")
        reached = curve.f1[: int(np.sum(curve.thresholds >= thresholds[k]))]
        axes.scatter(thresholds[k], reached[-1] if len(reached) else 0, s=28, color=color, zorder=3, clip_on=False)
    _finish(axes, "threshold of the score", "F1")
    save_figure(figure, file)


def _finish(axes: "Axes", x_label: str, y_label: str) -> None:
    axes.set(xlabel=x_label, ylabel=y_label, xlim=(0, 1), ylim=(0, 1.01))
    axes.grid(color=GREY, linewidth=0.5, alpha=0.5)
    axes.legend(fontsize=9, loc="lower left")


def _draw_confusion(matrix: np.ndarray, labels: Sequence[str], file: Path) -> None:
    """Draw counts, colored by their share of the row."""
    from matplotlib.figure import Figure

    order = np.argsort(-matrix[:-1].sum(axis=1), kind="stable")[:MAX_LABELS]
    shown = [*np.sort(order), len(labels)]
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    side = 2 + 0.45 * len(shown)
    figure = Figure(figsize=(side + 0.6, side), layout="constrained")
    axes = figure.subplots()
    texts = [[f"{matrix[true, predicted]:,}" for predicted in shown] for true in shown]
    texts[-1][-1] = ""  # nobody counts the background that is neither annotated nor detected
    draw_matrix(axes, shares[np.ix_(shown, shown)], texts, [*(labels[k] for k in shown[:-1]), "background"])
    axes.set(title="Boxes at the thresholds, IoU 0.5")
    save_figure(figure, file)


def _draw_error_types(matches: Matches, thresholds: np.ndarray, file: Path) -> None:
    from matplotlib.figure import Figure

    counts, improved = count_error_types(matches, thresholds), map50_without(matches)
    notes = [
        f"{count:,}" + (f" (mAP50 without: {improved[name]:.3f})" if name in improved else "")
        for name, count in counts.items()
    ]
    figure = Figure(figsize=(5.4, 2.8), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh([name.capitalize() for name in counts], list(counts.values()), color=COLORS[0])
    axes.bar_label(bars, notes, padding=3, fontsize=9)
    axes.invert_yaxis()
    axes.margins(x=0.35)
    axes.set(xlabel="errors at the thresholds")
    save_figure(figure, file)


def _draw_counts(matches: Matches, thresholds: np.ndarray, file: Path) -> None:
    """Draw the counts of each label: the size of a dot is the number of images."""
    from matplotlib.figure import Figure

    counts, errors = count_detections(matches, thresholds), count_errors(matches, thresholds).to_dicts()
    classes = _most_frequent(matches) or [0]
    columns = min(len(classes), 4)
    rows = -(-len(classes) // columns)
    figure = Figure(figsize=(2.9 * columns, 3.1 * rows), layout="constrained")
    cells = figure.subplots(rows, columns, squeeze=False).ravel()
    for cell in cells[len(classes) :]:
        cell.set_axis_off()
    for cell, k in zip(cells, classes, strict=False):
        pairs, images = np.unique(np.stack([matches.objects[:, k], counts[:, k]]), axis=1, return_counts=True)
        largest = pairs.max(initial=1)
        cell.plot([0, largest], [0, largest], color=GREY, linewidth=1, zorder=1)
        cell.scatter(*pairs, s=12 + 100 * images / images.max(), color=COLORS[0], alpha=0.6, linewidth=0, clip_on=False)
        cell.set_title(
            f"{matches.labels[k]}: error {errors[k]['error']:.2f}, bias {errors[k]['bias']:+.2f}", fontsize=9
        )
        cell.set(xlabel="annotated", ylabel="detected", xlim=(0, largest * 1.05), ylim=(0, largest * 1.05))
        cell.locator_params(integer=True, nbins=6)
    save_figure(figure, file)
