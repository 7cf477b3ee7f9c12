"""Audit of a gallery: images and persons that were probably enrolled by mistake."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from plexus_faces.gallery import Gallery

MAX_FINDINGS = 1000
"""Findings of one kind; of more, those of the highest severity."""
DUPLICATE_SHARE = 0.03
"""Two pictures are nearly the same if they differ by less than this share of what the threshold allows.

Of dlib's embeddings of ORL it means a similarity of 0.998: nine in ten pictures that were saved again as JPEG of
quality 90, or in twice their size, exceed it, and 1 of 1,350 pairs of pictures of one person taken seconds apart.
"""
_ROWS = 128


@dataclass(frozen=True)
class Finding:
    """A probable mistake in a gallery.

    Attributes:
        kind: `similar persons`: perhaps one person under two names; `outlier`: an image that does not look like the
            others of its person, or the two images of a person that do not look like each other; `duplicate`: nearly
            the same image twice or more often.
        persons: The persons; one of an outlier, two similar ones.
        pictures: Labels of the images: one or two of an outlier, two or more duplicates; none for similar persons.
        similarity: Cosine similarity of the two templates or images; of an outlier its mean similarity to the others,
            of several duplicates that of the two most similar ones.

    Example:
        ```python
        [finding for finding in audit(gallery, threshold) if finding.kind == "outlier"]
        ```
    """

    kind: Literal["similar persons", "outlier", "duplicate"]
    persons: tuple[str, ...]
    pictures: tuple[str, ...]
    similarity: float


def audit(gallery: Gallery, threshold: float) -> list[Finding]:
    """Search a gallery for probable mistakes, without a matrix of all pairs in memory.

    Args:
        gallery: The gallery.
        threshold: Cosine similarity from which two faces are taken for one person, in [-1, 1].

    Returns:
        Similar persons, outliers and duplicates, of each kind the most severe first: the most similar persons and
        images, and the least similar outliers. At most `MAX_FINDINGS` of each kind, and pairs of duplicates, which
        are merged: of images of which one is nearly the same as two others, all three are one finding.
    """
    if not len(gallery):
        return []
    return [*_similar_persons(gallery, threshold), *_outliers(gallery, threshold), *_duplicates(gallery, threshold)]


def _similar_persons(gallery: Gallery, threshold: float) -> Iterator[Finding]:
    names = list(gallery.persons)
    for first, second, similarity in _similar_pairs(gallery.templates, threshold):
        yield Finding("similar persons", (names[first], names[second]), (), similarity)


def _duplicates(gallery: Gallery, threshold: float) -> Iterator[Finding]:
    pictures = [(name, picture.label) for name, person in gallery.persons.items() for picture in person]
    for places, similarity in _merged(_similar_pairs(gallery.embeddings, 1 - DUPLICATE_SHARE * (1 - threshold))):
        persons, labels = zip(*(pictures[place] for place in places), strict=True)
        yield Finding("duplicate", tuple(dict.fromkeys(persons)), labels, similarity)


def _merged(pairs: list[tuple[int, int, float]]) -> Iterator[tuple[list[int], float]]:
    """Merge pairs, the most similar first, that share a place; return the sets and their highest similarities."""
    sets: dict[int, list[int]] = {}
    similarities: dict[int, float] = {}
    for first, second, similarity in pairs:
        one, other = (sets.setdefault(place, [place]) for place in (first, second))
        similarities.setdefault(first, similarity)
        similarities.setdefault(second, similarity)
        if one is not other:
            one += other
            sets.update(dict.fromkeys(other, one))
    for places in {id(places): places for places in sets.values()}.values():
        yield sorted(places), max(similarities[place] for place in places)


def _outliers(gallery: Gallery, threshold: float) -> list[Finding]:
    findings = []
    for name, pictures in gallery.persons.items():
        labels = [picture.label for picture in pictures]
        embeddings = np.stack([picture.embedding for picture in pictures])
        for places, similarity in _outlying(embeddings, threshold):
            findings.append(Finding("outlier", (name,), tuple(labels[place] for place in places), similarity))
    return sorted(findings, key=lambda finding: finding.similarity)[:MAX_FINDINGS]


def _outlying(embeddings: np.ndarray, threshold: float) -> Iterator[tuple[list[int], float]]:
    """Remove the picture that is least similar to the others until none is below the threshold.

    All at once would also name good pictures, whose mean similarity a single wrong picture lowers.
    """
    places = list(range(len(embeddings)))
    for _ in range(MAX_FINDINGS):
        if len(places) < 2:
            return
        remaining = embeddings[places]
        means = (remaining @ remaining.sum(axis=0) - 1) / (len(remaining) - 1)
        worst = int(means.argmin())
        if means[worst] >= threshold:
            return
        both = len(places) == 2  # which of the two is wrong cannot be known
        yield places.copy() if both else [places[worst]], float(means[worst])
        places = [] if both else places[:worst] + places[worst + 1 :]


def _similar_pairs(vectors: np.ndarray, threshold: float) -> list[tuple[int, int, float]]:
    """Return the most similar pairs of unit vectors, from a threshold on."""
    pairs = np.zeros((0, 3))
    for start in range(0, len(vectors), _ROWS):
        floor = max(threshold, pairs[-1, 2]) if len(pairs) == MAX_FINDINGS else threshold
        similarities = vectors[start : start + _ROWS] @ vectors[start:].T
        rows, columns = np.nonzero(np.triu(similarities >= floor, 1))
        block = np.column_stack([rows + start, columns + start, np.minimum(similarities[rows, columns], 1)])
        pairs = np.concatenate([pairs, block])
        pairs = pairs[np.argsort(-pairs[:, 2], kind="stable")][:MAX_FINDINGS]
    return [(int(first), int(second), similarity) for first, second, similarity in pairs.tolist()]
