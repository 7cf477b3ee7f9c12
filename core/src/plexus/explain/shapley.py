"""Shapley values of one prediction.

`shap` is not used: prediction imports NumPy and ONNX Runtime only. A test compares with it.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

EXACT_COALITIONS = 1024
"""Coalitions that are enumerated even if sampling needs fewer: all of 10 players."""
BATCH_ROWS = 8192
"""Rows that are in memory at once."""


class ShapleyValues(NamedTuple):
    """Contributions of players to a value, which sum to the value of all players less the value of none.

    Attributes:
        values: Contributions, shape `(players,)`, or `(players, outputs)` for values with several outputs.
        standard_errors: Their standard errors from sampling, of the same shape; 0 where they are exact.

    Example:
        ```python
        evaluate = interventional_values(predict, row, background, players={"numbers": np.arange(8)})
        contributions = shapley_values(evaluate, players=8)
        strongest = np.argsort(-np.abs(contributions.values))[:3]
        ```
    """

    values: np.ndarray
    standard_errors: np.ndarray


def shapley_values(
    evaluate: Callable[[np.ndarray], np.ndarray], players: int, permutations: int = 32, seed: int = 0
) -> ShapleyValues:
    """Compute the Shapley values of a game (Shapley 1953).

    All coalitions are enumerated if they are at most `EXACT_COALITIONS`, or no more than sampling evaluates. Otherwise
    random permutations are sampled (Castro et al. 2009), each with its reverse (antithetic sampling, Mitchell et al.
    2022, JMLR 23:43), and the standard errors are those of the means over the pairs.

    Args:
        evaluate: Maps coalitions, a boolean array of shape `(m, players)`, to their values, shape `(m,)` or
            `(m, outputs)`.
        players: Number of players, at least 1.
        permutations: Number of permutations to sample; an odd number is rounded up, and at least 4 are sampled. They
            need `permutations * (players - 1) + 2` evaluations.
        seed: Random seed.

    Returns:
        The values and their standard errors, in float64.
    """
    pairs = max((permutations + 1) // 2, 2)
    if 2**players <= max(EXACT_COALITIONS, 2 * pairs * (players - 1) + 2):
        return _enumerate(evaluate, players)
    return _sample(evaluate, players, pairs, np.random.default_rng(seed))


def interventional_values(
    predict: Callable[[dict[str, np.ndarray]], np.ndarray],
    row: Mapping[str, np.ndarray],
    background: Mapping[str, np.ndarray],
    players: Mapping[str, np.ndarray],
) -> Callable[[np.ndarray], np.ndarray]:
    """Create the game whose Shapley values explain the prediction of one row of a table.

    The value of a coalition is the mean prediction over the background rows, with the features of the coalition's
    players replaced by those of the row (interventional expectation, Janzing et al. 2020, arXiv:1910.13413).

    Args:
        predict: Maps arrays of shape `(n, features)` by name to predictions, shape `(n,)` or `(n, outputs)`.
        row: The row: arrays of shape `(1, features)` by name.
        background: Background rows, such as training rows: arrays of shape `(rows, features)` by the same names.
        players: Player of each feature, counted from 0: integer arrays of shape `(features,)` by the same names. The
            features that are made from one column of the table have the same player.

    Returns:
        The function that `shapley_values` takes as `evaluate`; it predicts at most `BATCH_ROWS` rows at once.
    """
    rows = len(next(iter(background.values())))

    def mean_predictions(coalitions: np.ndarray) -> np.ndarray:
        pairs, values = len(coalitions) * rows, []
        for start in range(0, pairs, BATCH_ROWS):
            coalition, other = np.divmod(np.arange(start, min(start + BATCH_ROWS, pairs)), rows)
            members = coalitions[coalition]
            batch = {
                name: np.where(members[:, players[name]], row[name], array[other]) for name, array in background.items()
            }
            values.append(np.asarray(predict(batch), np.float64))
        predictions = np.concatenate(values)
        return np.asarray(predictions.reshape(len(coalitions), rows, *predictions.shape[1:]).mean(axis=1))

    return mean_predictions


def _enumerate(evaluate: Callable[[np.ndarray], np.ndarray], players: int) -> ShapleyValues:
    """Average each player's contribution over all coalitions of the others."""
    codes = np.arange(2**players)
    members = (codes[:, None] >> np.arange(players) & 1).astype(bool)
    worth = np.asarray(evaluate(members), np.float64)
    weights = _coalition_weights(players)[members.sum(axis=1)]
    contributions = []
    for player in range(players):
        others = codes[~members[:, player]]
        gains = worth[others | 1 << player] - worth[others]
        contributions.append(np.tensordot(weights[others], gains, axes=1))
    values = np.array(contributions)
    return ShapleyValues(values, np.zeros_like(values))


def _coalition_weights(players: int) -> np.ndarray:
    """Return the weight `s! (players - s - 1)! / players!` of a coalition of `s` other players; 0 of all players."""
    weights = [1 / players]
    for size in range(1, players):
        weights.append(weights[-1] * size / (players - size))
    return np.array([*weights, 0.0])


def _sample(
    evaluate: Callable[[np.ndarray], np.ndarray], players: int, pairs: int, generator: np.random.Generator
) -> ShapleyValues:
    """Average each player's contribution over pairs of a permutation and its reverse."""
    ends = np.array([np.zeros(players, bool), np.ones(players, bool)])
    # The values of the empty coalition, and of the grand one, which has all players.
    empty, grand = np.asarray(evaluate(ends), np.float64)
    means = []
    for _ in range(pairs):
        order = generator.permutation(players)
        orders = np.array([order, order[::-1]])
        positions = np.argsort(orders, axis=1)
        coalitions = positions[:, None] < np.arange(1, players)[:, None]
        worth = np.asarray(evaluate(coalitions.reshape(-1, players)), np.float64)
        worth = worth.reshape(2, players - 1, *worth.shape[1:])
        bounds = [np.broadcast_to(value, (2, 1, *value.shape)) for value in (empty, grand)]
        gains = np.diff(np.concatenate([bounds[0], worth, bounds[1]], axis=1), axis=1)
        means.append((gains[0, positions[0]] + gains[1, positions[1]]) / 2)
    standard_errors = np.std(means, axis=0, ddof=1) / np.sqrt(pairs)
    return ShapleyValues(np.mean(means, axis=0), standard_errors)
