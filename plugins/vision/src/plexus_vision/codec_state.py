"""The schema of the state of an `ImageCodec`."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from plexus.codec_state import CodecState, ComparedState, ImageShape, PixelRange, Side
from plexus_vision.out_of_distribution_state import OutOfDistributionState


class DrawingLayoutState(CodecState):
    """State of a `DrawingLayout`."""

    shape: Annotated[list[Side], Field(min_length=2, max_length=2)]
    background: Annotated[int, Field(ge=0, le=255)]
    box: Annotated[float, Field(gt=0, le=1)]
    by_mass: bool
    level: Annotated[float, Field(ge=0, le=255)]
    stroke: Annotated[float, Field(ge=0, le=1)]


class EncodedImageState(CodecState):
    """How images are encoded."""

    shape: ImageShape
    layout: DrawingLayoutState | None
    pixel_range: PixelRange | None = None

    @model_validator(mode="after")
    def _check_layout(self) -> Self:
        if self.layout is not None and [*self.layout.shape, 1] != self.shape:
            raise ValueError(f"layout: expected the shape {self.shape[:2]} of gray images, found {self.layout.shape}")
        return self


class ImageState(ComparedState, EncodedImageState):
    """State of an `ImageCodec`.

    Attributes:
        out_of_distribution: Distance of images from the training images; absent from bundles of older versions.
    """

    out_of_distribution: OutOfDistributionState | None = None
