"""The schema of the state of a `PolicyCodec`."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from plexus.codec_state import CodecState, Number

Size = Annotated[int, Field(ge=1, le=10_000_000)]
Shape = Annotated[list[Size], Field(max_length=4)]
Start = Annotated[int, Field(ge=-(2**53), le=2**53)]
Bounds = Annotated[list[Number], Field(min_length=1, max_length=100_000)]
MAX_ELEMENTS = 10_000_000
"""Elements of an observation."""


class ObservationState(CodecState):
    """Description of an observation."""

    kind: Literal["vector", "image", "discrete"]
    shape: Shape
    dtype: Literal["float32", "uint8", "int64"]
    size: Size | None = None
    start: Start | None = None

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        elements = 1
        for side in self.shape:
            elements *= side
        if elements > MAX_ELEMENTS:
            raise ValueError(f"shape: expected at most {MAX_ELEMENTS:,} elements, found {elements:,}")
        if self.kind == "discrete" and (self.size is None or self.start is None or self.shape):
            raise ValueError("a discrete observation has a size, a start and no axes")
        if self.kind == "image" and len(self.shape) != 3:
            raise ValueError(f"shape: expected the three axes of an image, found {self.shape}")
        return self


class ActionState(CodecState):
    """Description of an action."""

    kind: Literal["discrete", "continuous"]
    size: Size | None = None
    start: Start | None = None
    low: Bounds | None = None
    high: Bounds | None = None

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        if self.kind == "discrete" and (self.size is None or self.start is None):
            raise ValueError("a discrete action has a size and a start")
        if self.kind == "continuous" and (not self.low or not self.high or len(self.low) != len(self.high)):
            raise ValueError("a continuous action has as many lower bounds as upper bounds")
        return self


class PolicyState(CodecState):
    """State of a `PolicyCodec`; `EnvironmentSpec.from_json` checks the environment."""

    environment: dict[str, Any]
    observation: ObservationState
    action: ActionState
