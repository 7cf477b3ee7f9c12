"""Whether features that were learned without labels tell images apart."""

import numpy as np

MAX_ROWS = 4000
EPSILON = 1e-7


def effective_rank(embeddings: np.ndarray) -> float:
    """Return the effective rank of embeddings: how many directions they use.

    It is the exponential of the entropy of their normalized singular values (Roy and Vetterli 2007; RankMe, Garrido et
    al. 2023, arXiv:2210.02885, equation 1, which ranks self-supervised features by it).

    Args:
        embeddings: Embeddings of shape `(n, features)`; of more than `MAX_ROWS`, evenly spaced ones are used.

    Returns:
        The effective rank, from 1 (all embeddings are multiples of one) to the smaller one of n and features.

    Example:
        ```python
        effective_rank(np.eye(4))  # 4.0
        effective_rank(np.ones((4, 3)))  # 1.0
        ```
    """
    values = np.linalg.svd(_sample(embeddings), compute_uv=False)
    shares = values / max(float(values.sum()), EPSILON) + EPSILON
    return float(np.clip(np.exp(-np.sum(shares * np.log(shares))), 1.0, min(embeddings.shape)))


def embedding_spread(embeddings: np.ndarray) -> float:
    """Return how different the directions of embeddings are.

    It is the standard deviation of normalized embeddings, averaged over the features, times the square root of their
    number (SimSiam, Chen and He 2021, arXiv:2011.10566, section 4.1 and figure 2).

    Args:
        embeddings: Embeddings of shape `(n, features)`; of more than `MAX_ROWS`, evenly spaced ones are used.

    Returns:
        The spread, from 0 (all embeddings have the same direction: the representation has collapsed) to about 1 (they
        point in all directions).

    Example:
        ```python
        embedding_spread(np.ones((4, 3)))  # 0.0
        ```
    """
    rows = _sample(embeddings)
    directions = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), EPSILON)
    return float(directions.std(axis=0).mean() * np.sqrt(rows.shape[1]))


def _sample(embeddings: np.ndarray) -> np.ndarray:
    count = len(embeddings)
    rows = np.linspace(0, count - 1, min(count, MAX_ROWS)).astype(int)
    return np.asarray(embeddings[rows], np.float64)
