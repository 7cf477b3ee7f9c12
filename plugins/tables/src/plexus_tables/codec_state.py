"""The schema of the states of codecs."""

import math
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plexus.codec_state import Base64, CodecState, LabelState, Number, ShortText
from plexus.metrics.conformal_state import LabelSetsState
from plexus_tables.column_fitting import MAX_CATEGORIES
from plexus_tables.date_parts import Part

MAX_COLUMNS = 100_000
MAX_ROUNDING = 1e-6
"""Difference of a sum of weights from 1 that is due to rounding."""
Names = Annotated[list[ShortText], Field(max_length=MAX_COLUMNS)]
Wide = Annotated[float, Field(ge=-1.8e308, le=1.8e308)]
"""A finite number of float64: columns may hold larger numbers than float32 has."""
Scale = Annotated[float, Field(ge=0, le=1.8e308)]


class ColumnState(CodecState):
    """State of a `ColumnEncoder`."""

    name: ShortText
    kind: Literal["numeric", "categorical", "ordinal", "date"]
    centers: Annotated[list[Wide], Field(max_length=7)]
    scales: Annotated[list[Scale], Field(max_length=7)]
    low: Wide
    high: Wide
    flag_missing: bool
    categories: Annotated[list[ShortText], Field(max_length=MAX_CATEGORIES)]
    rare: Annotated[list[ShortText], Field(max_length=MAX_CATEGORIES)]
    direction: Annotated[int, Field(ge=-1, le=1)]
    time_form: Annotated[str, Field(max_length=100)]
    parts: Annotated[list[Part], Field(max_length=3)]

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        numbers = 0 if self.kind == "categorical" else 1 + 2 * len(self.parts)
        if len(self.centers) != numbers or len(self.scales) != numbers:
            raise ValueError(f"column {self.name}: expected {numbers} centers and scales")
        if self.parts and self.kind != "date":
            raise ValueError(f"column {self.name}: only dates have parts")
        if self.kind in ("categorical", "ordinal") and not self.categories:
            raise ValueError(f"column {self.name}: expected categories")
        if len({*self.categories, *self.rare}) != len(self.categories) + len(self.rare):
            raise ValueError(f"column {self.name}: a category is repeated")
        if self.kind == "ordinal" and not 0 <= self.low <= self.high < len(self.categories):
            raise ValueError(f"column {self.name}: expected ranks of its categories")
        return self


class TableEncoderState(CodecState):
    """State of a `TableEncoder`."""

    columns: Annotated[list[ColumnState], Field(min_length=1, max_length=MAX_COLUMNS)]
    other_columns: Names

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        if len({column.name for column in self.columns}) != len(self.columns):
            raise ValueError("columns: a name is repeated")
        return self


class PackedState(CodecState):
    """State of an array, as of `packed_array.pack`."""

    shape: Annotated[list[Annotated[int, Field(ge=0, le=10_000_000)]], Field(min_length=1, max_length=3)]
    data: Base64

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        numbers = math.prod(self.shape)
        if len(self.data) != 4 * (-(-4 * numbers // 3)):
            raise ValueError(f"expected {numbers:,} numbers of 4 bytes in base 64")
        return self


class LinearState(CodecState):
    """State of a `LinearMember`."""

    kernel: PackedState
    bias: PackedState
    tables: Annotated[list[PackedState], Field(max_length=MAX_COLUMNS)]


class TreesState(CodecState):
    """State of `DecisionTrees`."""

    columns: PackedState
    thresholds: PackedState
    children: PackedState
    values: PackedState
    depth: Annotated[int, Field(ge=0, le=1000)]


class ForestState(CodecState):
    """State of a `ForestMember`."""

    trees: TreesState
    folds: Annotated[int, Field(ge=1, le=1000)]


class BoostingState(CodecState):
    """State of a `BoostingMember`."""

    trees: TreesState
    sums: PackedState
    bias: PackedState


class EnsembleState(CodecState):
    """State of an `Ensemble`."""

    weights: Annotated[
        dict[Literal["network", "linear", "forest", "boosting"], Annotated[float, Field(gt=0, le=1)]],
        Field(min_length=1),
    ]
    linear: LinearState | None
    forest: ForestState | None
    boosting: BoostingState | None

    @model_validator(mode="after")
    def _check_members(self) -> Self:
        if abs(sum(self.weights.values()) - 1) > MAX_ROUNDING:
            raise ValueError(f"weights: expected a sum of 1, found {sum(self.weights.values()):.6g}")
        for name, member in (("linear", self.linear), ("forest", self.forest), ("boosting", self.boosting)):
            if (name in self.weights) != (member is not None):
                raise ValueError(f"{name}: expected a member if there is a weight, and none otherwise")
        return self


class ComparisonState(CodecState):
    """State of a `Comparison`."""

    model: ShortText
    loss: Number
    difference: Number
    low: Number
    high: Number


class TableState(CodecState):
    """State of the part of a codec that labels and numbers share."""

    encoder: TableEncoderState
    coverage: Annotated[float, Field(gt=0, lt=1)]
    ensemble: EnsembleState
    comparison: Annotated[list[ComparisonState], Field(max_length=100)]


class ClassState(TableState, LabelState):
    """State of a `ClassCodec`."""

    label_sets: LabelSetsState | None
