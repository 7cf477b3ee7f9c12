"""What a training leaves to look at."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.report.figure import save_figure
from plexus_fraud.codec import FraudCodec
from plexus_fraud.dataset import TimeSplits
from plexus_fraud.drift import MUCH
from plexus_fraud.figures import average_precision, cost_saved
from plexus_fraud.reasons import pushes

if TYPE_CHECKING:
    from plexus.task import Predictor

SHOWN = 12
BLUE, RED, GREY = "#2a6fdb", "#c8372d", "#b9c0cb"


def write_report(predictor: "Predictor", dataset: TimeSplits, codec: FraudCodec, folder: Path) -> None:
    """Write `precision_recall.png`, `cost.png`, `drift.png` and `drift.csv`."""
    x, rows = dataset.features(codec), dataset.rows("test")
    probabilities, fraud = codec.probabilities(predictor({"x": x[rows]})), dataset.fraud("test")
    amounts = dataset.given.numbers(codec.roles.amount)[rows] if codec.roles.amount else np.zeros(len(rows))
    flagged = codec.policy.flags(probabilities, amounts)
    _draw_precision(probabilities, fraud, flagged, folder / "precision_recall.png")
    _draw_cost(probabilities, fraud, amounts, codec, folder / "cost.png")
    _write_drift(codec.moved(x[rows]), folder)


def draw_pushes(predictor: "Predictor", codec: FraudCodec, x: np.ndarray, to: Path) -> Path:
    """Draw the numbers that moved the odds of one transaction most."""
    from matplotlib.figure import Figure

    strengths = pushes(predictor, codec, x[None])[0]
    best = np.argsort(-np.abs(strengths))[:SHOWN][::-1]
    names = [f"{codec.names[at]}\n{x[at]:.4g}, usual {codec.typical[at]:.4g}" for at in best]
    probability = codec.probabilities(predictor({"x": x[None]}))[0]
    figure = Figure(figsize=(8, 0.55 * len(best) + 1.2), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, strengths[best], color=[RED if strengths[at] > 0 else BLUE for at in best])
    axes.axvline(0, color=GREY)
    axes.tick_params(axis="y", labelsize=7)
    axes.set(title=f"probability of fraud {probability:.2%}", xlabel="moves the logarithm of the odds by")
    save_figure(figure, to)
    return to


def _draw_precision(probabilities: np.ndarray, fraud: np.ndarray, flagged: np.ndarray, file: Path) -> None:
    from matplotlib.figure import Figure

    order = np.argsort(-probabilities, kind="stable")
    hits = np.cumsum(fraud[order])
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.subplots()
    axes.step(hits / hits[-1], hits / np.arange(1, len(hits) + 1), where="post", color=BLUE)
    if flagged.any():
        recall, precision = fraud[flagged].sum() / fraud.sum(), fraud[flagged].mean()
        axes.scatter([recall], [precision], color=RED, zorder=3, label=f"flagged: {flagged.sum():,}")
        axes.legend()
    axes.set(
        title=f"average precision {average_precision(probabilities, fraud):.3f}", xlabel="recall", ylabel="precision"
    )
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02))
    save_figure(figure, file)


def _draw_cost(
    probabilities: np.ndarray, fraud: np.ndarray, amounts: np.ndarray, codec: FraudCodec, file: Path
) -> None:
    from matplotlib.figure import Figure

    losses = codec.policy.losses(amounts)
    expected = probabilities * losses
    reviews = np.unique(np.geomspace(1, max(len(probabilities) // 5, 2), 60).astype(int))
    order = np.argsort(-expected, kind="stable")
    saved = []
    for count in reviews:
        chosen = np.zeros(len(fraud), bool)
        chosen[order[:count]] = True
        saved.append(cost_saved(chosen, fraud, losses, codec.policy.review))
    chosen = codec.policy.flags(probabilities, amounts)
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(reviews, saved, color=BLUE)
    if chosen.any():
        axes.scatter([chosen.sum()], [cost_saved(chosen, fraud, losses, codec.policy.review)], color=RED, zorder=3)
    axes.axhline(0, color=GREY, linewidth=1)
    axes.set(title=f"Saved, if a review costs {codec.policy.review:g}", xlabel="transactions reviewed", xscale="log")
    axes.set(ylabel="share of what fraud costs", ylim=(max(min(saved), -1) - 0.05, 1.02))
    save_figure(figure, file)


def _write_drift(moved: dict[str, float], folder: Path) -> None:
    from matplotlib.figure import Figure

    with (folder / "drift.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("column", "psi"), *((name, round(psi, 4)) for name, psi in moved.items())])
    shown = list(moved.items())[:SHOWN][::-1]
    figure = Figure(figsize=(7, 0.35 * len(shown) + 1.2), layout="constrained")
    axes = figure.subplots()
    axes.barh(
        [name for name, _ in shown], [psi for _, psi in shown], color=[RED if psi > MUCH else BLUE for _, psi in shown]
    )
    axes.tick_params(axis="y", labelsize=7)
    axes.set(title="What has moved since training", xlabel="population stability index (above 0.25: much)")
    save_figure(figure, folder / "drift.png")
