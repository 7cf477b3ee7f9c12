"""A node of the search tree of one game."""

import math
from typing import TYPE_CHECKING

import numpy as np

from plexus_games.board.batched_tree import softmax

if TYPE_CHECKING:
    import pyspiel

EXPLORATION = 1.5
"""Constant of PUCT."""
FPU_REDUCTION = 0.2
"""First-play urgency: unvisited actions are valued so much below their position."""
VIRTUAL_LOSS = 1.0
"""Subtracted from the total of an action while a simulation through it waits for the network."""
PROVEN_ESTIMATE = -1e6
"""Value in the selection of actions that are proven to win or to lose: there is nothing to explore."""


class SearchNode:
    """A position with statistics of its legal actions; all values are for the player to move.

    The numbers that the selection needs are updated with each visit: the selection takes most of the time of a search.

    Args:
        state: A position that is not terminal.
        player: The player to move.

    Attributes:
        actions: Legal actions.
        priors: Probabilities of the network's policy, shape `(actions,)`.
        children: Nodes after each action; None for actions without one, and for those that end the game.
        visits: Visits of each action, shape `(actions,)`.
        outcomes: Sums of the probabilities of win, draw and loss, shape `(actions, 3)`.
        proven: Values of actions whose result is proven, else None.
        value: The value of the network.
        outcome: The probabilities of win, draw and loss of the network, shape `(3,)`.
        is_evaluated: Whether the network's outputs are known.

    Example:
        ```python
        node = SearchNode(game.new_state(), player=0)
        ```
    """

    __slots__ = (
        "_count",
        "_estimates",
        "_totals",
        "actions",
        "children",
        "is_evaluated",
        "outcome",
        "outcomes",
        "player",
        "priors",
        "proven",
        "state",
        "value",
        "visits",
    )

    def __init__(self, state: "pyspiel.State", player: int) -> None:
        self.state, self.player = state, player
        self.actions: list[int] = state.legal_actions()
        count = len(self.actions)
        self.children: list[SearchNode | None] = [None] * count
        self.proven: list[float | None] = [None] * count
        self.priors, self.visits, self.outcomes = np.zeros(count), np.zeros(count), np.zeros((count, 3))
        self.value, self.outcome, self.is_evaluated = 0.0, np.zeros(3), False
        self._estimates, self._totals, self._count = np.zeros(count), [0.0] * count, 0

    def evaluate(self, logits: np.ndarray, value: float, outcome: np.ndarray) -> None:
        """Set the network's outputs.

        Args:
            logits: Logits of the policy, shape `(all actions of the game,)`.
            value: The value.
            outcome: Probabilities of win, draw and loss, shape `(3,)`.
        """
        self.priors = softmax(logits[None, self.actions].astype(np.float64))[0]
        self.value, self.outcome, self.is_evaluated = value, outcome, True
        self._estimates[:] = value - FPU_REDUCTION

    def select(self) -> int:
        """Select an action by PUCT (Silver et al. 2017, section "Search algorithm").

        Returns:
            The index of the action with the highest upper bound.
        """
        scale = EXPLORATION * math.sqrt(self._count + 1)
        return int((self._estimates + scale * self.priors / (1 + self.visits)).argmax())

    def visit(self, index: int) -> None:
        """Add a visit of an action, with a virtual loss.

        Args:
            index: Index of the action.
        """
        self._add(index, 1, -VIRTUAL_LOSS)

    def cancel(self, index: int) -> None:
        """Undo `visit`: remove the visit and its virtual loss.

        Args:
            index: Index of the action.
        """
        self._add(index, -1, VIRTUAL_LOSS)

    def update(self, index: int, value: float, outcome: np.ndarray) -> None:
        """Replace the virtual loss of a visit by its value.

        Args:
            index: Index of the action.
            value: The value.
            outcome: Probabilities of win, draw and loss, shape `(3,)`.
        """
        self._add(index, 0, VIRTUAL_LOSS + value)
        self.outcomes[index] += outcome

    def prove(self, index: int, value: float) -> None:
        """Set the proven value of an action.

        Args:
            index: Index of the action.
            value: The value.
        """
        self.proven[index] = value
        self._estimates[index] = PROVEN_ESTIMATE if value else 0.0

    @property
    def proven_value(self) -> float | None:
        """The value of the position if it is proven: an action wins, or all are proven; else None."""
        values = [value for value in self.proven if value is not None]
        best = max(values, default=0.0)
        return best if best > 0 or len(values) == len(self.proven) else None

    def values(self) -> np.ndarray:
        """Return what each action is worth.

        Returns:
            The proven value, else the mean of the visits, else a little less than the position's; shape `(actions,)`.
        """
        pairs = zip(self._estimates, self.proven, strict=True)
        return np.array([estimate if proven is None else proven for estimate, proven in pairs])

    def ranking(self) -> list[int]:
        """Return the indices of the actions, best first.

        Returns:
            Actions that are proven to win, the quickest first; then by visits, then by prior; last those that are
            proven to lose, the slowest first.
        """
        proven = np.array([value or 0.0 for value in self.proven])
        return [int(index) for index in np.lexsort((-self.priors, -self.visits, -proven))]

    def _add(self, index: int, visits: int, value: float) -> None:
        self._count += visits
        self.visits[index] += visits
        self._totals[index] += value
        if self.proven[index] is None:
            count = self.visits[index]
            self._estimates[index] = self._totals[index] / count if count else self.value - FPU_REDUCTION
