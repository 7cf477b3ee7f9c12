"""Positions of finished games, from which the network learns."""

from collections.abc import Sequence

import numpy as np

from plexus.codec import Arrays

FIELDS = ("observation", "policy", "policy_weight", "value", "outcome")


class PositionBuffer:
    """The latest positions of finished games, oldest first.

    Fields, one row per position: `observation`, float16; `policy`, the improved policy; `policy_weight`, 0 where the
    search was too short for a target; `value`, from -1 to 1 for the player to move; `outcome`: 0 for a win of the
    player to move, 1 for a draw, 2 for a loss.

    Attributes:
        total: Positions that were ever added.

    Example:
        ```python
        buffer = PositionBuffer()
        buffer.add([rows], capacity=100_000)
        sample = buffer.sample(256, generator)
        ```
    """

    def __init__(self) -> None:
        self.total = 0
        self._fields: Arrays = {}

    def __len__(self) -> int:
        return len(self._fields["value"]) if self._fields else 0

    def add(self, games: Sequence[Arrays], capacity: int) -> None:
        """Add the positions of games; the oldest are dropped. Each call copies the content.

        Args:
            games: Values of all fields of each game, one row per position.
            capacity: Positions that remain.
        """
        self.total += sum(len(rows["value"]) for rows in games)
        parts = [self._fields, *games] if self._fields else games
        if parts:
            self._fields = {name: np.concatenate([rows[name] for rows in parts])[-capacity:] for name in FIELDS}

    def sample(self, count: int, generator: np.random.Generator) -> Arrays:
        """Return random positions.

        Args:
            count: Number of positions.
            generator: Random generator.

        Returns:
            Values of all fields, `count` rows.
        """
        rows = generator.integers(len(self), size=count)
        return {name: array[rows] for name, array in self._fields.items()}

    def state(self) -> Arrays:
        """Return the content.

        Returns:
            The state, for `restore`.
        """
        return {f"buffer.{name}": array for name, array in self._fields.items()} | {
            "buffer.total": np.array(self.total)
        }

    def restore(self, state: Arrays) -> None:
        """Return to an earlier content.

        Args:
            state: The result of `state`; it may hold other arrays as well.
        """
        self.total = int(state["buffer.total"])
        self._fields = {name: state[f"buffer.{name}"] for name in FIELDS if f"buffer.{name}" in state}
