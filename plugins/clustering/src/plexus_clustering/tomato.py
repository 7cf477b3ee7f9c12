"""Modes of the density of data: ToMATo (Chazal, Guibas, Oudot, Skraba 2013)."""

from typing import NamedTuple

import numpy as np

from plexus_clustering.mode_hierarchy import ModeHierarchy

MIN_PROMINENCE = 5.0
"""Prominence, in standard errors, from which a mode is counted as a cluster."""
CLEAR_GAP, NOISE_PROMINENCE, MIN_GAP_PROMINENCE = 2.5, 1.0, 2.0
"""Ratio of successive prominences that is a clear gap; prominences, in standard errors, of noise and above a gap."""
MAX_GAP_MODES = 50
GRAPH_NEIGHBOURS, MAX_DIMENSION, MIN_DENSITY_NEIGHBOURS = 7, 3, 8
MIN_DISTANCE = 1e-9


class DensityModes:
    """The modes of a density.

    The prominence of a mode is its height above the level at which its cluster meets that of a higher mode.

    Args:
        hierarchy: The hierarchy of modes of a connected graph, whose first nodes are the rows.
        rows: Number of rows.

    Attributes:
        prominences: Prominence of every mode except the highest, in standard errors, largest first.

    Example:
        ```python
        modes = find_modes(x)
        labels = modes.labels(modes.count())
        ```
    """

    def __init__(self, hierarchy: ModeHierarchy, rows: int) -> None:
        self._hierarchy, self._rows = hierarchy, rows
        self.prominences = (hierarchy.births - hierarchy.deaths)[::-1]

    def count(self, min_prominence: float = MIN_PROMINENCE) -> int:
        """Return the number of prominent modes.

        Args:
            min_prominence: In standard errors.

        Returns:
            The number, at least 1.
        """
        return 1 + int((self.prominences >= min_prominence).sum())

    def estimate_count(self) -> int:
        """Return the number of modes above the widest clear gap, by ratio, of successive prominences.

        A fixed prominence counts too many modes in many rows, and too few in few rows; a gap depends on neither.

        Returns:
            The number, at least 1; that of the prominent modes if no gap is clear, or fewer than two are prominent.
        """
        prominent = self.count()
        if prominent < 2:
            return 1
        above = self.prominences[:MAX_GAP_MODES]
        ratios = above / np.maximum(np.append(above[1:], 0.0), NOISE_PROMINENCE)
        ratios[above < MIN_GAP_PROMINENCE] = 0.0
        widest = int(ratios.argmax())
        return widest + 2 if ratios[widest] >= CLEAR_GAP else prominent

    def count_above_gap(self) -> int:
        """Return the number of modes above the widest gap between successive prominences.

        Returns:
            The number, at least 1.
        """
        if not len(self.prominences):
            return 1
        return int(np.argmax(-np.diff(np.append(self.prominences[:MAX_GAP_MODES], 0)))) + 2

    def prominence(self, count: int) -> float:
        """Return the prominence of the least of the most prominent modes.

        Args:
            count: Number of modes.

        Returns:
            In standard errors; infinite for one mode, 0 if there are fewer modes.
        """
        if count < 2:
            return float("inf")
        return float(self.prominences[count - 2]) if count - 2 < len(self.prominences) else 0.0

    def labels(self, count: int) -> np.ndarray:
        """Return clusters around the most prominent modes; the other modes are merged into higher ones.

        Args:
            count: Number of clusters.

        Returns:
            Clusters of shape `(n,)`.
        """
        return self._hierarchy.labels(count)[: self._rows]


class Bridge(NamedTuple):
    """An edge between two components of a graph.

    Attributes:
        ends: Two rows.
        length: Their distance.

    Example:
        ```python
        Bridge((4, 31), 0.7)
        ```
    """

    ends: tuple[int, int]
    length: float


def find_modes(x: np.ndarray) -> DensityModes:
    """Find the modes of the density by hill climbing on a k-nearest-neighbour graph.

    The density at a row is that of its m = sqrt(n) / 2 nearest neighbours (at least 8), in the intrinsic dimension of
    the data. The logarithm of the density has a standard error of about 1 / sqrt(m), the unit of prominence.

    Components of the graph are connected by bridges. Each is a node of its own, with the density that its length stands
    for, so that two components that are far apart merge at a low level.

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
    distances, neighbours = distances[:, :density_neighbours], neighbours[:, :GRAPH_NEIGHBOURS]
    scale = _intrinsic_dimension(distances, x.shape[1]) * np.sqrt(density_neighbours)
    spread = np.sqrt((distances**2).mean(axis=1))
    smallest = max(spread[spread > 0].min(initial=1.0) * 1e-3, MIN_DISTANCE)
    heights = (-scale * np.log(np.maximum(spread, smallest))).tolist()
    graph = neighbours.tolist()
    for (a, b), length in _bridges(x, neighbours):
        graph.append([a, b])
        heights.append(min(-scale * np.log(max(length, smallest)), heights[a], heights[b]))
    return DensityModes(ModeHierarchy(graph, np.array(heights)), rows)


def _bridges(x: np.ndarray, neighbours: np.ndarray) -> list[Bridge]:
    """Return the minimum spanning tree of the graph's components."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
    from scipy.spatial import cKDTree

    starts = np.arange(len(x) + 1) * neighbours.shape[1]
    edges = csr_matrix((np.ones(neighbours.size), neighbours.ravel(), starts), shape=(len(x), len(x)))
    count, component = connected_components(edges, directed=False)
    members = [np.flatnonzero(component == i) for i in range(count)]
    lengths, ends = np.zeros((count, count)), {}
    for i, rows in enumerate(members[:-1]):
        tree = cKDTree(x[rows])
        for j in range(i + 1, count):
            distances, nearest = tree.query(x[members[j]])
            closest = int(distances.argmin())
            lengths[i, j] = max(distances[closest], MIN_DISTANCE)
            ends[i, j] = int(rows[nearest[closest]]), int(members[j][closest])
    tree_edges = zip(*minimum_spanning_tree(lengths).nonzero(), strict=True)
    return [Bridge(ends[edge], float(lengths[edge])) for edge in tree_edges]


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
