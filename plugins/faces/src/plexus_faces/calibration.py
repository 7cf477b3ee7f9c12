"""Threshold and probability of similarities."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from plexus.codec import JsonObject
from plexus.metrics.match_calibration import MatchCalibration
from plexus.metrics.score_tail import ScoreTail, threshold_at
from plexus.metrics.verification import Comparisons, compare_all, match_rate

CURVE_POINTS = 61
FEW_PERSONS = 10
"""Fitted on 5 persons, a stated rate of 0.1 % was 0.7 to 1.5 % on others, on 10 persons 0.4 %, on 15 persons 0.2 %
(`benchmarks/face_thresholds.py`)."""
TEMPLATE_IMAGES, MAX_TEMPLATES = 3, 3
"""Images of a template, and templates of a person, that the calibration of an identification enrols."""


@dataclass(frozen=True)
class SimilarityCalibration:
    """Threshold of a verification, probability of a match, and threshold of an identification.

    Args:
        threshold: The similarity from which two faces are taken for one person.
        match: The probability of a match by similarity.
        template_tail: The largest similarities of faces and templates of other persons.
        error_rates: Threshold, false match rate and false non-match rate, by ascending threshold, for a curve.

    Example:
        ```python
        calibration = fit_calibration(embeddings, persons, false_match_rate=1e-3)
        calibration.match_probability(0.95)
        ```
    """

    threshold: float
    match: MatchCalibration
    template_tail: ScoreTail
    error_rates: tuple[tuple[float, float, float], ...]

    def match_probability(self, similarity: float) -> float:
        """Return the probability that two faces are of one person; see `MatchCalibration`.

        Args:
            similarity: Cosine similarity, from -1 to 1.

        Returns:
            The probability.
        """
        return float(self.match.probability(similarity))

    def identification_threshold(self, persons: int, rate: float) -> float:
        """Return the similarity that the nearest of several persons reaches by chance at a rate.

        The comparisons with the persons count as independent (the binomial model of Grother & Phillips 2004).

        Args:
            persons: Number of persons in the gallery.
            rate: Share of the faces of unknown persons for which a person may be returned.

        Returns:
            The similarity.
        """
        per_person = -np.expm1(np.log1p(-rate) / max(persons, 1))
        return self.template_tail.quantile(min(float(per_person), self.template_tail.rate))

    def to_json(self) -> JsonObject:
        """Return the fitted numbers.

        Returns:
            The object that `from_json` takes.
        """
        return {
            "threshold": self.threshold,
            "slope": self.match.slope,
            "intercept": self.match.intercept,
            "template_tail": self.template_tail._asdict(),
            "error_rates": [list(point) for point in self.error_rates],
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a calibration from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The calibration.
        """
        match = MatchCalibration(state["slope"], state["intercept"])
        points = tuple((threshold, fmr, fnmr) for threshold, fmr, fnmr in state["error_rates"])
        return cls(state["threshold"], match, ScoreTail(**state["template_tail"]), points)


def fit_calibration(embeddings: np.ndarray, persons: np.ndarray, false_match_rate: float) -> SimilarityCalibration:
    """Fit threshold and probability on faces of persons.

    Args:
        embeddings: Embeddings of unit length, shape `(n, d)`.
        persons: Persons, shape `(n,)`.
        false_match_rate: Share of the pairs of two persons above the threshold.

    Returns:
        The calibration.
    """
    pairs = compare_all(embeddings, persons)
    return SimilarityCalibration(
        threshold_at(pairs.similarities[~pairs.genuine], false_match_rate),
        MatchCalibration.fit(pairs.similarities, pairs.genuine),
        ScoreTail.fit(_template_similarities(embeddings, persons)),
        tuple(_error_rates(pairs)),
    )


def impostor_pairs(persons: Sequence[str]) -> int:
    """Count the pairs of images of different persons.

    Args:
        persons: Person of each image.

    Returns:
        The number of pairs.
    """
    counts = Counter(persons).values()
    return (sum(counts) ** 2 - sum(count**2 for count in counts)) // 2


def describe_resolution(persons: Sequence[str], false_match_rate: float) -> str:
    """Describe how uncertain a stated false match rate is.

    Args:
        persons: Person of each image of the calibration.
        false_match_rate: The stated rate.

    Returns:
        A clause; empty if 10 persons or more have enough pairs for a false match.
    """
    count, pairs = len(set(persons)), impostor_pairs(persons)
    below, few = false_match_rate * pairs < 1, count < FEW_PERSONS
    if not below and not few:
        return ""
    parts = [f"{count} persons with {pairs:,} pairs of different persons resolve a rate of {1 / pairs:.2g}"]
    if below:
        parts.append("the threshold is an extrapolation by a generalised Pareto tail")
    if few:
        parts.append(f"below {FEW_PERSONS} persons, the rate on others may be ten times as high")
    return "; ".join([*parts, "calibrate on more persons"])


def _error_rates(pairs: Comparisons) -> Iterator[tuple[float, float, float]]:
    """Return the error rates at thresholds from the typical impostor to the typical genuine comparison."""
    genuine, impostors = pairs.similarities[pairs.genuine], pairs.similarities[~pairs.genuine]
    low, high = sorted((float(np.median(impostors)), float(np.median(genuine))))
    for threshold in np.linspace(low, high, CURVE_POINTS).tolist():
        yield threshold, match_rate(impostors, threshold), 1 - match_rate(genuine, threshold)


def _template_similarities(embeddings: np.ndarray, persons: np.ndarray) -> np.ndarray:
    """Return the similarities of faces and the templates of other persons."""
    similarities = []
    for person in np.unique(persons):
        templates = _templates(embeddings[persons == person])
        similarities.append((embeddings[persons != person] @ templates.T).ravel())
    return np.concatenate(similarities)


def _templates(embeddings: np.ndarray) -> np.ndarray:
    """Return templates of one person, of some faces each, in turn."""
    count = len(embeddings)
    turns = np.arange(min(count, MAX_TEMPLATES))[:, None] + np.arange(min(count, TEMPLATE_IMAGES))
    means = embeddings[turns % count].mean(axis=1)
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True))
