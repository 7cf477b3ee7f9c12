"""Figures of a model's results on the test split."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.data.spreadsheets import write_spreadsheet
from plexus.metrics.drift import LARGE_DRIFT
from plexus.report.colors import BLUE, GREY, RED
from plexus.report.figure import save_figure
from plexus_fraud.codec import FraudCodec
from plexus_fraud.dataset import TransactionDataset
from plexus_fraud.metrics import average_precision, cost_saved

if TYPE_CHECKING:
    from plexus import Predictor

MAX_BARS, CURVE_POINTS = 12, 60


def write_report(predictor: "Predictor", dataset: TransactionDataset, codec: FraudCodec, folder: Path) -> None:
    """Write `precision_recall.svg`, `cost.svg`, `drift.svg` and `drift.csv`.

    Args:
        predictor: The network.
        dataset: The dataset.
        codec: The calibrated codec.
        folder: Folder to write to.
    """
    import polars as pl

    x, fraud, amounts = dataset.encode(codec, "test"), dataset.fraud("test"), dataset.amounts("test")
    probabilities = codec.probabilities(predictor({"x": x}))
    flagged = codec.policy.flags(probabilities, amounts)
    _draw_precision_recall(probabilities, fraud, flagged, folder / "precision_recall.svg")
    _draw_cost(probabilities, fraud, amounts, codec, folder / "cost.svg")
    drift = codec.drift(x)
    psi = pl.DataFrame({"column": list(drift), "psi": [round(psi, 4) for psi in drift.values()]})
    write_spreadsheet(psi, folder / "drift.csv")
    _draw_drift(drift, folder / "drift.svg")


def _draw_precision_recall(probabilities: np.ndarray, fraud: np.ndarray, flagged: np.ndarray, file: Path) -> None:
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
    axes.set(title=f"Average precision {average_precision(probabilities, fraud):.3f}")
    axes.set(xlabel="Recall", ylabel="Precision", xlim=(0, 1.02), ylim=(0, 1.02))
    save_figure(figure, file)


def _draw_cost(
    probabilities: np.ndarray, fraud: np.ndarray, amounts: np.ndarray, codec: FraudCodec, file: Path
) -> None:
    """Draw the cost saved by the number of reviews, the transactions with the largest expected loss first."""
    from matplotlib.figure import Figure

    policy = codec.policy
    losses = policy.losses(amounts)
    counts = np.unique(np.geomspace(1, max(len(probabilities) // 5, 2), CURVE_POINTS).astype(int))
    rank = np.empty(len(fraud), int)
    rank[np.argsort(-probabilities * losses, kind="stable")] = np.arange(len(fraud))
    saved = [cost_saved(rank < count, fraud, losses, policy.cost_review) for count in counts]
    flagged = policy.flags(probabilities, amounts)
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(counts, saved, color=BLUE)
    if flagged.any():
        axes.scatter([flagged.sum()], [cost_saved(flagged, fraud, losses, policy.cost_review)], color=RED, zorder=3)
    axes.axhline(0, color=GREY, linewidth=1)
    axes.set(title=f"Cost saved, at {policy.cost_review:g} per review", xscale="log", xlabel="Transactions reviewed")
    axes.set(ylabel="Share of the cost of all frauds", ylim=(max(min(saved), -1) - 0.05, 1.02))
    save_figure(figure, file)


def _draw_drift(drift: dict[str, float], file: Path) -> None:
    from matplotlib.figure import Figure

    shown = list(drift.items())[:MAX_BARS][::-1]
    names, values = zip(*shown, strict=True)
    figure = Figure(figsize=(7, 0.35 * len(shown) + 1.2), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, values, color=[RED if value > LARGE_DRIFT else BLUE for value in values])
    axes.tick_params(axis="y", labelsize=9)
    axes.set(title="Drift since training", xlabel=f"Population stability index (above {LARGE_DRIFT}: large)")
    save_figure(figure, file)
