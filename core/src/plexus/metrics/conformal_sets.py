"""Label sets of stated coverage."""

from typing import TYPE_CHECKING, Self

import numpy as np

from plexus.errors import InputError
from plexus.metrics.fold_scores import FoldScores

if TYPE_CHECKING:
    from plexus.codec import JsonObject

TOLERANCE = 1e-6
"""Scores that differ by less count as equal."""


class ConformalLabelSets:
    """Sets of labels that contain the true label with a stated probability, never empty.

    The score of a label is 1 less its probability (LAC, Sadinle et al. 2019). The scores of a row are compared with
    those of a cross-validation, each by the network of the fold in which it was held out (cross-conformal prediction,
    Vovk 2015, Annals of Mathematics and Artificial Intelligence 74:9). A set contains the labels whose p-value is above
    `1 - coverage`, and always the most probable one.

    The sets cover more than stated where the most probable label is right more often than that, since none is empty:
    `expected_coverage` estimates their coverage.

    Args:
        scores: Scores of the true labels in the out-of-fold predictions.
        accuracy: Accuracy of the out-of-fold predictions, from 0 to 1.

    Example:
        ```python
        label_sets = ConformalLabelSets.fit(out_of_fold_probabilities, classes, folds)
        sets = label_sets.sets(probabilities_by_fold, coverage=0.9)
        [label for label, member in zip(labels, sets[0]) if member]
        ```
    """

    def __init__(self, scores: FoldScores, accuracy: float) -> None:
        self.scores, self.accuracy = scores, accuracy

    @classmethod
    def fit(cls, probabilities: np.ndarray, classes: np.ndarray, folds: np.ndarray) -> Self:
        """Compute the scores of a cross-validation.

        Args:
            probabilities: Out-of-fold probabilities, shape `(n, classes)`.
            classes: True classes, shape `(n,)`.
            folds: Fold in which each row was held out, counted from 0, shape `(n,)`.

        Returns:
            The label sets.
        """
        scores = _scores(probabilities[np.arange(len(classes)), classes])
        accuracy = float(np.mean(probabilities.argmax(axis=1) == classes))
        return cls(FoldScores.fit(scores, folds), accuracy)

    def p_values(self, probabilities: np.ndarray) -> np.ndarray:
        """Compute per label the proportion of rows that are as unusual as the row would be with this label.

        Args:
            probabilities: Probabilities by the network of each fold, shape `(n, folds, classes)`.

        Returns:
            p-values of shape `(n, classes)`, above 0, at most 1.

        Raises:
            InputError: If the number of predictions per row is not that of the folds.
        """
        counts, points = self.scores
        if probabilities.ndim != 3 or probabilities.shape[1] != len(counts):
            raise InputError(
                f"probabilities: expected {len(counts)} per row, one per fold, found {probabilities.shape}"
            )
        # A row that equals one of the training has its score but for rounding, which differs between batch sizes.
        scores = _scores(probabilities) - TOLERANCE
        larger = np.ones((len(scores), scores.shape[2]))
        for fold, (count, sorted_points) in enumerate(zip(counts, points, strict=True)):
            smaller = sorted_points.searchsorted(scores[:, fold].ravel()).reshape(larger.shape)
            larger += (1 - smaller / len(sorted_points)) * count
        return np.asarray(larger / (counts.sum() + 1))

    def sets(self, probabilities: np.ndarray, coverage: float) -> np.ndarray:
        """Compute the label sets of rows.

        Args:
            probabilities: Probabilities by the network of each fold, shape `(n, folds, classes)`.
            coverage: Proportion of new rows whose set contains the true label, above 0 and below 1.

        Returns:
            Boolean array of shape `(n, classes)`; the label with the highest mean probability is always a member.

        Raises:
            InputError: If the coverage is not between 0 and 1.
        """
        if not 0 < coverage < 1:
            raise InputError(f"coverage: expected a number above 0 and below 1, such as 0.9, found {coverage}")
        members = self.p_values(probabilities) > 1 - coverage + 1e-9
        members[np.arange(len(members)), probabilities.mean(axis=1).argmax(axis=1)] = True
        return np.asarray(members)

    def expected_coverage(self, coverage: float) -> float:
        """Return the coverage that the sets are expected to have.

        Args:
            coverage: The stated coverage, above 0 and below 1.

        Returns:
            The stated coverage, or the out-of-fold accuracy if it is higher; with more than two classes a lower bound.
        """
        return max(coverage, self.accuracy)

    def to_json(self) -> "JsonObject":
        """Return the state as JSON types, with the fields of `LabelSetsState`.

        Returns:
            The object that `from_json` takes.
        """
        return {"scores": self.scores.to_json(), "accuracy": self.accuracy}

    @classmethod
    def from_json(cls, state: "JsonObject") -> Self:
        """Create the label sets from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The label sets.
        """
        return cls(FoldScores.from_json(state["scores"]), state["accuracy"])


def label_set_metrics(sets: np.ndarray, classes: np.ndarray) -> dict[str, float]:
    """Compute the metrics of label sets.

    Args:
        sets: Boolean array of shape `(n, classes)`.
        classes: True classes, shape `(n,)`.

    Returns:
        `set_coverage`, the proportion of sets that contain the true class, `set_size`, their mean number of classes,
        and `single_label`, the proportion of sets with exactly one class.
    """
    sizes = sets.sum(axis=1)
    return {
        "set_coverage": float(sets[np.arange(len(classes)), classes].mean()),
        "set_size": float(sizes.mean()),
        "single_label": float(np.mean(sizes == 1)),
    }


def _scores(probabilities: np.ndarray) -> np.ndarray:
    """Return 1 less the probability, which rounding may have made larger than 1."""
    return np.maximum(1 - probabilities.astype(np.float64), 0.0)
