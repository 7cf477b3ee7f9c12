"""The schemas of the states of prediction intervals, label sets and probability intervals."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from plexus.codec_state import CodecState, Number

MAX_FOLDS = 1000
MAX_GROUPS = 10_000


def _ascending(numbers: list[float]) -> list[float]:
    if any(first > second for first, second in pairwise(numbers)):
        raise ValueError("the numbers are not ascending")
    return numbers


Ascending = AfterValidator(_ascending)
Score = Annotated[float, Field(ge=0, le=1e300)]
Scores = Annotated[list[Score], Field(min_length=1, max_length=10_000), Ascending]
Probabilities = Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(max_length=MAX_GROUPS), Ascending]
Thresholds = Annotated[list[Number], Field(min_length=1, max_length=MAX_GROUPS), Ascending]


class FoldScoresState(CodecState):
    """State of `FoldScores` and of `CVPlusIntervals`."""

    counts: Annotated[list[Annotated[int, Field(ge=1, le=10**12)]], Field(min_length=1, max_length=MAX_FOLDS)]
    points: Annotated[list[Scores], Field(min_length=1, max_length=MAX_FOLDS)]

    @model_validator(mode="after")
    def _check_folds(self) -> Self:
        if len(self.points) != len(self.counts):
            raise ValueError(f"points: expected {len(self.counts)} folds, found {len(self.points)}")
        if any(len(points) > count for points, count in zip(self.points, self.counts, strict=True)):
            raise ValueError("points: a fold has more points than rows")
        return self


class LabelSetsState(CodecState):
    """State of `ConformalLabelSets`."""

    scores: FoldScoresState
    accuracy: Annotated[float, Field(ge=0, le=1)]


class VennAbersState(CodecState):
    """State of `VennAbers`."""

    lower: Thresholds
    upper: Thresholds
    p0: Probabilities
    p1: Probabilities

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        lengths = {len(values) for values in (self.lower, self.upper, self.p0, self.p1)}
        if len(lengths) > 1:
            raise ValueError(f"expected lists of equal length, found {sorted(lengths)}")
        return self
