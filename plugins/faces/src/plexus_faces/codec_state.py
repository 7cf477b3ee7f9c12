"""The schema of the state of a `FaceCodec`."""

from typing import Annotated

from pydantic import Field

from plexus.codec_state import CodecState, Number, Positive

Rate = Annotated[float, Field(gt=0, lt=1)]
"""A rate between 0 and 1, without the limits."""


class ScoreTailState(CodecState):
    """State of a `plexus.metrics.score_tail.ScoreTail`."""

    start: Number
    rate: Rate
    shape: Number
    scale: Positive


class CalibrationState(CodecState):
    """State of a `SimilarityCalibration`."""

    threshold: Number
    slope: Annotated[float, Field(ge=0, le=1e38)]
    intercept: Number
    template_tail: ScoreTailState
    error_rates: Annotated[
        list[Annotated[list[Number], Field(min_length=3, max_length=3)]], Field(min_length=2, max_length=1000)
    ]


class FaceState(CodecState):
    """Everything that prediction needs in addition to the network."""

    alignment: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    false_match_rate: Rate
    identification_rate: Rate
    calibration: CalibrationState | None
