"""Metrics of verification on the pairs of a split."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from plexus import Examples
from plexus.metrics.verification import Comparisons, compare_all, equal_error_rate, match_rate, true_accept_rate
from plexus.metrics.verification_intervals import verification_intervals
from plexus_faces.codec import FaceCodec, unit_rows

if TYPE_CHECKING:
    from plexus import Predictor

PIXEL_SIZE = 30
"""Side of the images of the baseline, in pixels."""
ENDS = ("low", "high")
CHUNK = 1024
"""Faces that are compared with all others at once."""


def embed_split(predictor: "Predictor", examples: Examples[str], codec: FaceCodec) -> tuple[np.ndarray, np.ndarray]:
    """Compute the embeddings of a split.

    Args:
        predictor: The network.
        examples: Faces and persons.
        codec: The codec.

    Returns:
        Embeddings of unit length, shape `(n, d)`, and persons, shape `(n,)`.
    """
    return unit_rows(predictor(examples.encode(codec))["embedding"]), np.array(examples.targets)


def evaluate_split(
    predictor: "Predictor", examples: Examples[str], codec: FaceCodec, groups: Mapping[str, str]
) -> dict[str, float]:
    """Compute the metrics of a split.

    Args:
        predictor: The network.
        examples: Faces and persons.
        codec: The codec; one that is calibrated has a threshold.
        groups: Group by person, if the data name groups.

    Returns:
        The metrics by name; of a calibrated codec also those at its threshold, the 95 % intervals of all rates of
        pairs, and those of `group_metrics`.
    """
    from plexus_faces.group_metrics import group_metrics

    embeddings, persons = embed_split(predictor, examples, codec)
    pairs = compare_all(embeddings, persons)
    pixels = compare_all(_pixel_embeddings(examples.encode(codec)["face"]), persons)
    metrics = {
        "equal_error_rate": equal_error_rate(pairs.similarities, pairs.genuine),
        "pixel_equal_error_rate": equal_error_rate(pixels.similarities, pixels.genuine),
        "true_accept_rate": true_accept_rate(pairs.similarities, pairs.genuine, codec.false_match_rate),
        "rank_1_rate": rank_1_rate(embeddings, persons),
    }
    if not codec.is_calibrated:
        return metrics
    intervals = verification_intervals(pairs, persons, codec.threshold, codec.false_match_rate)
    bounds = {f"{name}_{end}": value for name, pair in intervals.items() for end, value in zip(ENDS, pair, strict=True)}
    metrics |= threshold_metrics(pairs, codec.threshold) | bounds
    return metrics | group_metrics(embeddings, persons, groups, codec)


def rank_1_rate(embeddings: np.ndarray, persons: np.ndarray) -> float:
    """Compute the share of faces whose most similar other face is of the same person.

    Args:
        embeddings: Embeddings of unit length, shape `(n, d)`.
        persons: Persons, shape `(n,)`.

    Returns:
        The share among the faces of persons with two or more, from 0 to 1.
    """
    nearest = np.concatenate([_nearest(embeddings, start) for start in range(0, len(embeddings), CHUNK)])
    counts = np.unique(persons, return_inverse=True, return_counts=True)
    has_other = counts[2][counts[1]] > 1
    return float(np.mean((persons[nearest] == persons)[has_other]))


def threshold_metrics(pairs: Comparisons, threshold: float) -> dict[str, float]:
    """Compute the error rates at a threshold.

    Args:
        pairs: The comparisons.
        threshold: The similarity from which two faces are taken for one person.

    Returns:
        False match rate and false non-match rate.
    """
    return {
        "false_match_rate": match_rate(pairs.similarities[~pairs.genuine], threshold),
        "false_non_match_rate": 1 - match_rate(pairs.similarities[pairs.genuine], threshold),
    }


def _nearest(embeddings: np.ndarray, start: int) -> np.ndarray:
    similarities = embeddings[start : start + CHUNK] @ embeddings.T
    rows = np.arange(len(similarities))
    similarities[rows, start + rows] = -np.inf
    return np.asarray(similarities.argmax(axis=1))


def _pixel_embeddings(chips: np.ndarray) -> np.ndarray:
    """Return the standardized grey pixels of aligned faces: the baseline."""
    import cv2

    size = (PIXEL_SIZE, PIXEL_SIZE)
    small = [cv2.resize(chip.mean(axis=2), size, interpolation=cv2.INTER_AREA).ravel() for chip in chips]
    pixels = np.stack(small)
    return unit_rows(pixels - pixels.mean(axis=1, keepdims=True))
