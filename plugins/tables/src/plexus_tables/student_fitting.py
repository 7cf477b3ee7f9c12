"""Training of small networks that predict as the ensemble does, many times as fast."""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.codec import Arrays
from plexus.utils.row_parts import single_blas_thread
from plexus_tables.member_fitting import design_matrix
from plexus_tables.student_member import Layer, StudentMember

if TYPE_CHECKING:
    from plexus_tables.ensemble_fitting import TrainingRows

WIDTHS = (64, 64)
"""Units of the hidden layers."""
MIN_ROWS, ROW_PASSES = 20_000, 400_000
"""Rows that a student learns from, real and synthetic, and how often it sees one in all."""
SHARE = 0.3
"""Share of the columns of a synthetic row that are those of another row."""
MIN_PROBABILITY = 1e-4
"""Smaller probabilities count as this, so that a few extreme logits do not dominate the squared error."""


def fit_student(teacher: Callable[[Arrays], np.ndarray], rows: "TrainingRows", seed: int) -> StudentMember:
    """Fit a multilayer perceptron per fold to the predictions of a model (model compression, Bucilă et al. 2006).

    It learns the logits of the model with the squared error (Ba and Caruana 2014, arXiv:1312.6184, section 2.2), or the
    numbers that it predicts, from the training rows of the fold, and of small tables from synthetic rows too: training
    rows in which some columns are those of another training row. The student of a fold never sees the rows of the fold,
    nor their labels.

    Args:
        teacher: The model: predictions of shape `(n, folds, outputs)` for the arrays of the encoder.
        rows: The training rows.
        seed: Random seed.

    Returns:
        The member.
    """
    students = [_fit_fold(teacher, rows, fold, seed + fold) for fold in range(int(rows.folds.max()) + 1)]
    layers = [
        Layer(*(np.stack(arrays).astype(np.float32) for arrays in zip(*of_folds, strict=True)))
        for of_folds in zip(*map(_layers, students), strict=True)
    ]
    if rows.labels == 2:
        # The student learned the logit of the second label, which is as much above 0 as that of the first is below.
        kernel, bias = layers[-1]
        layers[-1] = Layer(np.concatenate([-kernel, kernel], axis=2) / 2, np.concatenate([-bias, bias], axis=1) / 2)
    return StudentMember(layers, rows.code_sizes)


def _fit_fold(teacher: Callable[[Arrays], np.ndarray], rows: "TrainingRows", fold: int, seed: int) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    arrays = _with_synthetic_rows(rows, np.flatnonzero(rows.folds != fold), np.random.default_rng(seed))
    targets = _targets(teacher(arrays)[:, fold])
    passes = max(ROW_PASSES // len(targets), 1)
    student = MLPRegressor(
        hidden_layer_sizes=WIDTHS,
        batch_size=128,
        learning_rate_init=2e-3,
        alpha=1e-6,
        max_iter=passes,
        n_iter_no_change=passes,
        random_state=seed,
    )
    with single_blas_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of passes is the intended one
        return student.fit(design_matrix(arrays, rows.code_sizes), targets)


def _with_synthetic_rows(rows: "TrainingRows", real: np.ndarray, random: np.random.Generator) -> Arrays:
    """Return the arrays of real rows, and of synthetic ones where these are fewer than `MIN_ROWS`."""
    count = max(MIN_ROWS - len(real), 0)
    some, others = random.choice(real, count), random.choice(real, count)
    columns = 1 + max(int(of_features.max()) for of_features in rows.feature_columns.values())
    replaced = random.random((count, columns)) < SHARE
    return {
        name: np.concatenate(
            [values[real], np.where(replaced[:, rows.feature_columns[name]], values[others], values[some])]
        )
        for name, values in rows.arrays.items()
    }


def _targets(predictions: np.ndarray) -> np.ndarray:
    """Return the numbers, shape `(n,)`, the logits of the second of two labels, or those of all, `(n, labels)`."""
    if predictions.shape[1] == 1:
        return predictions[:, 0]
    logarithms = np.log(np.maximum(predictions, MIN_PROBABILITY))
    if predictions.shape[1] == 2:
        return np.asarray(logarithms[:, 1] - logarithms[:, 0])
    return np.asarray(logarithms - logarithms.mean(axis=1, keepdims=True))


def _layers(student: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return kernel and bias of each layer."""
    return list(zip(student.coefs_, student.intercepts_, strict=True))
