"""Modes of a density: ToMATo (Chazal, Guibas, Oudot, Skraba 2013)."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

MIN_PROMINENCE = 5.0
"""Prominence, in standard errors, from which a mode is counted as a cluster."""
MAX_GAP_MODES = 50
GRAPH_NEIGHBOURS, MAX_DIMENSION, MIN_DENSITY_NEIGHBOURS = 7, 3, 8
MIN_DISTANCE = 1e-9


class Merge(NamedTuple):
    """The level at which a mode's cluster meets that of a higher mode.

    Attributes:
        prominence: Height of the mode above that level, in standard errors of the log-density.
        mode: The mode, as index of a row.
        into: The higher mode.

    Example:
        ```python
        Merge(prominence=7.2, mode=31, into=4)
        ```
    """

    prominence: float
    mode: int
    into: int


@dataclass(frozen=True)
class DensityModes:
    """The modes of a density and the levels at which they merge.

    Args:
        modes: Mode that each row belongs to, as index of a row, shape `(n,)`.
        merges: One merge per mode except the highest, most prominent first.

    Example:
        ```python
        modes = find_modes(x)
        labels = modes.labels(modes.count())
        ```
    """

    modes: np.ndarray
    merges: list[Merge]

    def count(self, min_prominence: float = MIN_PROMINENCE) -> int:
        """Return the number of prominent modes.

        Args:
            min_prominence: In standard errors.

        Returns:
            The number, at least 1.
        """
        return 1 + sum(merge.prominence >= min_prominence for merge in self.merges)

    def count_above_gap(self) -> int:
        """Return the number of modes above the widest gap between successive prominences.

        Returns:
            The number, at least 1.
        """
        prominences = np.array([merge.prominence for merge in self.merges[:MAX_GAP_MODES]] + [0.0])
        return 1 if len(prominences) == 1 else int(np.argmax(prominences[:-1] - prominences[1:])) + 2

    def prominence(self, count: int) -> float:
        """Return the prominence of the least of the most prominent modes.

        Args:
            count: Number of modes.

        Returns:
            In standard errors; infinite for one mode, 0 if there are fewer modes.
        """
        if count < 2:
            return float("inf")
        return self.merges[count - 2].prominence if count - 2 < len(self.merges) else 0.0

    def labels(self, count: int) -> np.ndarray:
        """Return clusters around the most prominent modes; the other modes are merged into higher ones.

        Args:
            count: Number of clusters.

        Returns:
            Clusters of shape `(n,)`.
        """
        into = {merge.mode: merge.into for merge in self.merges[count - 1 :]}

        def merged(mode: int) -> int:
            while mode in into:
                mode = into[mode]
            return mode

        final = {mode: merged(mode) for mode in np.unique(self.modes).tolist()}
        return np.unique([final[mode] for mode in self.modes.tolist()], return_inverse=True)[1]


class NeighbourGraph(NamedTuple):
    """A connected graph of neighbours.

    Attributes:
        neighbours: Neighbours of each row.
        bridges: Lengths of the edges that connect components, by pair of rows in both orders.

    Example:
        ```python
        NeighbourGraph([[1], [0]], {})
        ```
    """

    neighbours: list[list[int]]
    bridges: dict[tuple[int, int], float]


def find_modes(x: np.ndarray) -> DensityModes:
    """Find the modes of the density by hill climbing on a k-nearest-neighbour graph (algorithm 1 of the paper).

    The density at a row is that of its m = sqrt(n) / 2 nearest neighbours (at least 8), in the intrinsic dimension of
    the data. The logarithm of the density has a standard error of about 1 / sqrt(m), the unit of prominence.

    Own code, because GUDHI's implementation needs a connected graph to merge all modes, and is a large dependency.

    Args:
        x: Features of similar scale, shape `(n, features)`.

    Returns:
        The modes.
    """
    from sklearn.neighbors import NearestNeighbors

    rows = len(x)
    density_neighbours = min(max(int(np.sqrt(rows) / 2), MIN_DENSITY_NEIGHBOURS), rows - 1)
    searched = min(max(density_neighbours, GRAPH_NEIGHBOURS), rows - 1)
    distances, neighbours = NearestNeighbors(n_neighbors=searched).fit(x).kneighbors()
    distances = distances[:, :density_neighbours]
    scale = _intrinsic_dimension(distances, x.shape[1]) * np.sqrt(density_neighbours)
    spread = np.sqrt((distances**2).mean(axis=1))
    smallest = max(spread[spread > 0].min(initial=1.0) * 1e-3, MIN_DISTANCE)
    height = -scale * np.log(np.maximum(spread, smallest))
    graph = _connected_graph(x, neighbours[:, :GRAPH_NEIGHBOURS])
    bridge_heights = {pair: float(-scale * np.log(max(gap, smallest))) for pair, gap in graph.bridges.items()}
    return _climb(height, graph.neighbours, bridge_heights)


def _connected_graph(x: np.ndarray, neighbours: np.ndarray) -> NeighbourGraph:
    """Symmetrize the graph, and connect its components by the minimum spanning tree of their distances."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
    from scipy.spatial import cKDTree

    adjacent: list[list[int]] = [row.tolist() for row in neighbours]
    for row, others in enumerate(neighbours.tolist()):
        for other in others:
            adjacent[other].append(row)
    starts = np.arange(len(x) + 1) * neighbours.shape[1]
    edges = csr_matrix((np.ones(neighbours.size), neighbours.ravel(), starts))
    count, component = connected_components(edges, directed=False)
    members = [np.flatnonzero(component == i) for i in range(count)]
    gaps, ends = np.zeros((count, count)), {}
    for i, rows in enumerate(members[:-1]):
        tree = cKDTree(x[rows])
        for j in range(i + 1, count):
            lengths, nearest = tree.query(x[members[j]])
            closest = int(lengths.argmin())
            gaps[i, j] = max(lengths[closest], MIN_DISTANCE)
            ends[i, j] = int(rows[nearest[closest]]), int(members[j][closest])
    bridges: dict[tuple[int, int], float] = {}
    for i, j in zip(*minimum_spanning_tree(gaps).nonzero(), strict=True):
        a, b = ends[i, j]
        adjacent[a].append(b)
        adjacent[b].append(a)
        bridges[a, b] = bridges[b, a] = float(gaps[i, j])
    return NeighbourGraph(adjacent, bridges)


