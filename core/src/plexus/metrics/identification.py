"""Open-set identification: samples of persons, some of whom are not enrolled, are searched in a gallery.

The terms are those of ISO/IEC 19795-1. A search returns the most similar template if its similarity is at least the
threshold, and nobody otherwise.
"""

from typing import NamedTuple

import numpy as np

from plexus.errors import InputError
from plexus.metrics.score_tail import empirical_threshold


class IdentificationRates(NamedTuple):
    """Error rates of searches.

    Attributes:
        false_negative_rate: FNIR: share of the searches of enrolled persons that do not return the person; NaN without
            such searches.
        false_positive_rate: FPIR: share of the searches of persons who are not enrolled that return anybody; NaN
            without such searches.
        rank_1_rate: Share of the searches of enrolled persons whose most similar template is of the person, whatever
            the threshold is; NaN without such searches.

    Example:
        ```python
        rates = identification_rates(templates, names, probes, probe_names, threshold=0.93)
        rates.false_negative_rate
        ```
    """

    false_negative_rate: float
    false_positive_rate: float
    rank_1_rate: float


def nearest_templates(templates: np.ndarray, probes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Search probes in a gallery.

    Args:
        templates: Embeddings of unit length of the enrolled persons, shape `(g, d)`; a person may have several.
        probes: Embeddings of unit length, shape `(n, d)`.

    Returns:
        Index of the most similar template of each probe, and its similarity, both of shape `(n,)`.

    Raises:
        InputError: If there are no templates, or their size differs from that of the probes.
    """
    if not len(templates) or templates.shape[1:] != probes.shape[1:]:
        raise InputError(
            f"templates: expected one or more of the size of the probes, got {templates.shape} and probes of "
            f"{probes.shape}"
        )
    similarities = probes @ templates.T
    nearest = similarities.argmax(axis=1)
    return nearest, np.take_along_axis(similarities, nearest[:, None], axis=1)[:, 0]


def identification_rates(
    templates: np.ndarray,
    template_persons: np.ndarray,
    probes: np.ndarray,
    probe_persons: np.ndarray,
    threshold: float,
) -> IdentificationRates:
    """Compute the error rates of searches in a gallery.

    Args:
        templates: Embeddings of unit length of the enrolled persons, shape `(g, d)`; a person may have several.
        template_persons: Person of each template, shape `(g,)`.
        probes: Embeddings of unit length that are searched, none of them a template, shape `(n, d)`.
        probe_persons: Person of each probe, shape `(n,)`; those without a template are not enrolled.
        threshold: Similarity from which a search returns the most similar template.

    Returns:
        The rates.
    """
    nearest, similarities = nearest_templates(templates, probes)
    enrolled = np.isin(probe_persons, template_persons)
    right = np.asarray(template_persons)[nearest] == np.asarray(probe_persons)
    returned = similarities >= threshold
    return IdentificationRates(
        1 - _mean((right & returned)[enrolled]), _mean(returned[~enrolled]), _mean(right[enrolled])
    )


def identification_threshold(templates: np.ndarray, probes: np.ndarray, false_positive_rate: float) -> float:
    """Compute the lowest threshold of at most a stated FPIR.

    Args:
        templates: Embeddings of unit length of the enrolled persons, shape `(g, d)`.
        probes: Embeddings of unit length of persons who are not enrolled, shape `(n, d)`; at least one.
        false_positive_rate: Share of these searches that may return anybody, from 0 to 1.

    Returns:
        The similarity from which a search returns the most similar template.
    """
    return empirical_threshold(nearest_templates(templates, probes)[1], false_positive_rate)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan
