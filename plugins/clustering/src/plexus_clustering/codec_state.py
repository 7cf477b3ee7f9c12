"""The schema of the state of a `ClusterCodec`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plexus.codec_state import Base64, CodecState, ImageShape, PixelRange, ShortText
from plexus_clustering.moment_normalizer import Direction

Coordinate = Annotated[float, Field(ge=-1e15, le=1e15)]
"""Of a place in the embedding: its square is a number of float32, too."""
Dimensions = Annotated[list[Coordinate], Field(min_length=1, max_length=100_000)]
MAX_CLUSTERS = 100_000
MAX_NORMALIZED_SIDE = 256
"""Longer side of images that are normalized: the largest `--size`."""


class ArrayState(CodecState):
    """An array, as `array_to_json` returns it."""

    shape: Annotated[list[Annotated[int, Field(ge=0, le=1 << 31)]], Field(min_length=1, max_length=4)]
    float32: Base64


class ColumnState(CodecState):
    """State of a `ColumnEncoder`."""

    name: ShortText
    fill: float
    mean: float
    scale: Annotated[float, Field(gt=0)]
    categories: Annotated[list[ShortText], Field(min_length=1, max_length=100_000)] | None


class TableState(CodecState):
    """State of a `TableEncoder`."""

    kind: Literal["table"]
    columns: Annotated[list[ColumnState], Field(min_length=1, max_length=100_000)]


class NormalizerState(CodecState):
    """State of a `MomentNormalizer`."""

    direction: Direction
    deviations: Annotated[list[Annotated[float, Field(ge=0.1, le=1e4)]], Field(min_length=2, max_length=2)]


class ImagesState(CodecState):
    """State of an `ImageEncoder`."""

    kind: Literal["images"]
    shape: ImageShape
    pixel_range: PixelRange | None = None
    normalizer: NormalizerState | None = None

    @model_validator(mode="after")
    def _check_normalized_shape(self) -> Self:
        height, width, channels = self.shape
        if self.normalizer is not None and (channels != 1 or max(height, width) > MAX_NORMALIZED_SIDE):
            raise ValueError(
                f"normalizer: expected a shape of at most {MAX_NORMALIZED_SIDE} x {MAX_NORMALIZED_SIDE} x 1, found "
                f"{height} x {width} x {channels}"
            )
        return self


class TextsState(CodecState):
    """State of a `TextEncoder`."""

    kind: Literal["texts"]
    idf: ArrayState


class ProjectionState(CodecState):
    """State of a `Projection`."""

    weights: ArrayState
    offset: ArrayState


class ReferenceState(CodecState):
    """State of `ReferencePoints`."""

    points: ArrayState
    clusters: list[Annotated[int, Field(ge=-1, lt=MAX_CLUSTERS)]]
    projection: ProjectionState | None


class ExemplarState(CodecState):
    """State of an `Exemplar`."""

    cluster: Annotated[int, Field(ge=0, lt=MAX_CLUSTERS)]
    name: ShortText
    embedding: Dimensions
    thumbnail: Base64 | None


class ProfileState(CodecState):
    """State of a `ClusterProfile`."""

    size: Annotated[float, Field(ge=0, le=1)]
    radius: Annotated[float, Field(ge=0)]
    deviations: dict[ShortText, float]


class ClusterState(CodecState):
    """State of a `ClusterCodec`."""

    encoder: Annotated[TableState | ImagesState | TextsState, Field(discriminator="kind")]
    method: ShortText
    clusters: Annotated[int, Field(ge=1, le=MAX_CLUSTERS)]
    count_stability: Annotated[float, Field(ge=0, le=1)] | None
    second_count: Annotated[int, Field(ge=1, le=MAX_CLUSTERS)] | None = None
    references: ReferenceState | None
    exemplars: Annotated[list[ExemplarState], Field(min_length=1)]
    profiles: Annotated[list[ProfileState], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_clusters(self) -> Self:
        if len(self.profiles) != self.clusters:
            raise ValueError(f"profiles: expected one for each of {self.clusters} clusters, found {len(self.profiles)}")
        if {exemplar.cluster for exemplar in self.exemplars} != set(range(self.clusters)):
            raise ValueError(f"exemplars: expected some of each of {self.clusters} clusters")
        if len({len(exemplar.embedding) for exemplar in self.exemplars}) != 1:
            raise ValueError("exemplars: expected embeddings of one length")
        return self
