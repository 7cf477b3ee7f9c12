"""Clusters as the peaks of the rows' density."""

from dataclasses import dataclass

import numpy as np

SIGNIFICANT = 5.0
"""Standard errors by which a peak must rise above its highest pass, to be counted as a cluster of its own."""
MOST = 50
"""Clusters that are found without being asked for."""
_NEIGHBOURS, _DIMENSIONS = 7, 3


@dataclass(frozen=True)
class Peaks:
    """The peaks of a density and the passes between them.

    Args:
        home: `(n,)`, the peak (a row's index) that each row climbs to.
        passes: every peak but the highest, the one highest above its pass first: `(significance, peak, higher peak)`.
    """

    home: np.ndarray
    passes: list[tuple[float, int, int]]

    def count(self, significance: float = SIGNIFICANT) -> int:
        """How many peaks stand out."""
        return 1 + sum(height >= significance for height, _, _ in self.passes)

    def widest_gap(self) -> int:
        """How many peaks there are above the widest gap in significance, where no scale of it is known beforehand."""
        heights = np.array([height for height, _, _ in self.passes[:MOST]] + [0.0])
        return 1 if len(heights) == 1 else int(np.argmax(heights[:-1] - heights[1:])) + 2

    def significance(self, count: int) -> float:
        """That of the least of the `count` highest peaks; 0 if there are fewer."""
        if count < 2:
            return np.inf
        return self.passes[count - 2][0] if count - 2 < len(self.passes) else 0.0

    def labels(self, count: int) -> np.ndarray:
        """Clusters `(n,)` around the `count` highest peaks; rows of lesser ones go over their passes to higher ones."""
        into = {peak: higher for _, peak, higher in self.passes[count - 1 :]}

        def final(peak: int) -> int:
            while peak in into:
                peak = into[peak]
            return peak

        finals = {peak: final(peak) for peak in np.unique(self.home).tolist()}
        return np.unique([finals[peak] for peak in self.home.tolist()], return_inverse=True)[1]


def find_peaks(x: np.ndarray) -> Peaks:
    """Climb from every row to the densest neighbour: ToMATo (Chazal, Guibas, Oudot, Skraba 2013, algorithm 1).

    The density at a row is that of its m = sqrt(n) / 2 nearest neighbours (8 at the least) in as many dimensions as the
    rows fill: along a curve it is one. Its logarithm has a standard error of about 1 / sqrt(m), in which the height of
    a peak above its pass is given.

    Args:
        x: `(n, columns)`, columns of like scale.
    """
    from sklearn.neighbors import NearestNeighbors

    rows = len(x)
    within = min(max(int(np.sqrt(rows) / 2), 8), rows - 1)
    distances, neighbours = NearestNeighbors(n_neighbors=min(max(within, _NEIGHBOURS), rows - 1)).fit(x).kneighbors()
    distances = distances[:, :within]
    spread = np.sqrt((distances**2).mean(axis=1))
    smallest = max(spread[spread > 0].min(initial=1.0) * 1e-3, 1e-9)
    scale = _dimension(distances, x.shape[1]) * np.sqrt(within)
    height = -scale * np.log(np.maximum(spread, smallest))
    near, bridges = _graph(x, neighbours[:, :_NEIGHBOURS])
    spans = {pair: -scale * np.log(max(gap, smallest)) for pair, gap in bridges.items()}
    return _climb(height, near, spans)


def _graph(x: np.ndarray, neighbours: np.ndarray) -> tuple[list[list[int]], dict[tuple[int, int], float]]:
    """Neighbours in either direction, and the shortest bridges between the parts they leave apart, with lengths."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
    from scipy.spatial import cKDTree

    near: list[list[int]] = [row.tolist() for row in neighbours]
    for row, others in enumerate(neighbours.tolist()):
        for other in others:
            near[other].append(row)
    starts = np.arange(len(x) + 1) * neighbours.shape[1]
    count, part = connected_components(
        csr_matrix((np.ones(neighbours.size), neighbours.ravel(), starts)), directed=False
    )
    members = [np.flatnonzero(part == i) for i in range(count)]
    gaps, ends = np.zeros((count, count)), {}
    for i, rows in enumerate(members[:-1]):
        tree = cKDTree(x[rows])
        for j in range(i + 1, count):
            lengths, nearest = tree.query(x[members[j]])
            closest = int(lengths.argmin())
            gaps[i, j] = max(lengths[closest], 1e-9)
            ends[i, j] = int(rows[nearest[closest]]), int(members[j][closest])
    bridges = {}
    for i, j in zip(*minimum_spanning_tree(gaps).nonzero(), strict=True):
        one, other = ends[i, j]
        near[one].append(other)
        near[other].append(one)
        bridges[one, other] = bridges[other, one] = gaps[i, j]
    return near, bridges


def _dimension(distances: np.ndarray, columns: int) -> float:
    """The dimension of what the rows lie on (Levina & Bickel 2004, as averaged by MacKay & Ghahramani), 1 to 3.

    Args:
        distances: `(n, m)`, to the nearest neighbours, ascending.
    """
    known = np.maximum(distances, 1e-9)
    inverse = np.log(known[:, -1:] / known[:, :-1]).mean()
    return float(np.clip(1 / max(inverse, 1e-3), 1, min(columns, _DIMENSIONS)))


def _climb(height: np.ndarray, near: list[list[int]], spans: dict[tuple[int, int], float]) -> Peaks:
    """Go down from the top; where two peaks' slopes meet is their pass. A bridge is as low as it is long."""
    order = np.argsort(-height, kind="stable")
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    home, leader = np.full(len(order), -1), np.arange(len(order))
    passes, bridged = [], []

    def find(peak: int) -> int:
        while leader[peak] != peak:
            leader[peak] = leader[leader[peak]]
            peak = leader[peak]
        return peak

    def join(row: int, other: int, level: float) -> None:
        one, two = sorted((find(home[other]), find(home[row])), key=rank.__getitem__)
        if one != two:
            passes.append((float(height[two] - level), int(two), int(one)))
            leader[two] = one

    for row in order.tolist():
        higher = [other for other in near[row] if rank[other] < rank[row]]
        slopes = [other for other in higher if (row, other) not in spans]
        bridged += [(min(spans[row, other], height[row]), row, other) for other in higher if (row, other) in spans]
        home[row] = home[min(slopes, key=rank.__getitem__)] if slopes else row
        for other in slopes:
            join(row, other, height[row])
    for level, row, other in sorted(bridged, reverse=True):
        join(row, other, level)
    return Peaks(home, sorted(passes, key=lambda item: -item[0]))