def _intrinsic_dimension(distances: np.ndarray, features: int) -> float:
    """Estimate the dimension by maximum likelihood (Levina & Bickel 2004, averaged as by MacKay & Ghahramani 2005).

    Args:
        distances: Distances to the nearest neighbours in ascending order, shape `(n, m)`.
        features: Number of features, an upper bound.

    Returns:
        The dimension, from 1 to `MAX_DIMENSION`.
    """
    positive = np.maximum(distances, MIN_DISTANCE)
    inverse = np.log(positive[:, -1:] / positive[:, :-1]).mean()
    return float(np.clip(1 / max(inverse, 1e-3), 1, min(features, MAX_DIMENSION)))


def _climb(height: np.ndarray, adjacent: list[list[int]], bridge_heights: dict[tuple[int, int], float]) -> DensityModes:
    """Visit rows by decreasing density; two modes merge at the first row that is adjacent to both.

    Across a bridge they merge at its height: a long bridge is low.
    """
    order = np.argsort(-height, kind="stable")
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    modes, root = np.full(len(order), -1), np.arange(len(order))
    merges: list[Merge] = []
    bridges: list[tuple[float, int, int]] = []

    def find(mode: int) -> int:
        while root[mode] != mode:
            root[mode] = root[root[mode]]
            mode = root[mode]
        return mode

    def merge(row: int, other: int, level: float) -> None:
        higher, lower = sorted((find(modes[other]), find(modes[row])), key=rank.__getitem__)
        if higher != lower:
            merges.append(Merge(float(height[lower] - level), int(lower), int(higher)))
            root[lower] = higher

    for row in order.tolist():
        uphill = [other for other in adjacent[row] if rank[other] < rank[row]]
        slopes = [other for other in uphill if (row, other) not in bridge_heights]
        bridges += [
            (min(bridge_heights[row, other], height[row]), row, other)
            for other in uphill
            if (row, other) in bridge_heights
        ]
        modes[row] = modes[min(slopes, key=rank.__getitem__)] if slopes else row
        for other in slopes:
            merge(row, other, height[row])
    for level, row, other in sorted(bridges, reverse=True):
        merge(row, other, level)
    return DensityModes(modes, sorted(merges, key=lambda item: -item.prominence))
