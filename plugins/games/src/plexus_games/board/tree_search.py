"""Search from one position with an exported network: PUCT with proven results."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus_games.board.game import BoardGame
from plexus_games.board.move_summary import MoveSummary
from plexus_games.board.search_node import VIRTUAL_LOSS, SearchNode
from plexus_games.board.search_summary import SearchSummary
from plexus_games.board.search_tree import softmax

if TYPE_CHECKING:
    import pyspiel

PositionEvaluator = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""From observations `(n, *shape)` to logits `(n, actions)`, values `(n,)` and logits of win, draw and loss `(n, 3)`."""
Path = list[tuple[SearchNode, int]]
"""Nodes, and the index of an action in each."""

EXPLORATION = 1.5
"""Constant of PUCT."""
UNVISITED_PENALTY = 0.2
"""Unvisited actions are worth so much less than their position."""
LEAVES = 8
"""Positions that are evaluated together."""
CERTAIN = 1e6
"""Added to the bound of an action that wins, subtracted from that of one that loses."""


class TreeSearch:
    """A search tree, which can be continued after a move.

    Actions are selected by PUCT (Silver et al. 2017, section "Search algorithm"). Positions are evaluated in batches,
    with a virtual loss for those that wait. Certain results are backed up (MCTS-Solver, Winands et al. 2008): an action
    that wins is played, one that loses is not.

    Args:
        game: The game.
        evaluator: The network.
        state: The position at the root, not terminal.
        discount: Factor of a value per move.

    Example:
        ```python
        search = TreeSearch(game, evaluator, game.new_state(), discount=0.99)
        summary = search.run(simulations=400)
        search.advance(summary.best.action)
        ```
    """

    def __init__(
        self, game: BoardGame, evaluator: PositionEvaluator, state: "pyspiel.State", discount: float = 1.0
    ) -> None:
        self._game, self._evaluator, self._discount = game, evaluator, discount
        self._root = self._new_root(state)

    @property
    def state(self) -> "pyspiel.State":
        """The position at the root."""
        return self._root.state

    def run(self, simulations: int, seconds: float | None = None) -> SearchSummary:
        """Search until the result of the position is certain, or so many visits or seconds are reached.

        Args:
            simulations: Visits of the root; 0: the network alone.
            seconds: Seconds, instead of simulations.

        Returns:
            The summary.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while np.isnan(_proven_value(self._root)):
            missing = simulations - int(self._root.visits.sum())
            if (missing <= 0) if end is None else (time.monotonic() >= end):
                break
            self._simulate(LEAVES if end is not None else min(LEAVES, missing))
        return self._summary()

    def advance(self, action: int) -> None:
        """Make the position after a move the root; its part of the tree remains.

        Args:
            action: The action.

        Raises:
            InputError: If the game is over after it.
        """
        index = self._root.actions.index(action)
        child = self._root.children[index]
        self._root = child if child is not None else self._new_root(self._root.state.child(action))

    def _new_root(self, state: "pyspiel.State") -> SearchNode:
        if state.is_terminal():
            raise InputError(f"the game is over after {state.move_number()} moves: there is no move to search")
        root = SearchNode(state.clone(), state.current_player())
        self._evaluate([root])
        return root

    def _simulate(self, count: int) -> None:
        """Run up to `count` simulations, whose new positions are evaluated together."""
        paths: list[Path] = []
        leaves: list[SearchNode] = []
        for _ in range(count):
            path, leaf = self._descend()
            if leaf is None:
                self._update(path, None)
            elif any(leaf is each for each in leaves):
                _remove_virtual_loss(path)
                break
            else:
                paths.append(path)
                leaves.append(leaf)
        if leaves:
            self._evaluate(leaves)
        for path, leaf in zip(paths, leaves, strict=True):
            self._update(path, leaf)

    def _descend(self) -> tuple[Path, SearchNode | None]:
        """Return the path to a new position, or one whose result is certain: None stands for an action of that kind."""
        node, path = self._root, Path()
        while True:
            index = _select(node)
            node.visits[index] += 1
            node.totals[index] -= VIRTUAL_LOSS
            path.append((node, index))
            if not np.isnan(node.proven[index]):
                return path, None
            child = node.children[index] or self._expand(node, index)
            if child is None or child.priors is None:
                return path, child
            node = child

    def _expand(self, node: SearchNode, index: int) -> SearchNode | None:
        """Add the position after an action; if it ends the game, its result is certain."""
        state = node.state.child(node.actions[index])
        if state.is_terminal():
            node.proven[index] = self._discount * self._game.result(state, node.player)
            return None
        child = SearchNode(state, state.current_player())
        node.children[index] = child
        return child

    def _evaluate(self, nodes: list[SearchNode]) -> None:
        logits, values, outcomes = self._evaluator(self._game.observe([node.state for node in nodes]))
        for node, row, value, outcome in zip(nodes, logits, values, softmax(outcomes), strict=True):
            node.priors = softmax(row[None, node.actions].astype(np.float64))[0]
            node.value, node.outcome = float(value), outcome

    def _update(self, path: Path, leaf: SearchNode | None) -> None:
        """Add the value of a leaf, or of a certain result, to the actions of the path, and back up what is certain."""
        last, index = path[-1]
        if leaf is None:
            value, outcome = float(last.proven[index]), _certain_outcome(last.proven[index])
        else:
            value, outcome = leaf.value, leaf.outcome
        child = leaf
        for node, index in reversed(path):
            if child is not None:
                value, outcome = self._before(node, child, value, outcome)
                node.proven[index] = self._proven_before(node, child)
            node.totals[index] += VIRTUAL_LOSS + value
            node.outcomes[index] += outcome
            child = node

    def _before(
        self, node: SearchNode, child: SearchNode, value: float, outcome: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Return the value and the outcome of a position for the player who moved to it."""
        if node.player == child.player:
            return self._discount * value, outcome
        return -self._discount * value, outcome[::-1]

    def _proven_before(self, node: SearchNode, child: SearchNode) -> float:
        value = _proven_value(child)
        return self._discount * (value if node.player == child.player else -value)

    def _summary(self) -> SearchSummary:
        root = self._root
        order = _ranking(root)
        moves = [self._move_summary(root, index) for index in order]
        return SearchSummary(
            moves=moves,
            line=self._line(order[0]),
            is_certain=bool(not np.isnan(_proven_value(root))),
            simulations=int(root.visits.sum()),
        )

    def _move_summary(self, node: SearchNode, index: int) -> MoveSummary:
        visits = int(node.visits[index])
        if not np.isnan(node.proven[index]):
            outcome = _certain_outcome(node.proven[index])
        elif visits:
            outcome = node.outcomes[index] / visits
        else:
            outcome = node.outcome
        return MoveSummary(
            action=node.actions[index],
            name=self._game.move_name(node.state, node.actions[index]),
            visits=visits,
            prior=float(_priors(node)[index]),
            win=float(outcome[0]),
            draw=float(outcome[1]),
            value=float(_values(node)[index]),
            is_certain=bool(not np.isnan(node.proven[index])),
        )

    def _line(self, first: int) -> list[str]:
        """Return the moves that the search expects, the best of each position that was visited."""
        node, index, names = self._root, first, list[str]()
        while True:
            names.append(self._game.move_name(node.state, node.actions[index]))
            child = node.children[index]
            if child is None or not child.visits.any():
                return names
            node, index = child, _ranking(child)[0]


