"""The schema of the state of a `DetectionCodec`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plexus.codec_state import CodecState, ImageShape, Labels, Number, PixelRange, Positive

PixelSide = Annotated[int, Field(ge=1, le=1_000_000)]
"""Height or width of an image in pixels."""


class DecisionState(CodecState):
    """State of a `Decision`: one value per label each."""

    thresholds: list[Annotated[float, Field(ge=0, le=1)]]
    slopes: list[Positive]
    intercepts: list[Number]


class DetectionState(CodecState):
    """Everything that prediction needs in addition to the network."""

    labels: Labels
    shape: ImageShape
    image_size: Annotated[list[PixelSide], Field(min_length=2, max_length=2)]
    strides: Annotated[list[Literal[4, 8, 16, 32]], Field(min_length=1, max_length=4)]
    decision: DecisionState | None
    pixel_range: PixelRange | None

    @model_validator(mode="after")
    def _check_decision(self) -> Self:
        values = self.decision.model_dump().values() if self.decision else ()
        if any(len(value) != len(self.labels) for value in values):
            raise ValueError(f"decision: expected {len(self.labels)} thresholds, slopes and intercepts, one per label")
        return self
