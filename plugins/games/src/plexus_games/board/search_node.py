"""A node of the search tree of one game."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyspiel

VIRTUAL_LOSS = 1.0
"""Subtracted from the total of an action while a simulation through it waits for the network."""


class SearchNode:
    """A position with statistics of its legal actions; all values are for the player to move.

    Args:
        state: A position that is not terminal.
        player: The player to move.

    Attributes:
        actions: Legal actions.
        priors: Probabilities of the network's policy, shape `(actions,)`; None until the position is evaluated.
        children: Nodes after each action; None for actions without one, and for those that end the game.
        visits: Visits of each action, shape `(actions,)`.
        totals: Sums of values, shape `(actions,)`.
        outcomes: Sums of the probabilities of win, draw and loss, shape `(actions, 3)`.
        proven: Values of actions whose result is certain, else NaN, shape `(actions,)`.
        value: The value of the network.
        outcome: The probabilities of win, draw and loss of the network, shape `(3,)`.

    Example:
        ```python
        node = SearchNode(game.new_state(), player=0)
        ```
    """

    __slots__ = (
        "actions",
        "children",
        "outcome",
        "outcomes",
        "player",
        "priors",
        "proven",
        "state",
        "totals",
        "value",
        "visits",
    )

    def __init__(self, state: "pyspiel.State", player: int) -> None:
        self.state, self.player = state, player
        self.actions: list[int] = state.legal_actions()
        count = len(self.actions)
        self.priors: np.ndarray | None = None
        self.children: list[SearchNode | None] = [None] * count
        self.visits, self.totals = np.zeros(count, np.int64), np.zeros(count)
        self.outcomes, self.proven = np.zeros((count, 3)), np.full(count, np.nan)
        self.value, self.outcome = 0.0, np.zeros(3)
