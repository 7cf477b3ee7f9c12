"""ToMATo: the hierarchy of the modes of a density on a graph (Chazal, Guibas, Oudot, Skraba 2013).

GUDHI has the same algorithm, but its package contains code under the GPL, which a package under the Apache licence must
not require.
"""

from collections.abc import Sequence

import numpy as np


class ModeHierarchy:
    """Modes of a density on a graph, and the levels at which their clusters meet.

    Nodes are visited from the highest density to the lowest. A node without a higher neighbour is a mode. Any other
    joins the cluster of its highest neighbour, and is where the clusters of all its higher neighbours meet: of two
    modes the lower one ends there (algorithm 1 of the paper).

    Args:
        neighbours: Neighbours of each node; an edge counts in both directions.
        densities: Density of each node, shape `(n,)`.

    Attributes:
        births: Density of every mode that ends, shape `(merges,)`, those with the smallest prominence first.
        deaths: Density at which it ends, shape `(merges,)`.

    Example:
        ```python
        hierarchy = ModeHierarchy([[1], [2], [3], []], np.array([2.0, 1.0, 1.5, 3.0]))
        hierarchy.labels(2)  # array([1, 1, 0, 0])
        ```
    """

    def __init__(self, neighbours: Sequence[Sequence[int]], densities: np.ndarray) -> None:
        self._clusters = np.zeros(len(densities), int)
        self._modes: list[int] = []
        merges = self._visit(_symmetric(neighbours), densities)
        births = densities[self._modes]
        merges.sort(key=lambda merge: births[merge[0]] - merge[2])
        self._merges = [(lower, higher) for lower, higher, _ in merges]
        self.births = births[[lower for lower, _ in self._merges]]
        self.deaths = np.array([level for *_, level in merges], float)

    def labels(self, count: int) -> np.ndarray:
        """Return clusters around the most prominent modes; the others are merged into the clusters that they meet.

        Args:
            count: Number of clusters.

        Returns:
            Clusters of shape `(n,)`, numbered from 0 in the order of the density of their modes, the highest first.
        """
        parents = list(range(len(self._modes)))
        for lower, higher in self._merges[: max(len(self._modes) - count, 0)]:
            parents[_root(parents, lower)] = _root(parents, higher)
        roots = [_root(parents, mode) for mode in range(len(self._modes))]
        return np.asarray(np.unique(roots, return_inverse=True)[1][self._clusters])

    def _visit(self, neighbours: list[set[int]], densities: np.ndarray) -> list[tuple[int, int, float]]:
        """Assign nodes to modes, which are numbered from the highest on.

        Returns:
            The merges: mode that ends, mode of the cluster that it joins, level.
        """
        order = np.argsort(-densities, kind="stable")
        rank = np.empty(len(order), int)
        rank[order] = np.arange(len(order))
        ranks, clusters = rank.tolist(), [0] * len(order)
        parents: list[int] = []
        merges = []
        for node in order.tolist():
            higher = sorted((other for other in neighbours[node] if ranks[other] < ranks[node]), key=ranks.__getitem__)
            if not higher:
                clusters[node] = len(parents)
                parents.append(len(parents))
                self._modes.append(node)
                continue
            clusters[node] = clusters[higher[0]]
            met = {_root(parents, clusters[other]): clusters[other] for other in reversed(higher)}
            highest, *others = sorted(met)
            for other in others:
                parents[other] = highest
                merges.append((other, met[highest], float(densities[node])))
        self._clusters = np.array(clusters)
        return merges


def _symmetric(neighbours: Sequence[Sequence[int]]) -> list[set[int]]:
    both = [set(line) for line in neighbours]
    for node, line in enumerate(neighbours):
        both[node].discard(node)
        for other in line:
            if other != node:
                both[other].add(node)
    return both


def _root(parents: list[int], mode: int) -> int:
    while parents[mode] != mode:
        parents[mode] = parents[parents[mode]]
        mode = parents[mode]
    return mode
