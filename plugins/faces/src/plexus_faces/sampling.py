"""Batches of several images of several persons."""

import numpy as np

from plexus import Batches, Examples
from plexus_faces.codec import FaceCodec
from plexus_faces.options import RecognizeOptions

IMAGES_PER_PERSON = 4
"""Of a batch."""


def person_batches(train: Examples[str], codec: FaceCodec, options: RecognizeOptions, epoch: int) -> Batches:
    """Return the batches of an epoch: about every image once, several of each person in a batch.

    Args:
        train: Faces and persons.
        codec: The codec.
        options: The resolved options.
        epoch: The epoch.

    Returns:
        Batches of `face` and the index of the person.
    """
    _, persons = np.unique(np.asarray(train.targets), return_inverse=True)
    groups = person_groups(persons, IMAGES_PER_PERSON, np.random.default_rng((options.seed, epoch)))
    persons_per_batch = max(min((options.batch_size or 1) // IMAGES_PER_PERSON, len(groups)), 1)
    rows = groups[: len(groups) - len(groups) % persons_per_batch].reshape(-1)
    faces = train.encode(codec)["face"]
    return Batches({"face": faces[rows]}, persons[rows].astype(np.int32), persons_per_batch * IMAGES_PER_PERSON)


def person_groups(persons: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    """Divide rows into groups of one person, in an order in which consecutive groups are of different persons.

    All first groups of the persons come first, then all second ones, and so on, each time in a random order. A group
    that lacks images is filled with others of its person, and those of a person with fewer than `size` images repeat.

    Args:
        persons: Indices of the persons, shape `(n,)`.
        size: Images per group.
        generator: The random numbers.

    Returns:
        Rows of shape `(groups, size)`.
    """
    rounds: list[list[np.ndarray]] = []
    for person in range(persons.max() + 1):
        rows = generator.permutation(np.flatnonzero(persons == person))
        groups = np.resize(rows, (-(-len(rows) // size), size))
        rounds += [[] for _ in range(len(groups) - len(rounds))]
        for members, group in zip(rounds, groups, strict=False):
            members.append(group)
    return np.concatenate([np.stack(members)[generator.permutation(len(members))] for members in rounds])
