"""Conversion between positions, arrays and predictions."""

from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import Codec, InputError
from plexus.codec import Arrays, Input, JsonObject
from plexus_games.board.analysis_request import AnalysisRequest
from plexus_games.board.codec_state import BoardState
from plexus_games.board.game import BoardGame
from plexus_games.board.game_name import GameName
from plexus_games.board.position_prediction import PositionPrediction
from plexus_games.board.puct_search import PuctSearch

if TYPE_CHECKING:
    import pyspiel


class BoardCodec(Codec):
    """Moves to the position after them, and the network's outputs to a move.

    Args:
        name: Name of the game with its parameters.
        discount: Discount per move, with which the network was trained.

    Example:
        ```python
        codec = BoardCodec("connect_four", discount=0.99)
        codec.encode([["x3", "o3"]])["observation"].shape  # (1, 4, 6, 7)
        ```
    """

    state = BoardState

    def __init__(self, name: str, discount: float) -> None:
        self.name, self.discount = name, discount

    @cached_property
    def game(self) -> BoardGame:
        """The game, loaded at first use.

        Returns:
            The game.

        Raises:
            InputError: If there is no such game.
        """
        return BoardGame.parse(self.name)

    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Convert positions.

        Args:
            inputs: Moves from the start of the game, each in a list or a text, or `AnalysisRequest`s.

        Returns:
            `observation` of shape `(n, *shape)`.

        Raises:
            InputError: If a move is not legal, or the game is over.
        """
        return {"observation": self.game.observe([self.position(request) for request in inputs])}

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> list[PositionPrediction]:
        """Convert the network's outputs to predictions without a search.

        Args:
            outputs: The network's outputs by name.
            inputs: The positions.

        Returns:
            One prediction per position.
        """
        arrays = (outputs["logits"], outputs["value"], outputs["outcome"])
        predictions = []
        for row, request in enumerate(inputs):
            search = PuctSearch(self.game, partial(_row, arrays, row), self.position(request))
            predictions.append(search.run(0))
        return predictions

    def position(self, request: Input) -> "pyspiel.State":
        """Return the position of an input.

        Args:
            request: Moves from the start of the game, in a list or a text, or an `AnalysisRequest`.

        Returns:
            The position, which is not terminal.

        Raises:
            InputError: If a move is not legal, or the game is over.
        """
        moves = request.moves if isinstance(request, AnalysisRequest) else request
        state = self.game.state_after(moves)
        if state.is_terminal():
            raise InputError(f"the game is over after {state.move_number()} moves: there is no move to search")
        return state

    def to_json(self) -> JsonObject:
        """Return the name of the game and the discount.

        Returns:
            The object that `from_json` takes.
        """
        return {"game": self.name, "discount": self.discount}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`; the game is not loaded.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.

        Raises:
            InputError: If the game's name has another form than those of OpenSpiel.
        """
        return cls(str(GameName.parse(state["game"])), state["discount"])


def _row(
    arrays: tuple[np.ndarray, np.ndarray, np.ndarray], row: int, _: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return one row of the network's outputs, which are computed already."""
    logits, values, outcomes = arrays
    return logits[row : row + 1], values[row : row + 1], outcomes[row : row + 1]
