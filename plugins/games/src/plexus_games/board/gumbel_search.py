"""Gumbel AlphaZero's search: policy improvement with few simulations (Danihelka et al. 2022)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plexus_games.board.batched_tree import IMPOSSIBLE, BatchedTree, softmax
from plexus_games.board.evaluator import Evaluator
from plexus_games.board.game import BoardGame
from plexus_games.board.sequential_halving import required_visits_table

if TYPE_CHECKING:
    import pyspiel

C_VISIT, C_SCALE = 50.0, 1.0
"""Constants of the transformation (equation 8) of action values, which are scaled to 0 to 1."""


@dataclass(frozen=True)
class SearchResults:
    """Results of a search from several positions.

    Args:
        actions: The action to play in each, shape `(n,)`.
        policies: Improved policies, the targets of the policy network, shape `(n, actions)`.
        values: Values for the player to move, shape `(n,)`.

    Example:
        ```python
        results = GumbelSearch(game, evaluator).run(states, simulations=32, generator=generator)
        ```
    """

    actions: np.ndarray
    policies: np.ndarray
    values: np.ndarray


class GumbelSearch:
    """Searches from several positions at once.

    At the root, some actions are sampled without replacement by Gumbel noise, and the best is selected by sequential
    halving (algorithm 2); below, actions are selected deterministically so that visits follow the improved policy
    (equation 14).

    Args:
        game: The game.
        evaluator: The network.
        discount: Discount per move, below 1 so that quick wins are better than slow ones.
        considered_actions: Largest number of actions that are considered at the root.

    Example:
        ```python
        search = GumbelSearch(game, evaluator, discount=0.99, considered_actions=16)
        results = search.run([game.new_state()], simulations=64)
        ```
    """

    def __init__(
        self, game: BoardGame, evaluator: Evaluator, discount: float = 1.0, considered_actions: int = 16
    ) -> None:
        self.game, self.evaluator = game, evaluator
        self.discount, self.considered_actions = discount, considered_actions

    def run(
        self, states: "list[pyspiel.State]", simulations: int, generator: np.random.Generator | None = None
    ) -> SearchResults:
        """Search from each position.

        Args:
            states: Positions that are not terminal.
            simulations: Simulations per position, at least 1.
            generator: Random generator of the Gumbel noise; None for no noise.

        Returns:
            The results.
        """
        trees = BatchedTree(self.game, states, self.evaluator, simulations + 1, self.discount)
        games, roots = np.arange(len(states)), np.zeros(len(states), np.int64)
        logits = trees.logits[:, 0]
        legal = logits > IMPOSSIBLE
        noise = np.zeros(logits.shape) if generator is None else generator.gumbel(size=logits.shape)
        priors = np.where(legal, noise + logits, -np.inf)
        table = required_visits_table(np.minimum(legal.sum(axis=1), self.considered_actions), simulations)
        for simulation in range(simulations):
            scores = priors + _transformed_values(trees, games, roots)
            trees.simulate(_best(scores, trees.visits[:, 0], table[:, simulation]), _select)
        values = trees.action_values(games, roots)
        scores = priors + _transformed_values(trees, games, roots)
        actions = _best(scores, trees.visits[:, 0], trees.visits[:, 0].max(axis=1))
        policies = softmax(logits + _transformed_values(trees, games, roots))
        return SearchResults(actions, policies.astype(np.float32), (policies * values).sum(axis=1))


def _best(scores: np.ndarray, visits: np.ndarray, required: np.ndarray) -> np.ndarray:
    """Return the best of the actions with the required number of visits."""
    return np.asarray(np.where(visits == required[:, None], scores, -np.inf).argmax(axis=1))


def _select(trees: BatchedTree, games: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """Return the action whose share of the visits is furthest below its improved probability (equation 14)."""
    visits = trees.visits[games, nodes]
    improved = softmax(trees.logits[games, nodes] + _transformed_values(trees, games, nodes))
    shares = visits / (1 + visits.sum(axis=1, keepdims=True))
    return np.asarray((improved - shares).argmax(axis=1))


def _transformed_values(trees: BatchedTree, games: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """Return action values on the scale of logits (equation 8)."""
    most = trees.visits[games, nodes].max(axis=1, keepdims=True)
    return np.asarray((C_VISIT + most) * C_SCALE * (trees.action_values(games, nodes) + 1) / 2)
