"""A search with the names of its moves on the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from plexus_apps.board_room.board_task import Place, PositionPrediction


@dataclass(frozen=True)
class SearchView:
    """The last search of a game.

    Args:
        number: Number of the move before which the position was searched, counted from 1.
        is_hint: Whether the position is one of the person, who asked for a hint.
        limit: Simulations of the search at most; 0: the network alone.
        prediction: The result.
        labels: Names of the moves of the prediction, in its order.
        principal_variation: Names of the best move and the expected replies.
        place: Cell of the best move; None if it has none.

    Example:
        ```python
        game.hint()
        game.search.labels[0]  # "column 4"
        ```
    """

    number: int
    is_hint: bool
    limit: int
    prediction: PositionPrediction
    labels: Sequence[str]
    principal_variation: Sequence[str]
    place: Place | None
