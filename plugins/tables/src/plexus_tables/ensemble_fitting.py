"""Choice of the model: the networks alone, or an ensemble with linear models and trees."""

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Arrays
from plexus.utils.messages import note
from plexus_tables.boosting_fitting import fit_boosting
from plexus_tables.comparison import Comparison
from plexus_tables.ensemble import BOOSTING, FOREST, LINEAR, NETWORK, STUDENT, Ensemble, Member
from plexus_tables.member_fitting import fit_forest, fit_linear, out_of_fold, row_losses
from plexus_tables.student_fitting import fit_student

if TYPE_CHECKING:
    from plexus_tables.options import TableOptions

ENSEMBLE = "ensemble"
"""Name of the weighted mean of the members in the comparison."""
LARGE_ROWS = 10_000
"""Rows from which a model has to earn its time of prediction: `benchmarks/tables.py` has smaller sets only."""
ROUNDS = 20
"""Rounds of the selection; weights are multiples of a twentieth."""


@dataclass(frozen=True)
class TrainingRows:
    """The training rows, encoded.

    Args:
        arrays: The arrays of the encoder.
        code_sizes: Number of codes of each column of `codes`.
        feature_columns: By array the column of the table that each of its features is made from.
        targets: Classes, or standardized numbers, shape `(n,)`.
        labels: Number of labels; 1 for numbers.
        folds: Fold of each row, shape `(n,)`.

    Example:
        ```python
        TrainingRows(arrays, encoder.code_sizes, encoder.feature_columns, classes, labels=2, folds=folds)
        ```
    """

    arrays: Arrays
    code_sizes: Sequence[int]
    feature_columns: Mapping[str, np.ndarray]
    targets: np.ndarray
    labels: int
    folds: np.ndarray


def fit_ensemble(
    predictor: Callable[[Arrays], Arrays], rows: TrainingRows, options: "TableOptions"
) -> tuple[Ensemble, list[Comparison], np.ndarray]:
    """Fit the other members, and choose the model by out-of-fold predictions.

    `--model auto` is the ensemble. In tables of `LARGE_ROWS` rows and more, where it takes longer to predict, the
    networks are used alone unless the ensemble is better by more than one standard error of the difference (the
    one-standard-error rule of Breiman et al. 1984, section 3.4.3). With a monotone effect they are always used alone.
    `--model student` learns the predictions of the ensemble.

    Args:
        predictor: The networks.
        rows: The training rows.
        options: The options.

    Returns:
        The model, the comparison of all models, the one in use first, and the model's predictions for the training
        rows, shape `(n, folds, outputs)`.
    """
    network = predictor(rows.arrays)[NETWORK]
    members = _fit_members(rows, options)
    predictions = {NETWORK: out_of_fold(network, rows.folds)} | {
        name: out_of_fold(member.predict(rows.arrays), rows.folds) for name, member in members.items()
    }
    weights = select_weights(predictions, rows.targets)
    predictions[ENSEMBLE] = _weighted(predictions, weights)
    if options.model == STUDENT:
        members[STUDENT] = fit_student(_teacher(predictor, Ensemble(weights, members)), rows, options.seed)
        predictions[STUDENT] = out_of_fold(members[STUDENT].predict(rows.arrays), rows.folds)
    losses = {name: row_losses(values, rows.targets) for name, values in predictions.items()}
    # The other models do not keep monotone effects.
    chosen = NETWORK if options.has_monotone_effects else _choose(losses, options.model)
    used = weights if chosen == ENSEMBLE else {chosen: 1.0}
    comparison = Comparison.of_losses(losses, chosen)
    ensemble = Ensemble(used, {name: member for name, member in members.items() if name in used})
    _announce(comparison, ensemble)
    return ensemble, comparison, ensemble.combine(network, rows.arrays)


def select_weights(predictions: Mapping[str, np.ndarray], targets: np.ndarray) -> dict[str, float]:
    """Select the weights of models by forward selection with replacement (Caruana et al. 2004, section 2.1).

    Each of `ROUNDS` rounds adds the model that makes the mean of all models so far best.

    Args:
        predictions: Out-of-fold predictions by model, each of shape `(n, outputs)`.
        targets: Classes, or standardized numbers, shape `(n,)`.

    Returns:
        The weights above 0, which sum to 1.
    """
    counts = dict.fromkeys(predictions, 0)
    total = np.zeros_like(next(iter(predictions.values())), float)
    for round_number in range(1, ROUNDS + 1):
        losses = {
            name: float(row_losses((total + values) / round_number, targets).mean())
            for name, values in predictions.items()
        }
        best = min(losses, key=lambda name: losses[name])
        counts[best] += 1
        total += predictions[best]
    return {name: count / ROUNDS for name, count in counts.items() if count}


def _fit_members(rows: TrainingRows, options: "TableOptions") -> dict[str, Member]:
    threads = options.threads or os.cpu_count() or 1
    data = rows.arrays, rows.targets, rows.labels, rows.folds, options.seed, threads
    with warnings.catch_warnings():
        # Labels with few rows are noted when the table is read.
        warnings.filterwarnings("ignore", "The number of unique classes is greater than 50%")
        return {
            LINEAR: fit_linear(rows.arrays, rows.code_sizes, rows.targets, rows.labels, rows.folds),
            FOREST: fit_forest(*data),
            BOOSTING: fit_boosting(*data),
        }


def _teacher(predictor: Callable[[Arrays], Arrays], ensemble: Ensemble) -> Callable[[Arrays], np.ndarray]:
    return lambda arrays: ensemble.combine(predictor(arrays)[NETWORK], arrays)


def _weighted(predictions: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    return np.asarray(sum(weight * predictions[name] for name, weight in weights.items()))


def _choose(losses: Mapping[str, np.ndarray], model: str) -> str:
    if model != "auto":
        return model
    if len(losses[NETWORK]) < LARGE_ROWS:
        return ENSEMBLE
    differences = losses[NETWORK] - losses[ENSEMBLE]
    standard_error = differences.std() / np.sqrt(len(differences))
    return ENSEMBLE if differences.mean() > standard_error else NETWORK


def _announce(comparison: Sequence[Comparison], ensemble: Ensemble) -> None:
    used, *others = comparison
    note(f"model: {ensemble.describe(used.model)}")
    for other in others:
        if other.high < 0:
            interval = f"{-other.high:.4g} to {-other.low:.4g}"
            note(f"{other.model} is better out of fold by {-other.difference:.4g} ({interval})")
