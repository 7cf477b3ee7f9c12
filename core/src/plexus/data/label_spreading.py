"""Labels of unlabelled images by a graph of nearest neighbours."""

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NEIGHBOURS = 5
SPREADING = 0.99
"""Share of an image's labels that comes from its neighbours (alpha of Zhou et al. 2004)."""
ITERATIONS = 60
COMPONENTS = 64
CELLS, ORIENTATIONS = 9, 8
CHUNK = 2000
MAX_NODES = 60_000
"""Nodes of the graph at most: its computation takes time in proportion to their square."""


def image_descriptors(images: np.ndarray) -> np.ndarray:
    """Compute histograms of oriented gradients (Dalal & Triggs 2005).

    OpenCV 5 has none any more, and scikit-image would be a dependency for this function alone.

    Args:
        images: Bytes of shape `(n, height, width, channels)`, at least 4 pixels high and wide.

    Returns:
        Array of shape `(n, features)` of float32; rows have a norm of 1, or 0 for images of one color.
    """
    chunks = [_descriptors(images[start : start + CHUNK]) for start in range(0, len(images), CHUNK)]
    return np.concatenate(chunks)


def _descriptors(images: np.ndarray) -> np.ndarray:
    grey = images.mean(axis=3, dtype=np.float32)
    vertical, horizontal = np.gradient(grey, axis=(1, 2))
    magnitude = np.hypot(horizontal, vertical)
    angle = np.arctan2(vertical, horizontal) % np.pi * (ORIENTATIONS / np.pi)
    starts = [np.unique(np.linspace(0, size, min(CELLS, size), endpoint=False).astype(int)) for size in grey.shape[1:]]
    histograms = []
    for orientation in range(ORIENTATIONS):
        # Each gradient counts for the two nearest orientations, by their distance.
        distance = np.abs(angle - orientation)
        share = np.maximum(1 - np.minimum(distance, ORIENTATIONS - distance), 0)
        rows = np.add.reduceat(magnitude * share, starts[0], axis=1)
        histograms.append(np.add.reduceat(rows, starts[1], axis=2))
    features = np.sqrt(np.stack(histograms, axis=-1)).reshape(len(images), -1)
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(norms, 1e-12), np.float32)


def spread_labels(labelled: np.ndarray, classes: np.ndarray, unlabelled: np.ndarray, seed: int) -> np.ndarray:
    """Spread labels over a graph of nearest neighbours to unlabelled inputs.

    The graph has weights that fall with the squared distance and is symmetric (Iscen et al. 2019, arXiv:1904.04717,
    section 3.2); labels are spread by `sklearn.semi_supervised.LabelSpreading` (Zhou et al. 2004). Of more than
    `MAX_NODES` inputs, a sample is in the graph, and the others get the labels of their nearest neighbours in it.

    Args:
        labelled: Features of the labelled inputs, shape `(n, features)`.
        classes: Their classes of shape `(n,)`, from 0; each class occurs.
        unlabelled: Features of the unlabelled inputs, shape `(m, features)`.
        seed: Random seed of the sample.

    Returns:
        Probabilities of shape `(m, classes)`, float32; equal ones for inputs that no label reaches.

    Example:
        ```python
        labels = spread_labels(image_descriptors(few), classes, image_descriptors(many), seed=0)
        ```
    """
    features = principal_components(np.concatenate([labelled, unlabelled]), seed)
    others = np.random.default_rng(seed).permutation(len(unlabelled)) + len(labelled)
    size = max(MAX_NODES - len(labelled), 0)
    nodes = np.concatenate([np.arange(len(labelled)), np.sort(others[:size])])
    targets = np.concatenate([classes, np.full(len(nodes) - len(labelled), -1)])
    spread = np.full((len(features), classes.max() + 1), 0, np.float32)
    spread[nodes] = _spread(features[nodes], targets)
    rest = np.sort(others[size:])
    if len(rest):
        spread[rest] = _of_neighbours(features[rest], features[nodes], spread[nodes])
    return _normalized(spread[len(labelled) :])


def principal_components(features: np.ndarray, seed: int) -> np.ndarray:
    """Project features on their principal components.

    Args:
        features: Shape `(n, features)`, of at least two inputs.
        seed: Random seed of the randomized solver.

    Returns:
        Shape `(n, components)`, of `COMPONENTS` columns at most.
    """
    from sklearn.decomposition import PCA

    components = min(COMPONENTS, *features.shape)
    return np.asarray(PCA(components, svd_solver="randomized", random_state=seed).fit_transform(features))


def neighbour_graph(features: np.ndarray) -> "csr_matrix":
    """Compute the graph that labels spread on: edges between each input and its `NEIGHBOURS` nearest ones.

    Args:
        features: Shape `(n, features)`, of at least two inputs.

    Returns:
        Symmetric weights of shape `(n, n)`, sparse; they fall with the squared distance.
    """
    from sklearn.neighbors import kneighbors_graph

    graph = kneighbors_graph(features, min(NEIGHBOURS, len(features) - 1), mode="distance")
    graph.data = _similarity(graph.data)
    return graph.maximum(graph.T)


def _spread(features: np.ndarray, targets: np.ndarray) -> np.ndarray:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.semi_supervised import LabelSpreading

    graph = neighbour_graph(features)
    model = LabelSpreading(kernel=lambda *_: graph, alpha=SPREADING, max_iter=ITERATIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of iterations is fixed
        model.fit(features, targets)
    return np.asarray(model.label_distributions_)


def _of_neighbours(features: np.ndarray, nodes: np.ndarray, spread: np.ndarray) -> np.ndarray:
    from sklearn.neighbors import NearestNeighbors

    distances, rows = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(nodes))).fit(nodes).kneighbors(features)
    return np.asarray(np.einsum("nk,nkc->nc", _similarity(distances), spread[rows]))


def _similarity(distances: np.ndarray) -> np.ndarray:
    scale = np.median(distances)
    return np.asarray(np.exp(-np.square(distances / (scale or 1.0))))


def _normalized(spread: np.ndarray) -> np.ndarray:
    total = spread.sum(axis=1, keepdims=True)
    return np.where(total > 0, spread / np.where(total > 0, total, 1), 1 / spread.shape[1]).astype(np.float32)
