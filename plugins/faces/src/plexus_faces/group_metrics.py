"""Error rates of groups of persons."""

from collections.abc import Mapping

import numpy as np

from plexus.metrics.subgroups import MISSING
from plexus.metrics.verification import compare_all, equal_error_rate
from plexus.metrics.verification_intervals import verification_intervals
from plexus_faces.codec import FaceCodec
from plexus_faces.evaluation import threshold_metrics

RATES = ("equal_error_rate", "false_match_rate", "false_non_match_rate")
MIN_PERSONS = 2
"""Persons with two images or more of a group: a smaller one has its counts only."""


def group_metrics(
    embeddings: np.ndarray, persons: np.ndarray, groups: Mapping[str, str], codec: FaceCodec
) -> dict[str, float]:
    """Compute the error rates of each group, on pairs of images of the group alone.

    Persons of one group, such as an age band, may be more alike than any two: then the false match rate of all pairs is
    too low for the group.

    Args:
        embeddings: Embeddings of unit length, shape `(n, d)`.
        persons: Persons, shape `(n,)`.
        groups: Group by person; persons without one are the group `missing`.
        codec: The calibrated codec.

    Returns:
        Metrics by `GROUP:NAME`: `persons`, `images`, and the rates of `RATES` with their 95 % bootstrap intervals over
        persons, `GROUP:NAME_low` and `GROUP:NAME_high`. The rates are NaN, without an interval, if fewer than two
        persons have two images or more. Nothing without groups.
    """
    labels = np.array([groups.get(person, MISSING) for person in persons.tolist()])
    names = sorted(set(labels.tolist()), key=lambda name: (name == MISSING, name)) if groups else []
    return {
        f"{name}:{metric}": value
        for name in names
        for metric, value in _metrics(embeddings[labels == name], persons[labels == name], codec).items()
    }


def group_table(metrics: Mapping[str, float]) -> list[str]:
    """Write the table of the model card.

    Args:
        metrics: The metrics of a split, those of `group_metrics` among them; undefined ones may be missing.

    Returns:
        Lines of Markdown; empty without groups.
    """
    names = [name.removesuffix(":persons") for name in metrics if name.endswith(":persons")]
    if not names:
        return []
    return [
        "### Groups",
        "",
        "On pairs of images of persons of the same group; two persons of one group may be more alike than any two. "
        "Intervals are 95 % bootstrap intervals over persons. A group is too small if fewer than "
        f"{MIN_PERSONS} persons have two images or more.",
        "",
        f"| group | persons | images | {' | '.join(name.replace('_', ' ') for name in RATES)} |",
        f"|---|---|---|{'---|' * len(RATES)}",
        *(
            f"| {name} | {metrics[f'{name}:persons']:,.0f} | {metrics[f'{name}:images']:,.0f} | "
            f"{' | '.join(_cell(metrics, f'{name}:{rate}') for rate in RATES)} |"
            for name in names
        ),
        "",
    ]


def _metrics(embeddings: np.ndarray, persons: np.ndarray, codec: FaceCodec) -> dict[str, float]:
    counts = np.unique(persons, return_counts=True)[1]
    metrics: dict[str, float] = {"persons": len(counts), "images": len(persons)}
    if np.sum(counts > 1) < MIN_PERSONS:
        return metrics | dict.fromkeys(RATES, np.nan)
    pairs = compare_all(embeddings, persons)
    rates = threshold_metrics(pairs, codec.threshold)
    rates["equal_error_rate"] = equal_error_rate(pairs.similarities, pairs.genuine)
    intervals = verification_intervals(pairs, persons, codec.threshold, codec.false_match_rate)
    for name in RATES:
        low, high = intervals[name]
        metrics |= {name: rates[name], f"{name}_low": low, f"{name}_high": high}
    return metrics


def _cell(metrics: Mapping[str, float], name: str) -> str:
    if name not in metrics:
        return "too small"
    return f"{metrics[name]:.2%} ({metrics[f'{name}_low']:.2%} to {metrics[f'{name}_high']:.2%})"
