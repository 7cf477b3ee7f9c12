"""Search from one position with an exported network: PUCT with proven results."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus_games.board.game import BoardGame
from plexus_games.board.move_summary import MoveSummary
from plexus_games.board.search_node import SearchNode
from plexus_games.board.search_summary import SearchSummary
from plexus_games.board.search_tree import softmax

if TYPE_CHECKING:
    import pyspiel

PositionEvaluator = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""From observations `(n, *shape)` to logits `(n, actions)`, values `(n,)` and logits of win, draw and loss `(n, 3)`."""
Path = list[tuple[SearchNode, int]]
"""Nodes, and the index of an action in each."""

LEAVES = 8
"""Positions that are evaluated together."""


class TreeSearch:
    """A search tree, which can be continued after a move.

    Actions are selected by PUCT. Positions are evaluated in batches, with a virtual loss for those that wait. Certain
    results are backed up (MCTS-Solver, Winands et al. 2008): an action that wins is played, one that loses is not.
    After a win the search looks for quicker ones among the actions whose results are not certain.

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
        """Search until all that matters is certain, or so many visits or seconds are reached.

        Args:
            simulations: Visits of the root; 0: the network alone.
            seconds: Seconds, instead of simulations.

        Returns:
            The summary.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while not self._is_settled():
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

    def _is_settled(self) -> bool:
        """Return whether an action wins at once, or the results of all actions are certain."""
        certain = [value for value in self._root.proven if value is not None]
        return max(certain, default=0.0) >= self._discount or len(certain) == len(self._root.proven)

    def _simulate(self, count: int) -> None:
        """Run up to `count` simulations, whose new positions are evaluated together."""
        paths: list[Path] = []
        leaves: list[SearchNode] = []
        for _ in range(count):
            path, leaf = self._descend()
            if leaf is None:
                self._update(path, None)
            elif any(leaf is each for each in leaves):
                for node, index in path:
                    node.cancel(index)
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
            index = node.select()
            node.visit(index)
            path.append((node, index))
            if node.proven[index] is not None:
                return path, None
            child = node.children[index] or self._expand(node, index)
            if child is None or not child.is_evaluated:
                return path, child
            node = child

    def _expand(self, node: SearchNode, index: int) -> SearchNode | None:
        """Add the position after an action; if it ends the game, its result is certain."""
        state = node.state.child(node.actions[index])
        if state.is_terminal():
            node.prove(index, self._discount * self._game.result(state, node.player))
            return None
        child = SearchNode(state, state.current_player())
        node.children[index] = child
        return child

    def _evaluate(self, nodes: list[SearchNode]) -> None:
        logits, values, outcomes = self._evaluator(self._game.observe([node.state for node in nodes]))
        for node, row, value, outcome in zip(nodes, logits, values, softmax(outcomes), strict=True):
            node.evaluate(row, float(value), outcome)

    def _update(self, path: Path, leaf: SearchNode | None) -> None:
        """Add the value of a leaf, or of a certain result, to the actions of the path, and back up what is certain."""
        last, index = path[-1]
        if leaf is None:
            value = last.proven[index] or 0.0
            outcome = _certain_outcome(value)
        else:
            value, outcome = leaf.value, leaf.outcome
        child, is_certain = leaf, leaf is None
        for node, index in reversed(path):
            if child is not None:
                value, outcome = self._before(node, child, value, outcome)
                is_certain = is_certain and self._prove(node, index, child)
            node.update(index, value, outcome)
            child = node

    def _prove(self, node: SearchNode, index: int, child: SearchNode) -> bool:
        """Return whether the result of an action is certain, after setting its value if it is."""
        value = child.proven_value
        if value is not None:
            node.prove(index, self._discount * (value if node.player == child.player else -value))
        return value is not None

    def _before(
        self, node: SearchNode, child: SearchNode, value: float, outcome: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Return the value and the outcome of a position for the player who moved to it."""
        if node.player == child.player:
            return self._discount * value, outcome
        return -self._discount * value, outcome[::-1]

    def _summary(self) -> SearchSummary:
        root = self._root
        order = root.ranking()
        moves = [self._move_summary(root, index) for index in order]
        return SearchSummary(
            moves=moves,
            line=self._line(order[0]),
            is_certain=root.proven_value is not None,
            simulations=int(root.visits.sum()),
        )

    def _move_summary(self, node: SearchNode, index: int) -> MoveSummary:
        visits, proven = int(node.visits[index]), node.proven[index]
        if proven is not None:
            outcome = _certain_outcome(proven)
        elif visits:
            outcome = node.outcomes[index] / visits
        else:
            outcome = node.outcome
        return MoveSummary(
            action=node.actions[index],
            name=self._game.move_name(node.state, node.actions[index]),
            visits=visits,
            prior=float(node.priors[index]),
            win=float(outcome[0]),
            draw=float(outcome[1]),
            value=float(node.values()[index]),
            is_certain=proven is not None,
        )

    def _line(self, first: int) -> list[str]:
        """Return the moves that the search expects, the best of each position that was visited."""
        node, index, names = self._root, first, list[str]()
        while True:
            names.append(self._game.move_name(node.state, node.actions[index]))
            child = node.children[index]
            if child is None or not child.visits.any():
                return names
            node, index = child, child.ranking()[0]


def _certain_outcome(value: float) -> np.ndarray:
    return np.array([value > 0, value == 0, value < 0], float)
