"""Explanation of predictions: which features raise the probability of fraud."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import JsonObject
from plexus.explain.contributions import sorted_contributions
from plexus.explain.shapley import ShapleyValues, interventional_values, shapley_values
from plexus.report.contribution_plot import draw_contributions
from plexus_fraud.codec import FraudCodec

if TYPE_CHECKING:
    from plexus import Predictor

MAX_REASONS, MIN_ATTRIBUTION = 3, 0.1
"""Reasons of a prediction, and the log-odds that a feature contributes at least to be one."""


def attribution(predictor: "Predictor", codec: FraudCodec, x: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Compute by how much each feature raises the log-odds of fraud, compared with its median in training.

    Args:
        predictor: The network.
        codec: The codec.
        x: Features of shape `(n, features)`.
        logits: The network's logits of the rows, shape `(n,)`.

    Returns:
        Attribution of shape `(n, features)`; 0 for features that equal their median.
    """
    medians = codec.medians.astype(np.float32)
    rows, features = np.nonzero(x != medians)
    varied = x[rows]
    varied[np.arange(len(rows)), features] = medians[features]
    changes = np.zeros(x.shape)
    if not len(rows):
        return changes
    changes[rows, features] = (logits[rows] - predictor({"x": varied})["logit"]) * codec.scaling.slope
    return changes


def reasons(predictor: "Predictor", codec: FraudCodec, x: np.ndarray, logits: np.ndarray) -> list[tuple[str, ...]]:
    """Name the features that raise each probability most.

    Args:
        predictor: The network.
        codec: The codec.
        x: Features of shape `(n, features)`.
        logits: The network's logits of the rows, shape `(n,)`.

    Returns:
        Features with their values and medians, the strongest first, per row.
    """
    lines = []
    for row, strengths in zip(x, attribution(predictor, codec, x, logits), strict=True):
        strongest = [i for i in np.argsort(-strengths)[:MAX_REASONS] if strengths[i] >= MIN_ATTRIBUTION]
        lines.append(
            tuple(f"{codec.encoder.names[i]}: {row[i]:.4g} (median {codec.medians[i]:.4g})" for i in strongest)
        )
    return lines


def shapley_attribution(predictor: "Predictor", codec: FraudCodec, x: np.ndarray) -> ShapleyValues:
    """Compute the Shapley value of each feature: of the log-odds of fraud, compared with the medians of training.

    Unlike those of `attribution`, which takes one evaluation per feature, the values sum to the difference between the
    transaction and the medians (baseline Shapley, Sundararajan & Najmi 2020, arXiv:1908.08474, section 2.2).

    Args:
        predictor: The network.
        codec: The codec.
        x: Features of shape `(features,)`.

    Returns:
        Values and standard errors of shape `(features,)`; 0 for features that equal their median.
    """
    medians = codec.medians.astype(np.float32)
    values, errors = np.zeros(len(x)), np.zeros(len(x))
    moved = np.flatnonzero(x != medians)
    if len(moved):
        places = {"x": np.minimum(np.searchsorted(moved, np.arange(len(x))), len(moved) - 1)}
        evaluate = interventional_values(
            lambda batch: log_odds(predictor, codec, batch["x"]), {"x": x[None]}, {"x": medians[None]}, places
        )
        values[moved], errors[moved] = shapley_values(evaluate, len(moved))
    return ShapleyValues(values, errors)


def log_odds(predictor: "Predictor", codec: FraudCodec, x: np.ndarray) -> np.ndarray:
    """Return the calibrated log-odds of fraud.

    Args:
        predictor: The network.
        codec: The codec.
        x: Features of shape `(n, features)`.

    Returns:
        Array of shape `(n,)`.
    """
    logits = predictor({"x": x})["logit"].astype(np.float64)
    return np.asarray(logits * codec.scaling.slope + codec.scaling.offset)


def attribution_values(predictor: "Predictor", codec: FraudCodec, x: np.ndarray, changes: ShapleyValues) -> JsonObject:
    """Return the Shapley values of a transaction as JSON types.

    Args:
        predictor: The network.
        codec: The codec.
        x: Features of shape `(features,)`.
        changes: Its Shapley values.

    Returns:
        `prediction`, `typical_prediction`, `unit` and `contributions` as of `ExplainsInNumbers`.
    """
    medians = codec.medians.astype(np.float32)
    prediction, typical = log_odds(predictor, codec, np.stack([x, medians])).tolist()
    return {
        "prediction": prediction,
        "typical_prediction": typical,
        "unit": "log-odds of fraud",
        "contributions": sorted_contributions(codec.encoder.names, x.tolist(), medians.tolist(), changes),
    }


def draw_attribution(
    predictor: "Predictor", codec: FraudCodec, x: np.ndarray, changes: ShapleyValues, path: Path
) -> Path:
    """Draw the features that change the log-odds of a transaction most.

    Args:
        predictor: The network.
        codec: The codec.
        x: Features of shape `(features,)`.
        changes: Its Shapley values.
        path: The PNG file to write.

    Returns:
        The file.
    """
    probability = codec.probabilities(predictor({"x": x[None]}))[0]
    return draw_contributions(
        changes,
        lambda place: f"{codec.encoder.names[place]}\n{x[place]:.4g}, median {codec.medians[place]:.4g}",
        f"Probability of fraud {probability:.2%}",
        "log-odds of fraud",
        path,
    )
