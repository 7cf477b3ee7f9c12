"""How a game will end, by a search."""

from typing import NamedTuple

from plexus_apps.board_room.board_task import PositionPrediction


class Estimate(NamedTuple):
    """The probabilities of the results for the person.

    Attributes:
        win: Probability that the person wins.
        draw: Probability of a draw.

    Example:
        ```python
        Estimate(0.6, 0.3).points  # 0.75
        ```
    """

    win: float
    draw: float

    @property
    def points(self) -> float:
        """Expected points: 1 for a win, one half for a draw."""
        return self.win + self.draw / 2

    @classmethod
    def of_search(cls, prediction: PositionPrediction, is_person: bool) -> "Estimate":
        """Return the estimate of a search.

        Args:
            prediction: The result of the search.
            is_person: Whether the person is to move in the position.

        Returns:
            The estimate.
        """
        loss = max(1 - prediction.win - prediction.draw, 0.0)
        return cls(prediction.win if is_person else loss, prediction.draw)
