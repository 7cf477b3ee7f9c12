"""Explanations of single predictions."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Input
from plexus.data.images import read_image
from plexus.report.figure import save_figure
from plexus_clustering.codec import ClusterCodec
from plexus_clustering.prediction import NOISE, ClusterPrediction
from plexus_clustering.report import GREY, cluster_color

if TYPE_CHECKING:
    from plexus import Predictor

MAX_TEXT = 90


def draw_explanation(predictor: "Predictor", codec: ClusterCodec, raw_input: Input, path: Path) -> Path:
    """Draw how an input compares with its cluster.

    A row of a table: the features with the largest deviations of its cluster, and its own values. An image: the
    exemplars of its cluster and of the second most likely one. A text: the exemplars of its cluster.

    Args:
        predictor: The network.
        codec: The codec.
        raw_input: The input.
        path: PNG file to write.

    Returns:
        The file.

    Raises:
        InputError: If the input cannot be read.
    """
    encoded = codec.encode([raw_input])
    outputs = predictor(encoded)
    (prediction,) = codec.decode(outputs, [raw_input])
    if codec.encoder.kind == "table" and prediction.cluster != NOISE:
        _draw_row(codec, prediction, encoded["x"][0], path)
    elif codec.encoder.kind == "images":
        _draw_image(codec, prediction, outputs["membership"][0], raw_input, path)
    else:
        _draw_exemplar_names(codec, prediction, path)
    return path


def _draw_row(codec: ClusterCodec, prediction: ClusterPrediction, x: np.ndarray, path: Path) -> None:
    from matplotlib.figure import Figure

    deviations = codec.profiles[prediction.cluster].deviations
    values = dict(zip(codec.encoder.features, x.tolist(), strict=True))
    positions = range(len(deviations))
    figure = Figure(figsize=(8, 1.3 + 0.32 * len(deviations)), layout="constrained")
    axes = figure.subplots()
    color = cluster_color(prediction.cluster)
    axes.barh(positions, list(deviations.values()), color=color, alpha=0.6, label="mean of its cluster")
    axes.plot([values[name] for name in deviations], positions, "k|", ms=14, mew=2, label="this row")
    axes.axvline(0, color=GREY, lw=1)
    axes.set_yticks(positions, list(deviations))
    axes.invert_yaxis()
    axes.set(title=_title(prediction), xlabel="standard deviations from the mean of all inputs")
    axes.legend(frameon=False)
    save_figure(figure, path)


def _draw_image(
    codec: ClusterCodec, prediction: ClusterPrediction, membership: np.ndarray, raw_image: Input, path: Path
) -> None:
    from matplotlib.figure import Figure

    likeliest = np.argsort(-membership, kind="stable")[:2].tolist()
    rows = [[exemplar for exemplar in codec.exemplars if exemplar.cluster == cluster] for cluster in likeliest]
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    figure.suptitle(_title(prediction))
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=[1, 3])[0]
    input_axes = left.subplots()
    input_axes.imshow(read_image(raw_image), cmap="gray", vmin=0, vmax=255)
    input_axes.set(xticks=[], yticks=[], title="Input")
    grid = right.subplots(len(rows), max(len(row) for row in rows), squeeze=False)
    for cluster, row, cells in zip(likeliest, rows, grid, strict=True):
        title = f"Exemplars of cluster {cluster} ({membership[cluster]:.1%})"
        # Out of the layout: a title wider than its image would push the others away.
        cells[0].annotate(title, (0, 1.08), xycoords="axes fraction", fontsize=10).set_in_layout(False)
        for cell in cells:
            cell.set_axis_off()
        for cell, exemplar in zip(cells, row, strict=False):
            cell.imshow(exemplar.image(), cmap="gray", vmin=0, vmax=255)
    save_figure(figure, path, dpi=110)


def _draw_exemplar_names(codec: ClusterCodec, prediction: ClusterPrediction, path: Path) -> None:
    from matplotlib.figure import Figure

    names = [exemplar.name for exemplar in codec.exemplars if exemplar.cluster == prediction.cluster]
    names = names or prediction.exemplars
    lines = "\n".join(textwrap.shorten(f"- {name}", MAX_TEXT) for name in names)
    figure = Figure(figsize=(9, 1 + 0.3 * len(names)), layout="constrained")
    figure.suptitle(_title(prediction))
    figure.text(0.03, 0.75, f"Exemplars of its cluster:\n{lines}", va="top", fontsize=10)
    save_figure(figure, path, dpi=110)


def _title(prediction: ClusterPrediction) -> str:
    return str(prediction).split("  (")[0]
