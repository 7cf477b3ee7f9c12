"""Splits of pairs that have no sentence in common."""

import math
from collections.abc import Sequence

import numpy as np

from plexus_language.cleaning import sentence_key
from plexus_language.pairs import PairExamples

TEST_SHARE, VAL_SHARE = 0.1, 0.05
MAX_TEST, MAX_VAL = 2000, 250
"""Largest splits: beam search takes a minute for so many sentences in both directions."""
MAX_GROUP_SHARE = 0.02
"""Groups with a larger share of a split are left to the training."""
PROTOCOL = (
    "on pairs of which neither side occurs in the training or validation pairs (in lowercase, without punctuation)"
)


def group_pairs(sources: Sequence[str], targets: Sequence[str]) -> np.ndarray:
    """Group pairs that are connected by equal sentences: one side in lowercase, without punctuation.

    Args:
        sources: Sentences of the first language.
        targets: Their translations.

    Returns:
        Group of each pair, shape `(n,)`, counted from 0.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    nodes: dict[tuple[int, str], int] = {}
    edges = [
        (nodes.setdefault((0, sentence_key(a)), len(nodes)), nodes.setdefault((1, sentence_key(b)), len(nodes)))
        for a, b in zip(sources, targets, strict=True)
    ]
    first, second = np.array(edges, np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(edges), bool), (first, second)), shape=(len(nodes), len(nodes)))
    groups = connected_components(graph, directed=False)[1][first]
    return np.unique(groups, return_inverse=True)[1]


def split_pairs(pairs: PairExamples, seed: int, names: Sequence[str] = ("test", "val")) -> dict[str, PairExamples]:
    """Split pairs into training, validation and test split, with all pairs of a group in the same one.

    Args:
        pairs: The pairs.
        seed: Random seed.
        names: Splits to split off.

    Returns:
        The splits by name, `train` among them.
    """
    groups = group_pairs(list(pairs.inputs), list(pairs.targets))
    generator, sizes = np.random.default_rng(seed), np.bincount(groups)
    order = generator.permutation(len(sizes))
    part = np.full(len(sizes), -1)
    shares = [TEST_SHARE if name == "test" else VAL_SHARE for name in names]
    for number, name in enumerate(names):
        size = max(min(round(shares[number] * len(pairs)), MAX_TEST if name == "test" else MAX_VAL), 1)
        free = order[(part[order] < 0) & (sizes[order] <= min(max(MAX_GROUP_SHARE * size, 2), size))]
        # where most pairs are one group, the rest is divided among the splits
        size = min(size, math.ceil(sizes[free].sum() * shares[number] / sum(shares[number:])))
        part[free[np.cumsum(sizes[free]) <= size]] = number
    rows = part[groups]
    splits = {name: pairs.take(np.flatnonzero(rows == number)) for number, name in enumerate(names)}
    return {"train": pairs.take(np.flatnonzero(rows < 0)), **splits}
