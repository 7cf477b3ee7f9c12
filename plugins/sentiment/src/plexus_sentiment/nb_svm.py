"""NB-SVM: a linear classifier of n-grams."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

INTERPOLATION = 0.25
"""Weight of the fitted weights, relative to their mean size: rare n-grams get moderate weights."""
COUNT_SMOOTHING = 0.5
"""Added to every count."""
COST = 0.03
"""Penalty of an example within the margin, relative to that of the weights."""


def fit_nb_svm(counts: "csr_matrix", classes: np.ndarray, class_count: int) -> np.ndarray:
    """Fit NB-SVM (Wang & Manning 2012, https://aclanthology.org/P12-2018, section 2.3), one class against the others.

    A linear support vector machine on n-grams that are scaled by naive Bayes' log-count ratios, its weights
    interpolated with their mean size. The weights are scaled so that the logits of these texts have a mean size of 1.

    Args:
        counts: The result of `count_ngrams`.
        classes: Class of each text, shape `(texts,)`.
        class_count: Number of classes.

    Returns:
        Weights of shape `(buckets + 1, classes)`, those of bucket 0 being 0; of two classes only for the first, shape
        `(buckets + 1, 1)`.
    """
    from sklearn.svm import LinearSVC

    present = (counts > 0).astype(np.float32)
    observed = np.asarray(present.sum(axis=0)).ravel() > 0
    weights = np.zeros((counts.shape[1], class_count if class_count > 2 else 1), np.float32)
    for label in range(weights.shape[1]):
        of_class = (classes == label).astype(int)
        if not 0 < of_class.sum() < len(of_class):
            continue  # a fold may contain all texts of a rare class
        ratios = log_count_ratios(present, of_class)
        classifier = LinearSVC(C=COST, tol=1e-2, max_iter=5000, random_state=0)
        fitted = classifier.fit(present.multiply(ratios).tocsr(), of_class).coef_[0]
        mean_size = np.abs(fitted[observed]).mean()
        weights[:, label] = ratios * ((1 - INTERPOLATION) * mean_size + INTERPOLATION * fitted)
    return weights / max(float(np.abs(counts @ weights).mean()), 1e-6)


def cross_fitted_logits(
    counts: "csr_matrix",
    classes: np.ndarray,
    class_count: int,
    folds: np.ndarray,
    others: "csr_matrix",
    other_folds: np.ndarray,
) -> np.ndarray:
    """Return the logits of texts, each by NB-SVM fitted on the texts of all folds but its own.

    Args:
        counts: The result of `count_ngrams` for the texts to fit on.
        classes: Class of each of them, shape `(texts,)`.
        class_count: Number of classes.
        folds: Fold of each of them, shape `(texts,)`.
        others: The result of `count_ngrams` for the texts whose logits are computed.
        other_folds: Fold of each of those, shape `(others,)`.

    Returns:
        Logits of shape `(others, classes)`.
    """
    logits = np.zeros((len(other_folds), class_count))
    for fold in np.unique(other_folds):
        weights = fit_nb_svm(counts[folds != fold], classes[folds != fold], class_count)
        of_fold = others[other_folds == fold] @ weights
        logits[other_folds == fold] = of_fold if class_count > 2 else np.concatenate([of_fold, -of_fold], axis=1)
    return logits


def log_count_ratios(counts: "csr_matrix", of_class: np.ndarray) -> np.ndarray:
    """Compute the log-count ratio of each n-gram (Wang & Manning 2012, section 2.1).

    Args:
        counts: The result of `count_ngrams`.
        of_class: 1 for texts of the class, else 0, shape `(texts,)`.

    Returns:
        Logarithms of how much more frequent each n-gram is in the class than in the others, shape `(buckets + 1,)`; 0
        for n-grams that do not occur.
    """
    inside, outside = (COUNT_SMOOTHING + np.asarray(counts[of_class == value].sum(axis=0)).ravel() for value in (1, 0))
    observed = inside + outside > 2 * COUNT_SMOOTHING
    ratios = np.log(inside / inside[observed].sum()) - np.log(outside / outside[observed].sum())
    return np.asarray(np.where(observed, ratios, 0))


def count_ngrams(buckets: np.ndarray, window_counts: np.ndarray, bucket_count: int) -> "csr_matrix":
    """Count the sections of each text that contain each n-gram.

    Args:
        buckets: Buckets of the windows of all texts in order, padded with 0, shape `(windows, width)`; each n-gram
            of a section is in one of its windows.
        window_counts: Number of windows of each text, shape `(texts,)`.
        bucket_count: Number of buckets.

    Returns:
        Sparse matrix of shape `(texts, bucket_count + 1)`.
    """
    from scipy.sparse import csr_matrix

    owners = np.repeat(np.arange(len(window_counts)), window_counts)
    windows, places = np.nonzero(buckets)
    cells = owners[windows], buckets[windows, places]
    return csr_matrix((np.ones(len(windows), np.float32), cells), (len(window_counts), bucket_count + 1))
