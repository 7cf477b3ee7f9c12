"""The schema of the state of a `NumberCodec`."""

from typing import Self

from pydantic import model_validator

from plexus.codec_state import Number, Positive
from plexus.metrics.conformal_state import FoldScoresState
from plexus_tables.codec_state import TableState


class NumberState(TableState):
    """State of a `NumberCodec`."""

    mean: Number
    deviation: Positive
    low: Number
    high: Number
    intervals: FoldScoresState | None

    @model_validator(mode="after")
    def _check_range(self) -> Self:
        if self.low > self.high:
            raise ValueError("low: expected a number that is not above high")
        return self

    @model_validator(mode="after")
    def _check_similar_numbers(self) -> Self:
        if self.similar_rows is not None and isinstance(self.similar_rows.targets[0], str):
            raise ValueError("similar_rows: expected numbers as targets")
        return self
