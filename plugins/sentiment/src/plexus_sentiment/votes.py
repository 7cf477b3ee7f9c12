"""What each n-gram says of a label."""

from typing import Any

import numpy as np

BETA = 0.25
"""How far each weight goes from their mean size: a confident model of rare n-grams is a wrong one."""
SMOOTHING = 0.5
"""Added to every count: an n-gram that was seen once says little."""
COST = 0.03
"""Of a text on the wrong side of the margin, beside the size of the weights."""


def fit_votes(counted: Any, targets: np.ndarray, classes: int) -> np.ndarray:
    """Fit NB-SVM (Wang & Manning 2012, https://aclanthology.org/P12-2018), one class against the others.

    A linear support vector machine on n-grams that are scaled by naive Bayes' log-count ratios, its weights
    interpolated with their mean size. Votes are scaled so that their sums in these texts have a mean size of 1.

    Args:
        counted: as `count_ngrams` gives it; targets: the class of each text.

    Returns:
        The votes of each bucket `(buckets + 1, classes)`, none for bucket 0; of two classes for the first alone.
    """
    from sklearn.svm import LinearSVC

    there = (counted > 0).astype(np.float32)
    present = np.asarray(there.sum(axis=0)).ravel() > 0
    votes = np.zeros((counted.shape[1], classes if classes > 2 else 1), np.float32)
    for label in range(votes.shape[1]):
        own = (targets == label).astype(int)
        if not 0 < own.sum() < len(own):
            continue  # a fold may have all texts of a rare class
        ratios = log_count_ratios(there, own)
        machine = LinearSVC(C=COST, tol=1e-2, max_iter=5000, random_state=0)
        weights = machine.fit(there.multiply(ratios).tocsr(), own).coef_[0]
        weights = (1 - BETA) * np.abs(weights[present]).mean() + BETA * weights
        votes[:, label] = ratios * weights
    return votes / max(float(np.abs(counted @ votes).mean()), 1e-6)


def votes_apart(counted: Any, targets: np.ndarray, classes: int, folds: np.ndarray, wanted: int) -> np.ndarray:
    """The sums of votes for the texts of the first folds, by n-grams of the texts of all other folds.

    Args:
        counted, targets, classes: as of `fit_votes`.
        folds: of each text; wanted: how many of them are asked for.

    Returns:
        Logits `(texts, classes)`; 0 in the folds that were not asked for.
    """
    sums = np.zeros((len(targets), classes))
    for fold in range(wanted):
        votes = fit_votes(counted[folds != fold], targets[folds != fold], classes)
        found = counted[folds == fold] @ votes
        sums[folds == fold] = found if classes > 2 else np.concatenate([found, -found], axis=1)
    return sums


def log_count_ratios(counted: Any, own: np.ndarray) -> np.ndarray:
    """How much oftener each n-gram is in one class than in the others, as a logarithm (equation 3); 0 if it is in none.

    Args:
        counted: as `count_ngrams` gives it; own: 1 for texts of the class, else 0.
    """
    inside, outside = (SMOOTHING + np.asarray(counted[own == side].sum(axis=0)).ravel() for side in (1, 0))
    present = inside + outside > 2 * SMOOTHING
    ratios = np.log(inside / inside[present].sum()) - np.log(outside / outside[present].sum())
    return np.where(present, ratios, 0)


def count_ngrams(grams: np.ndarray, owners: np.ndarray, texts: int, buckets: int) -> Any:
    """In how many windows of a text each n-gram is, as a sparse matrix `(texts, buckets + 1)`.

    Args:
        grams: buckets of windows of the texts `(windows, any)`, 0 for nothing.
        owners: the text of each window.
    """
    from scipy.sparse import csr_matrix

    windows, places = np.nonzero(grams)
    cells = owners[windows], grams[windows, places]
    return csr_matrix((np.ones(len(windows), np.float32), cells), (texts, buckets + 1))
