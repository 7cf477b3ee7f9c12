"""Why an input is in its cluster."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.data.images import read_image
from plexus.report.figure import save_figure
from plexus_clustering.codec import NOISE, ClusterCodec, Member
from plexus_clustering.report import GREY, colour
from plexus_clustering.thumbnails import thumbnail

if TYPE_CHECKING:
    from plexus.task import Predictor


def write_explanation(predictor: "Predictor", codec: ClusterCodec, raw: Any, to: Path) -> Path:
    """Write a PNG of what sets the input's cluster apart.

    For a row: the columns with the largest standardised differences, and where the row stands in each. For a picture
    or a text: the exemplars of its cluster, and of the next likely one.
    """
    arrays = codec.encode([raw])
    outputs = predictor(arrays)
    answer = codec.decode(outputs)[0]
    if codec.encoder.kind == "table" and answer.cluster != NOISE:
        _draw_row(codec, answer, arrays["x"][0], to)
    elif codec.encoder.kind == "pictures":
        _draw_picture(codec, answer, outputs["membership"][0], raw, to)
    else:
        _draw_exemplars_as_text(codec, answer, to)
    return to


def _draw_row(codec: ClusterCodec, answer: Member, x: np.ndarray, to: Path) -> None:
    from matplotlib.figure import Figure

    differences = codec.profiles[answer.cluster].differences
    own = dict(zip(codec.encoder.features, x.tolist(), strict=True))
    figure = Figure(figsize=(8, 1.3 + 0.32 * len(differences)), layout="constrained")
    axes = figure.subplots()
    axes.barh(
        range(len(differences)), differences.values(), color=colour(answer.cluster), alpha=0.6, label="its cluster"
    )
    axes.plot([own[name] for name in differences], range(len(differences)), "k|", ms=14, mew=2, label="this row")
    axes.axvline(0, color=GREY, lw=1)
    axes.set_yticks(range(len(differences)), list(differences))
    axes.invert_yaxis()
    axes.set(title=_title(answer), xlabel="standard deviations from the mean of all")
    axes.legend(frameon=False)
    save_figure(figure, to)


def _draw_picture(codec: ClusterCodec, answer: Member, membership: np.ndarray, raw: Any, to: Path) -> None:
    from matplotlib.figure import Figure

    order = np.argsort(-membership, kind="stable")[:2].tolist()
    rows = [[e for e in codec.exemplars if e.cluster == cluster] for cluster in order]
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    figure.suptitle(_title(answer))
    left, right = figure.subfigures(1, 2, width_ratios=[1, 3])
    given = left.subplots()
    given.imshow(read_image(raw), cmap="gray", vmin=0, vmax=255)
    given.set(xticks=[], yticks=[], title="given")
    grid = right.subplots(len(rows), max(len(row) for row in rows), squeeze=False)
    for cluster, row, cells in zip(order, rows, grid, strict=True):
        title = f"exemplars of cluster {cluster} ({membership[cluster]:.1%})"
        # Out of the layout: a title wider than its picture would push the others away.
        cells[0].annotate(title, (0, 1.08), xycoords="axes fraction", fontsize=10).set_in_layout(False)
        for cell in cells:
            cell.set_axis_off()
        for cell, exemplar in zip(cells, row, strict=False):
            cell.imshow(thumbnail(exemplar), cmap="gray", vmin=0, vmax=255)
    figure.savefig(to, dpi=110)


def _draw_exemplars_as_text(codec: ClusterCodec, answer: Member, to: Path) -> None:
    from matplotlib.figure import Figure

    names = [e.name for e in codec.exemplars if e.cluster == answer.cluster] or answer.exemplars
    lines = "\n".join(textwrap.shorten(f"- {name}", 90) for name in names)
    figure = Figure(figsize=(9, 1 + 0.3 * len(names)), layout="constrained")
    figure.suptitle(_title(answer))
    figure.text(0.03, 0.75, f"Its exemplars:\n{lines}", va="top", fontsize=10)
    figure.savefig(to, dpi=110)


def _title(answer: Member) -> str:
    return f"{answer}".split("  (")[0]
