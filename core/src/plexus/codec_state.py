"""Schemas of the states of codecs, which a bundle holds and which may come from anyone."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MAX_LABELS = 1_000_000


def _distinct(labels: list[str]) -> list[str]:
    if len(set(labels)) != len(labels):
        raise ValueError("a label is repeated")
    return labels


Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]
"""Bytes in base 64."""
Labels = Annotated[
    list[Annotated[str, Field(max_length=10_000)]],
    Field(min_length=1, max_length=MAX_LABELS),
    AfterValidator(_distinct),
]
"""Different labels, at least one."""
Number = Annotated[float, Field(ge=-1e38, le=1e38)]
"""A finite number that float32 has, too."""
Positive = Annotated[float, Field(gt=0, le=1e38)]
"""A finite number above 0."""
Side = Annotated[int, Field(ge=1, le=4096)]
"""Height or width of a network's images in pixels."""
ImageShape = Annotated[list[Side], Field(min_length=3, max_length=3)]
"""Height, width and channels of a network's images."""
PixelRange = Annotated[float, Field(gt=255, le=1e38)]
"""Pixel that becomes 255, of images with more than 8 bits per pixel."""
ShortText = Annotated[str, Field(max_length=10_000)]
"""A text of limited length, such as the name of a column."""


class CodecState(BaseModel):
    """The fields that `Codec.to_json` returns, with their types and bounds.

    Nothing is converted, no field is ignored, and no number is NaN or infinite. A codec names its class in
    `Codec.state`; the state in a bundle is checked before `from_json` gets it.

    Example:
        ```python
        class ThresholdState(CodecState):
            scale: Positive

        class ThresholdCodec(Codec):
            state = ThresholdState
        ```
    """

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class LabelState(CodecState):
    """State of a `ClassificationCodec`, for the schemas of its subclasses.

    Attributes:
        labels: The labels in the order of the network's outputs.
        temperature: Divides the logits, far from the limits of float32.

    Example:
        ```python
        class RowState(LabelState):
            columns: list[ShortText]
        ```
    """

    labels: Labels
    temperature: Annotated[float, Field(ge=1e-3, le=1e3)]


class ComparedState(LabelState):
    """State of a `ComparedCodec`, for the schemas of its subclasses.

    Attributes:
        comparison: How the network `comparison` of the bundle was trained.

    Example:
        ```python
        class PhotoState(ComparedState):
            shape: ImageShape
        ```
    """

    comparison: Literal["with_unlabelled", "without_unlabelled"] | None = None
