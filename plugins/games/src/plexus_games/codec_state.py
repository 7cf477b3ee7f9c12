"""The schema of the state of a `PolicyCodec`."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from plexus.codec_state import CodecState, Number, ShortText

Size = Annotated[int, Field(ge=1, le=10_000_000)]
Shape = Annotated[list[Size], Field(max_length=4)]
Start = Annotated[int, Field(ge=-(2**53), le=2**53)]
Sizes = Annotated[list[Size], Field(min_length=1, max_length=10_000)]
Starts = Annotated[list[Start], Field(min_length=1, max_length=10_000)]
Bounds = Annotated[list[Number | None], Field(min_length=1, max_length=100_000)]
MAX_ELEMENTS = 10_000_000
"""Elements of an observation."""


class NumbersState(CodecState):
    """Description of numbers within a nested observation."""

    type: Literal["numbers"]
    shape: Shape

    @property
    def elements(self) -> int:
        """Length of the flattened part."""
        return math.prod(self.shape)


class DiscreteState(CodecState):
    """Description of an integer within a nested observation."""

    type: Literal["discrete"]
    size: Size
    start: Start

    @property
    def elements(self) -> int:
        """Length of the flattened part."""
        return self.size


class MultiDiscreteState(CodecState):
    """Description of several integers within a nested observation."""

    type: Literal["multi_discrete"]
    sizes: Sizes
    starts: Starts

    @property
    def elements(self) -> int:
        """Length of the flattened part."""
        return sum(self.sizes)


class TupleState(CodecState):
    """Description of a list within a nested observation."""

    type: Literal["tuple"]
    spaces: Annotated[list["SpaceState"], Field(min_length=1, max_length=10_000)]

    @property
    def elements(self) -> int:
        """Length of the flattened part."""
        return sum(part.elements for part in self.spaces)


class DictState(CodecState):
    """Description of an object within a nested observation."""

    type: Literal["dict"]
    spaces: Annotated[dict[ShortText, "SpaceState"], Field(min_length=1, max_length=10_000)]

    @property
    def elements(self) -> int:
        """Length of the flattened part."""
        return sum(part.elements for part in self.spaces.values())


SpaceState = Annotated[
    NumbersState | DiscreteState | MultiDiscreteState | TupleState | DictState, Field(discriminator="type")
]
"""Description of a part of a nested observation."""


class ObservationState(CodecState):
    """Description of an observation."""

    kind: Literal["vector", "image", "discrete"]
    shape: Shape
    dtype: Literal["float32", "uint8", "int64"]
    size: Size | None = None
    start: Start | None = None
    space: SpaceState | None = None

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        elements = 1
        for side in self.shape:
            elements *= side
        if elements > MAX_ELEMENTS:
            raise ValueError(f"shape: expected at most {MAX_ELEMENTS:,} elements, found {elements:,}")
        if self.kind == "discrete" and (self.size is None or self.start is None or self.shape):
            raise ValueError("a discrete observation has a size, a start and no axes")
        if self.space is not None and [self.space.elements] != self.shape:
            raise ValueError(f"space: expected {self.shape} elements, found {self.space.elements}")
        if self.kind == "image" and len(self.shape) != 3:
            raise ValueError(f"shape: expected the three axes of an image, found {self.shape}")
        return self


class ActionState(CodecState):
    """Description of an action."""

    kind: Literal["discrete", "continuous", "factored"]
    size: Size | None = None
    start: Start | None = None
    low: Bounds | None = None
    high: Bounds | None = None
    sizes: Sizes | None = None
    starts: Starts | None = None
    shape: Shape | None = None
    dtype: Annotated[str, Field(pattern=r"^(u?int(8|16|32|64)|float(16|32|64))$")] | None = None

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        if self.kind == "discrete" and (self.size is None or self.start is None):
            raise ValueError("a discrete action has a size and a start")
        if self.kind == "continuous" and (not self.low or not self.high or len(self.low) != len(self.high)):
            raise ValueError("a continuous action has as many lower bounds as upper bounds")
        if self.kind == "factored":
            self._check_factors()
        return self

    def _check_factors(self) -> None:
        if not self.sizes or not self.starts or self.shape is None or self.dtype is None:
            raise ValueError("a factored action has sizes, starts, a shape and a type")
        if len(self.sizes) != len(self.starts) or math.prod(self.shape) != len(self.sizes):
            raise ValueError("a factored action has as many sizes as starts, and as its shape has elements")


class PolicyState(CodecState):
    """State of a `PolicyCodec`; `EnvironmentSpec.from_json` checks the environment."""

    environment: dict[str, Any]
    observation: ObservationState
    action: ActionState
