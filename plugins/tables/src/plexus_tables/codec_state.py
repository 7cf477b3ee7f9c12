"""The schema of the states of codecs."""

import math
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plexus.codec_state import Base64, CodecState, LabelState, Number, ShortText
from plexus.metrics.conformal_state import LabelSetsState
from plexus_tables.column_fitting import MAX_CATEGORIES
from plexus_tables.date_parts import Part
from plexus_tables.options import MAX_SIMILAR
from plexus_tables.similar_rows import MAX_ROWS

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
    """State of an array, as of `plexus.utils.packed_array.pack`."""

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


class LayerState(CodecState):
    """State of a `Layer`."""

    kernel: PackedState
    bias: PackedState


class StudentState(CodecState):
    """State of a `StudentMember`."""

    layers: Annotated[list[LayerState], Field(min_length=1, max_length=10)]
    code_sizes: Annotated[list[Annotated[int, Field(ge=1, le=10_000_000)]], Field(max_length=MAX_COLUMNS)]


class EnsembleState(CodecState):
    """State of an `Ensemble`."""

    weights: Annotated[
        dict[Literal["network", "linear", "forest", "boosting", "student"], Annotated[float, Field(gt=0, le=1)]],
        Field(min_length=1),
    ]
    linear: LinearState | None
    forest: ForestState | None
    boosting: BoostingState | None
    student: StudentState | None = None

    @model_validator(mode="after")
    def _check_members(self) -> Self:
        if abs(sum(self.weights.values()) - 1) > MAX_ROUNDING:
            raise ValueError(f"weights: expected a sum of 1, found {sum(self.weights.values()):.6g}")
        for name in ("linear", "forest", "boosting", "student"):
            if (name in self.weights) != (getattr(self, name) is not None):
                raise ValueError(f"{name}: expected a member if there is a weight, and none otherwise")
        return self


class ComparisonState(CodecState):
    """State of a `Comparison`."""

    model: ShortText
    loss: Number
    difference: Number
    low: Number
    high: Number


class SimilarRowsState(CodecState):
    """State of `SimilarRows`."""

    count: Annotated[int, Field(ge=1, le=MAX_SIMILAR)]
    numbers: Annotated[
        dict[ShortText, Annotated[list[Wide | None], Field(max_length=MAX_ROWS)]], Field(max_length=MAX_COLUMNS)
    ]
    texts: Annotated[
        dict[ShortText, Annotated[list[ShortText | None], Field(max_length=MAX_ROWS)]], Field(max_length=MAX_COLUMNS)
    ]
    targets: Annotated[list[Number] | list[ShortText], Field(min_length=1, max_length=MAX_ROWS)]

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        lengths = {name: len(cells) for columns in (self.numbers, self.texts) for name, cells in columns.items()}
        for name, length in lengths.items():
            if length != len(self.targets):
                raise ValueError(f"column {name}: expected {len(self.targets)} cells, found {length}")
        return self

    def check(self, columns: Sequence[ColumnState]) -> None:
        """Check that the cells are of the columns.

        Args:
            columns: The columns that are features.

        Raises:
            ValueError: If a column is missing, unknown or of another kind, or if a rank has no category.
        """
        categorical = {column.name for column in columns if column.kind == "categorical"}
        others = {column.name for column in columns} - categorical
        if {*self.texts} != categorical or {*self.numbers} != others:
            raise ValueError("similar_rows: expected categorical columns in texts, all others in numbers")
        for column in columns:
            ranks = self.numbers[column.name] if column.kind == "ordinal" else []
            if any(rank is not None and rank not in range(len(column.categories)) for rank in ranks):
                raise ValueError(f"similar_rows: column {column.name}: expected ranks of its categories")


class TableState(CodecState):
    """State of the part of a codec that labels and numbers share."""

    encoder: TableEncoderState
    coverage: Annotated[float, Field(gt=0, lt=1)]
    ensemble: EnsembleState
    comparison: Annotated[list[ComparisonState], Field(max_length=100)]
    similar_rows: SimilarRowsState | None = None
    """None also in older bundles, which have no such field."""

    @model_validator(mode="after")
    def _check_similar_rows(self) -> Self:
        if self.similar_rows is not None:
            self.similar_rows.check(self.encoder.columns)
        return self


class ClassState(TableState, LabelState):
    """State of a `ClassCodec`."""

    label_sets: LabelSetsState | None

    @model_validator(mode="after")
    def _check_similar_labels(self) -> Self:
        if self.similar_rows is not None and not {*self.similar_rows.targets} <= {*self.labels}:
            raise ValueError("similar_rows: a target is none of the labels")
        return self
