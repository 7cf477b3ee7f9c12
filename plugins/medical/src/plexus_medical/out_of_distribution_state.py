"""The schema of the state of an `OutOfDistribution`."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from plexus.codec_state import Base64, CodecState, ImageShape, Positive

MAX_VALUES = 1024
"""Values of an image of the score: 32x32 grey pixels, or 18x18 of three channels."""
MAX_COMPONENTS = 64
BYTES = 2
"""Bytes of a number of the components."""
_Variance = Annotated[float, Field(gt=0, le=1e30)]


class OutOfDistributionState(CodecState):
    """State of an `OutOfDistribution`."""

    share: Annotated[float, Field(gt=0, lt=1)]
    shape: ImageShape
    center: Base64
    components: Base64
    variances: Annotated[list[_Variance], Field(min_length=1, max_length=MAX_COMPONENTS)]
    residual: _Variance
    limits: Annotated[list[Positive], Field(min_length=4, max_length=4)]

    @model_validator(mode="after")
    def _check_sizes(self) -> Self:
        height, width, channels = self.shape
        values = height * width * channels
        if values > MAX_VALUES:
            raise ValueError(f"shape: expected at most {MAX_VALUES:,} values, found {values:,}")
        for name, packed, count in (
            ("center", self.center, values),
            ("components", self.components, values * len(self.variances)),
        ):
            if len(packed) != 4 * (-(-BYTES * count // 3)):
                raise ValueError(f"{name}: expected {count:,} numbers of {BYTES} bytes in base 64")
        return self
