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
        alone: peaks that no chain of neighbours joins to a higher one.
        passes: the other peaks, the highest above its pass first: `(significance, peak, higher peak)`.
    """

    home: np.ndarray
    alone: list[int]
    passes: list[tuple[float, int, int]]

    def count(self, significance: float = SIGNIFICANT) -> int:
        """How many peaks stand out."""
        return len(self.alone) + sum(height >= significance for height, _, _ in self.passes)

    def widest_gap(self) -> int:
        """How many peaks there are above the widest gap in significance, where no scale of it is known beforehand."""
        heights = np.array([height for height, _, _ in self.passes[:MOST]] + [0.0])
        if len(heights) == 1:
            return len(self.alone)
        return len(self.alone) + int(np.argmax(heights[:-1] - heights[1:])) + 1

    def significance(self, count: int) -> float:
        """That of the least of the `count` highest peaks; 0 if there are fewer."""
        if count <= len(self.alone):
            return np.inf
        nth = count - len(self.alone) - 1
        return self.passes[nth][0] if nth < len(self.passes) else 0.0

    def labels(self, count: int) -> np.ndarray:
        """Clusters `(n,)` around the `count` highest peaks; rows of lesser ones go over their passes to higher ones."""
        into = {peak: higher for _, peak, higher in self.passes[max(count - len(self.alone), 0) :]}

        def final(peak: int) -> int:
            while peak in into:
                peak = into[peak]
            return peak

        finals = {peak: final(peak) for peak in np.unique(self.home).tolist()}
        return np.unique([finals[peak] for peak in self.home.tolist()], return_inverse=True)[1]


def find_peaks(x: np.ndarray) -> Peaks:
    """Climb from every row to the densest neighbour: ToMATo (Chazal, Guibas, Oudot, Skraba 2013, algorithm 1).

    The density at a row is that of its m = sqrt(n) / 2 nearest neighbours (8 at the least); its logarithm has a
    standard error of about 1 / sqrt(m), in which the height of a peak above its pass is given.

    Args:
        x: `(n, columns)`, columns of like scale.
    """
    from sklearn.neighbors import NearestNeighbors

    rows = len(x)
    within = min(max(int(np.sqrt(rows) / 2), 8), rows - 1)
    distances, neighbours = NearestNeighbors(n_neighbors=min(max(within, _NEIGHBOURS), rows - 1)).fit(x).kneighbors()
    spread = np.sqrt((distances[:, :within] ** 2).mean(axis=1))
    smallest = spread[spread > 0].min(initial=1.0)
    density = -min(x.shape[1], _DIMENSIONS) * np.log(np.maximum(spread, smallest * 1e-3))
    return _climb(density * np.sqrt(within), neighbours[:, :_NEIGHBOURS])


def _climb(height: np.ndarray, neighbours: np.ndarray) -> Peaks:
    """Go down from the top; where two peaks' slopes meet is their pass."""
    order = np.argsort(-height, kind="stable")
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    near = _mutual(neighbours)
    home, leader = np.full(len(order), -1), np.arange(len(order))
    passes = []

    def find(peak: int) -> int:
        while leader[peak] != peak:
            leader[peak] = leader[leader[peak]]
            peak = leader[peak]
        return peak

    for row in order.tolist():
        higher = [other for other in near[row] if rank[other] < rank[row]]
        home[row] = home[min(higher, key=rank.__getitem__)] if higher else row
        for other in higher:
            one, two = sorted((find(home[other]), find(home[row])), key=rank.__getitem__)
            if one != two:
                passes.append((float(height[two] - height[row]), int(two), int(one)))
                leader[two] = one
    alone = [row for row in np.unique(home).tolist() if leader[row] == row]
    return Peaks(home, alone, sorted(passes, key=lambda item: -item[0]))


def _mutual(neighbours: np.ndarray) -> list[list[int]]:
    """Neighbours in either direction."""
    near: list[list[int]] = [row.tolist() for row in neighbours]
    for row, others in enumerate(neighbours.tolist()):
        for other in others:
            near[other].append(row)
    return near