def _select(node: SearchNode) -> int:
    """Return the index of the action with the highest upper bound; those that certainly lose are last."""
    total = node.visits.sum()
    bounds = _values(node) + EXPLORATION * _priors(node) * np.sqrt(total + 1) / (1 + node.visits)
    return int(np.argmax(bounds + CERTAIN * np.sign(np.nan_to_num(node.proven))))


def _values(node: SearchNode) -> np.ndarray:
    """Return the certain value of each action, else the mean of its visits, else a little less than the position's."""
    means = np.where(node.visits > 0, node.totals / np.maximum(node.visits, 1), node.value - UNVISITED_PENALTY)
    return np.where(np.isnan(node.proven), means, node.proven)


def _priors(node: SearchNode) -> np.ndarray:
    if node.priors is None:
        raise ValueError("the position is not evaluated")
    return node.priors


def _ranking(node: SearchNode) -> list[int]:
    """Return the indices of the actions, best first: wins, then by visits, then losses, the slowest first."""
    if not np.isnan(_proven_value(node)):
        order = np.lexsort((-_priors(node), -_values(node)))
    else:
        signs = np.sign(np.nan_to_num(node.proven))
        order = np.lexsort((-_priors(node), -np.where(signs < 0, node.proven, node.visits), -signs))
    return [int(index) for index in order]


def _proven_value(node: SearchNode) -> float:
    """Return the value of a position whose result is certain: a win is, or all actions are; else NaN."""
    certain = ~np.isnan(node.proven)
    if not certain.any():
        return float("nan")
    best = float(node.proven[certain].max())
    return best if best > 0 or certain.all() else float("nan")


def _certain_outcome(value: float) -> np.ndarray:
    return np.array([value > 0, value == 0, value < 0], float)


def _remove_virtual_loss(path: Path) -> None:
    for node, index in path:
        node.visits[index] -= 1
        node.totals[index] += VIRTUAL_LOSS
