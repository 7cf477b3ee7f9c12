"""Search from one position with an exported network: PUCT with proven results."""

import time
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus_games.board.batched_tree import softmax
from plexus_games.board.candidate_move import CandidateMove
from plexus_games.board.evaluator import Evaluator
from plexus_games.board.game import BoardGame
from plexus_games.board.position_prediction import PositionPrediction
from plexus_games.board.search_node import SearchNode

if TYPE_CHECKING:
    import pyspiel

Path = list[tuple[SearchNode, int]]
"""Nodes, and the index of an action in each."""

LEAF_BATCH_SIZE = 8
"""Positions that are evaluated together."""
DECIMALS = 4


class PuctSearch:
    """A search tree, which can be continued after a move.

    Actions are selected by PUCT. Positions are evaluated in batches, with a virtual loss for those that wait. Proven
    results are backed up (MCTS-Solver, Winands et al. 2008): an action that is proven to win is played, one that is
    proven to lose is not. After a win the search looks for quicker ones among the actions that are not proven.

    Args:
        game: The game.
        evaluator: The network.
        state: The position at the root, not terminal.
        discount: Discount per move.

    Example:
        ```python
        search = PuctSearch(game, evaluator, game.new_state(), discount=0.99)
        prediction = search.run(simulations=400)
        search.advance(prediction.best.action)
        ```
    """

    def __init__(self, game: BoardGame, evaluator: Evaluator, state: "pyspiel.State", discount: float = 1.0) -> None:
        self._game, self._evaluator, self._discount = game, evaluator, discount
        self._root = self._new_root(state)

    @property
    def state(self) -> "pyspiel.State":
        """The position at the root."""
        return self._root.state

    def run(self, simulations: int, seconds: float | None = None) -> PositionPrediction:
        """Search until the best move is proven, or so many visits or seconds are reached.

        Args:
            simulations: Visits of the root; 0: the network alone.
            seconds: Seconds, instead of simulations.

        Returns:
            The prediction; probabilities and values are rounded to four decimals.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while not self._is_solved():
            remaining = simulations - int(self._root.visits.sum())
            if (remaining <= 0) if end is None else (time.monotonic() >= end):
                break
            self._simulate(LEAF_BATCH_SIZE if end is not None else min(LEAF_BATCH_SIZE, remaining))
        return self._prediction()

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

    def _is_solved(self) -> bool:
        """Return whether an action wins at once, or all actions are proven."""
        proven = [value for value in self._root.proven if value is not None]
        return max(proven, default=0.0) >= self._discount or len(proven) == len(self._root.proven)

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
        """Return the path to a new position, or None if the last action is proven."""
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
        """Add the position after an action; if it ends the game, the action is proven."""
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
        """Add the value of a leaf, or a proven result, to the actions of the path, and back up what is proven."""
        last, index = path[-1]
        if leaf is None:
            value = last.proven[index] or 0.0
            outcome = _proven_outcome(value)
        else:
            value, outcome = leaf.value, leaf.outcome
        child, is_proven = leaf, leaf is None
        for node, index in reversed(path):
            if child is not None:
                value, outcome = self._parent_value(node, child, value, outcome)
                is_proven = is_proven and self._prove(node, index, child)
            node.update(index, value, outcome)
            child = node

    def _prove(self, node: SearchNode, index: int, child: SearchNode) -> bool:
        """Return whether an action is proven, after setting its value if it is."""
        value = child.proven_value
        if value is not None:
            node.prove(index, self._discount * (value if node.player == child.player else -value))
        return value is not None

    def _parent_value(
        self, node: SearchNode, child: SearchNode, value: float, outcome: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Return the value and the outcome of a position for the player who moved to it."""
        if node.player == child.player:
            return self._discount * value, outcome
        return -self._discount * value, outcome[::-1]

    def _prediction(self) -> PositionPrediction:
        root, order = self._root, self._root.ranking()
        values = root.values()
        moves = [self._candidate_move(root, index, float(values[index])) for index in order]
        return PositionPrediction(
            move=moves[0].move,
            win=moves[0].win,
            draw=moves[0].draw,
            is_proven=root.proven_value is not None,
            principal_variation=self._principal_variation(order[0]),
            moves=moves,
            simulations=int(root.visits.sum()),
        )

    def _candidate_move(self, node: SearchNode, index: int, value: float) -> CandidateMove:
        visits, proven = int(node.visits[index]), node.proven[index]
        if proven is not None:
            outcome = _proven_outcome(proven)
        elif visits:
            outcome = node.outcomes[index] / visits
        else:
            outcome = node.outcome
        return CandidateMove(
            action=node.actions[index],
            move=self._game.move_name(node.state, node.actions[index]),
            visits=visits,
            prior=round(float(node.priors[index]), DECIMALS),
            win=round(float(outcome[0]), DECIMALS),
            draw=round(float(outcome[1]), DECIMALS),
            value=round(value, DECIMALS),
            is_proven=proven is not None,
        )

    def _principal_variation(self, first: int) -> list[str]:
        """Return the moves that the search expects, the best of each position that was visited."""
        node, index, names = self._root, first, list[str]()
        while True:
            names.append(self._game.move_name(node.state, node.actions[index]))
            child = node.children[index]
            if child is None or not child.visits.any():
                return names
            node, index = child, child.ranking()[0]


def _proven_outcome(value: float) -> np.ndarray:
    return np.array([value > 0, value == 0, value < 0], float)
