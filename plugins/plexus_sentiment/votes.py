"""What each n-gram says of a label."""

from typing import Any

import numpy as np

BETA = 0.25
"""How far each weight goes from their mean size: a confident model of rare n-grams is a wrong one."""


def fit_votes(grams: np.ndarray, owners: np.ndarray, targets: np.ndarray, buckets: int, classes: int) -> np.ndarray:
    """Fit NB-SVM (Wang & Manning 2012, https://aclanthology.org/P12-2018), one class against the others.

    A linear support vector machine on n-grams that are scaled by naive Bayes' log-count ratios, its weights
    interpolated with their mean size.

    Args:
        grams: buckets of windows of the texts `(windows, any)`, 0 for nothing.
        owners: the text of each window; targets: the class of each text.

    Returns:
        The votes of each bucket `(buckets + 1, classes)`, and none for bucket 0.
    """
    from sklearn.svm import LinearSVC

    counted = _counted(grams, owners, len(targets), buckets)
    present = np.asarray(counted.sum(axis=0)).ravel() > 0
    votes = np.zeros((buckets + 1, classes), np.float32)
    for label in range(classes if classes > 2 else 1):
        own = (targets == label).astype(int)
        ratios = log_count_ratios(counted, own)
        machine = LinearSVC(C=1.0, tol=1e-3, max_iter=5000, random_state=0).fit(counted.multiply(ratios).tocsr(), own)
        weights = machine.coef_[0]
        weights = (1 - BETA) * np.abs(weights[present]).mean() + BETA * weights
        votes[:, label] = ratios * weights
    if classes == 2:
        votes[:, 1] = -votes[:, 0]
    votes[0] = 0
    return votes


def log_count_ratios(counted: Any, own: np.ndarray) -> np.ndarray:
    """How much oftener each n-gram is in one class than in the others, as a logarithm (equation 3); 0 if it is in none.

    Args:
        counted: a sparse matrix `(texts, buckets + 1)`; own: 1 for texts of the class, else 0.
    """
    inside, outside = (1 + np.asarray(counted[own == side].sum(axis=0)).ravel() for side in (1, 0))
    present = inside + outside > 2
    ratios = np.log(inside / inside[present].sum()) - np.log(outside / outside[present].sum())
    return np.where(present, ratios, 0)


def _counted(grams: np.ndarray, owners: np.ndarray, texts: int, buckets: int) -> Any:
    """1 where a text has an n-gram, as a sparse matrix."""
    from scipy.sparse import csr_matrix

    windows, places = np.nonzero(grams)
    cells = owners[windows], grams[windows, places]
    matrix = csr_matrix((np.ones(len(windows), np.float32), cells), (texts, buckets + 1))
    matrix.data[:] = 1
    return matrix
