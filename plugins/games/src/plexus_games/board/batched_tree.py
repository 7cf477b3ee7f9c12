"""Search trees of several games, as arrays."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from plexus_games.board.evaluator import Evaluator
from plexus_games.board.game import BoardGame

if TYPE_CHECKING:
    import pyspiel

Selection = Callable[["BatchedTree", np.ndarray, np.ndarray], np.ndarray]
"""From trees, games `(n,)` and nodes of them `(n,)` to actions `(n,)`."""

IMPOSSIBLE = np.float32(-1e9)
"""Logit of an action that is not legal."""


class BatchedTree:
    """Search trees of several games as arrays of shape `(games, nodes, …)`, like `mctx.Tree`.

    The loops over games are in NumPy, and each simulation of all games is one call of the network.

    Args:
        game: The game.
        states: The positions at the roots, none of them terminal.
        evaluator: The network.
        nodes: Largest number of nodes of a tree.
        discount: Discount per move: above 0, at most 1.

    Attributes:
        logits: Logits of the policy, shape `(games, nodes, actions)`; `IMPOSSIBLE` for actions that are not legal.
        values: Values of the network, or results, for the player to move, shape `(games, nodes)`.
        visits: Visits of each action, shape `(games, nodes, actions)`.
        totals: Sums of the values of each action for the player to move, of the same shape.

    Example:
        ```python
        trees = BatchedTree(game, states, evaluator, nodes=65)
        trees.simulate(root_actions, select)
        ```
    """

    def __init__(
        self, game: BoardGame, states: "list[pyspiel.State]", evaluator: Evaluator, nodes: int, discount: float = 1.0
    ) -> None:
        games, actions = len(states), game.actions
        self._game, self._evaluator, self._discount = game, evaluator, discount
        self._states: list[list[pyspiel.State]] = [[state] for state in states]
        self.logits = np.full((games, nodes, actions), IMPOSSIBLE, np.float32)
        self.values = np.zeros((games, nodes), np.float32)
        self.visits = np.zeros((games, nodes, actions), np.int32)
        self.totals = np.zeros((games, nodes, actions), np.float32)
        self._children = np.full((games, nodes, actions), -1, np.int32)
        self._parents, self._parent_actions = (np.full((games, nodes), -1, np.int32) for _ in range(2))
        self._players = np.zeros((games, nodes), np.int8)
        self._terminal = np.zeros((games, nodes), bool)
        self._observations = np.zeros((games, *game.shape), np.float32)
        self._games = np.arange(games)
        for number in range(games):
            self._add(number, 0)
        self._evaluate(self._games, np.zeros(games, np.int64))

    def simulate(self, root_actions: np.ndarray, select: Selection) -> None:
        """Run one simulation in each tree: descend, add a node, evaluate it, and update the actions on the path.

        Args:
            root_actions: The first action in each tree, shape `(games,)`.
            select: Selects the actions below the root.
        """
        parents, actions = self._descend(root_actions, select)
        nodes = self._children[self._games, parents, actions]
        expanded = self._games[nodes < 0]
        for number in expanded:
            nodes[number] = self._expand(number, parents[number], actions[number])
        self._evaluate(expanded, nodes[expanded])
        self._update(nodes)

    def action_values(self, games: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        """Return the mean values of actions, completed by the mixed value for those without visits.

        Danihelka et al. 2022, equation 10 and appendix D.

        Args:
            games: Games, shape `(n,)`.
            nodes: A node of each, shape `(n,)`.

        Returns:
            Values for the player to move, shape `(n, actions)`.
        """
        visits, totals = self.visits[games, nodes], self.totals[games, nodes]
        visited = visits > 0
        values = totals / np.maximum(visits, 1)
        priors = np.where(visited, softmax(self.logits[games, nodes]), 0.0)
        mass = np.maximum(priors.sum(axis=1), 1e-30)
        mean = (priors * values).sum(axis=1) / mass
        count = visits.sum(axis=1)
        mixed = (self.values[games, nodes] + count * mean) / (1 + count)
        return np.asarray(np.where(visited, values, mixed[:, None]))

    def _descend(self, root_actions: np.ndarray, select: Selection) -> tuple[np.ndarray, np.ndarray]:
        """Return the node and the action where each simulation leaves its tree, or ends a game."""
        nodes, actions = np.zeros(len(self._games), np.int64), np.array(root_actions, np.int64)
        active = self._games
        while len(active):
            children = self._children[active, nodes[active], actions[active]]
            inner = (children >= 0) & ~self._terminal[active, children]
            active = active[inner]
            nodes[active] = children[inner]
            actions[active] = select(self, active, nodes[active])
        return nodes, actions

    def _expand(self, number: int, parent: int, action: int) -> int:
        states = self._states[number]
        node = len(states)
        states.append(states[parent].child(action))
        self._children[number, parent, action] = node
        self._parents[number, node], self._parent_actions[number, node] = parent, action
        self._players[number, node] = self._players[number, parent]
        self._add(number, node)
        return node

    def _add(self, number: int, node: int) -> None:
        """Fill the arrays of a new node; the value of a terminal one is for the player who moved before."""
        state = self._states[number][node]
        if state.is_terminal():
            self._terminal[number, node] = True
            self.values[number, node] = self._game.result(state, self._players[number, node])
            return
        self._players[number, node] = state.current_player()
        self.logits[number, node, state.legal_actions()] = 0.0
        self._game.observe_into(state, self._observations[number])

    def _evaluate(self, games: np.ndarray, nodes: np.ndarray) -> None:
        """Evaluate new nodes. The network gets all games, so that a batch always has the same size."""
        logits, values, _ = self._evaluator(self._observations)
        inner = ~self._terminal[games, nodes]
        games, nodes = games[inner], nodes[inner]
        legal = self.logits[games, nodes] == 0
        self.logits[games, nodes] = np.where(legal, logits[games], IMPOSSIBLE)
        self.values[games, nodes] = values[games]

    def _update(self, nodes: np.ndarray) -> None:
        games, values = self._games, self.values[self._games, nodes]
        while len(games):
            parents, actions = self._parents[games, nodes], self._parent_actions[games, nodes]
            same = self._players[games, parents] == self._players[games, nodes]
            values = self._discount * np.where(same, values, -values)
            self.visits[games, parents, actions] += 1
            self.totals[games, parents, actions] += values
            inner = parents > 0
            games, nodes, values = games[inner], parents[inner], values[inner]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Compute probabilities in the precision of the logits.

    The one of `plexus.metrics.calibration` is in float64, which would slow self-play down.

    Args:
        logits: Logits of shape `(n, actions)`.

    Returns:
        Probabilities of the same shape; those of `IMPOSSIBLE` actions are 0.
    """
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))
