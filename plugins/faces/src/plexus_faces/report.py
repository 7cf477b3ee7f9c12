"""Figures of the report, and the section of the model card."""

import itertools
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import Examples
from plexus.metrics.verification import Comparisons, compare_all
from plexus.report.colors import BLUE, RED
from plexus.report.det_curve import draw_det_curve
from plexus.report.figure import save_figure
from plexus_faces.calibration import describe_resolution
from plexus_faces.codec import FaceCodec
from plexus_faces.dataset import FaceDataset
from plexus_faces.evaluation import embed_split, threshold_metrics
from plexus_faces.group_metrics import group_table

if TYPE_CHECKING:
    from plexus import Predictor

GREY = "#6b7280"
PAIRS = 6
"""Pairs of each kind in the figure of mistakes."""
USE = (
    "A similarity is evidence, not proof: let a person decide before anything happens to somebody. Images that "
    "identify people are biometric data: enrol only persons who have agreed, delete them on request "
    "(`plexus faces forget`), and check the law of your country (in the European Union the General Data Protection "
    "Regulation, article 9, and the AI Act). Not for surveillance, for decisions about people without their "
    "knowledge, or for guessing age, sex, origin or emotion. Error rates differ between groups of people and between "
    "cameras: measure them on images of your own with `plexus evaluate`."
)


def draw_report(predictor: "Predictor", examples: Examples[str], codec: FaceCodec, folder: Path) -> None:
    """Draw the detection error trade-off, the similarities and the worst mistakes.

    Args:
        predictor: The network.
        examples: Faces and persons of the test split.
        codec: The calibrated codec.
        folder: Folder to write to.
    """
    embeddings, persons = embed_split(predictor, examples, codec)
    pairs = compare_all(embeddings, persons)
    rates = threshold_metrics(pairs, codec.threshold)
    draw_det_curve(
        {"test split": (pairs.similarities, pairs.genuine)},
        {f"threshold {codec.threshold:.3f}": (rates["false_match_rate"], rates["false_non_match_rate"])},
        folder / "det.svg",
    )
    _draw_similarities(pairs, codec, folder / "similarities.svg")
    _draw_mistakes(pairs, examples, codec, folder / "mistakes.svg")


def _draw_similarities(pairs: Comparisons, codec: FaceCodec, file: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.subplots()
    bins = np.linspace(pairs.similarities.min(), 1, 61).tolist()
    for genuine, color, label in ((False, GREY, "two persons"), (True, BLUE, "one person")):
        values = pairs.similarities[pairs.genuine == genuine]
        axes.hist(values, bins, weights=np.full(len(values), 1 / len(values)), color=color, alpha=0.7, label=label)
    axes.axvline(codec.threshold, color=RED, label=f"threshold {codec.threshold:.3f}")
    axes.set(xlabel="similarity of two images", ylabel="share of the pairs")
    axes.legend(fontsize=9)
    save_figure(figure, file)


def _draw_mistakes(pairs: Comparisons, examples: Examples[str], codec: FaceCodec, file: Path) -> None:
    from matplotlib.figure import Figure

    chips, order = examples.encode(codec)["face"], np.argsort(pairs.similarities, kind="stable")
    rows = {
        "one person, least similar": order[pairs.genuine[order]][:PAIRS],
        "two persons, most similar": order[::-1][~pairs.genuine[order[::-1]]][:PAIRS],
    }
    figure = Figure(figsize=(1.9 * PAIRS, 3.8), layout="constrained")
    grid = figure.add_gridspec(2, 1)
    for row, (title, shown) in enumerate(rows.items()):
        part = figure.add_subfigure(grid[row])
        part.suptitle(title, fontsize=10)
        for cell, pair in itertools.zip_longest(part.subplots(1, PAIRS), shown):
            cell.set_axis_off()
            if pair is None:
                continue
            cell.imshow(np.concatenate([chips[pairs.first[pair]], chips[pairs.second[pair]]], axis=1))
            similarity = float(pairs.similarities[pair])
            cell.set_title(f"{similarity:.3f}  ({codec.match_probability(similarity):.1%})", fontsize=9)
    save_figure(figure, file, dpi=110)


def card_lines(
    predictor: "Predictor", dataset: FaceDataset, codec: FaceCodec, metrics: Mapping[str, float]
) -> list[str]:
    """Describe the pairs that were compared, how the threshold was fitted, and what the model may be used for.

    Args:
        predictor: The network.
        dataset: The dataset.
        codec: The calibrated codec.
        metrics: Metrics on the test split.

    Returns:
        Lines of Markdown.
    """
    embeddings, persons = embed_split(predictor, dataset["test"], codec)
    pairs = compare_all(embeddings, persons)
    calibration = Counter(dataset["val"].targets)
    limits = describe_resolution(dataset["val"].targets, codec.false_match_rate)
    return [
        "## Error rates",
        "",
        f"On {len(persons):,} images of {len(set(persons)):,} persons whom neither training nor calibration saw: "
        f"{int(pairs.genuine.sum()):,} pairs of one person, {int((~pairs.genuine).sum()):,} pairs of two. The "
        "intervals of their rates are 95 % bootstrap intervals over persons.",
        "",
        f"The threshold, a similarity of {codec.threshold:.4f}, was fitted on {sum(calibration.values()):,} images of "
        f"{len(calibration):,} other persons for a false match rate of {codec.false_match_rate:g}.",
        *([f"That rate is uncertain: {limits}."] if limits else []),
        "",
        *group_table(metrics),
        "## Intended use",
        "",
        USE,
    ]
