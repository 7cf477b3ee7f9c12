"""Explanation of predictions: which features raise the probability of fraud."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus_fraud.codec import FraudCodec

if TYPE_CHECKING:
    from plexus import Predictor

MAX_REASONS, MIN_ATTRIBUTION = 3, 0.1
"""Reasons of a prediction, and the log-odds that a feature contributes at least to be one."""
MAX_BARS = 12
RED, BLUE, GREY = "#c8372d", "#2a6fdb", "#b9c0cb"


def attribution(predictor: "Predictor", codec: FraudCodec, x: np.ndarray) -> np.ndarray:
    """Compute by how much each feature raises the log-odds of fraud, compared with its median in training.

    Args:
        predictor: The network.
        codec: The codec.
        x: Features of shape `(n, features)`.

    Returns:
        Attribution of shape `(n, features)`.
    """
    rows, features = x.shape
    diagonal = np.arange(features)
    varied = np.repeat(x[:, None], features, axis=1)
    varied[:, diagonal, diagonal] = codec.medians.astype(np.float32)
    logits = predictor({"x": x})["logit"][:, None]
    varied_logits = predictor({"x": varied.reshape(-1, features)})["logit"].reshape(rows, features)
    return np.asarray((logits - varied_logits) * codec.scaling.slope)


def reasons(predictor: "Predictor", codec: FraudCodec, x: np.ndarray) -> list[tuple[str, ...]]:
    """Name the features that raise each probability most.

    Args:
        predictor: The network.
        codec: The codec.
        x: Features of shape `(n, features)`.

    Returns:
        Features with their values and medians, the strongest first, per row.
    """
    lines = []
    for row, strengths in zip(x, attribution(predictor, codec, x), strict=True):
        strongest = [i for i in np.argsort(-strengths)[:MAX_REASONS] if strengths[i] >= MIN_ATTRIBUTION]
        lines.append(
            tuple(f"{codec.encoder.names[i]}: {row[i]:.4g} (median {codec.medians[i]:.4g})" for i in strongest)
        )
    return lines


def draw_attribution(predictor: "Predictor", codec: FraudCodec, x: np.ndarray, path: Path) -> Path:
    """Draw the features that change the log-odds of a transaction most.

    Args:
        predictor: The network.
        codec: The codec.
        x: Features of shape `(features,)`.
        path: The PNG file to write.

    Returns:
        The file.
    """
    from matplotlib.figure import Figure

    from plexus.report.figure import save_figure

    strengths = attribution(predictor, codec, x[None])[0]
    strongest = np.argsort(-np.abs(strengths))[:MAX_BARS][::-1]
    names = [f"{codec.encoder.names[i]}\n{x[i]:.4g}, median {codec.medians[i]:.4g}" for i in strongest]
    probability = codec.probabilities(predictor({"x": x[None]}))[0]
    figure = Figure(figsize=(8, 0.55 * len(strongest) + 1.2), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, strengths[strongest], color=[RED if strengths[i] > 0 else BLUE for i in strongest])
    axes.axvline(0, color=GREY)
    axes.tick_params(axis="y", labelsize=7)
    axes.set(title=f"Probability of fraud {probability:.2%}", xlabel="Change of the log-odds")
    save_figure(figure, path)
    return path
