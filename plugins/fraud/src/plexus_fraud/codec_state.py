"""The schema of the state of a `FraudCodec`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plexus.codec_state import Base64, CodecState, Number, ShortText

Cost = Annotated[float, Field(ge=0, le=1e38)]
Numbers = Annotated[list[Number], Field(max_length=100_000)]
Role = Literal["customer", "terminal"]


class RolesState(CodecState):
    """State of `ColumnRoles`."""

    label: ShortText
    time: ShortText | None
    amount: ShortText | None
    customer: ShortText | None
    terminal: ShortText | None


class ColumnState(CodecState):
    """State of a `FeatureColumn`."""

    name: ShortText
    fill: Number
    flag_missing: bool
    categories: Annotated[list[ShortText], Field(min_length=1, max_length=100_000)] | None
    range_unit: ShortText | None = None


class EncoderState(CodecState):
    """State of a `TransactionEncoder`."""

    roles: RolesState
    positive_label: ShortText
    columns: Annotated[list[ColumnState], Field(max_length=100_000)]
    dated: bool
    delay: Cost
    time_form: ShortText = ""


class HistoryState(CodecState):
    """State of an `AccountHistory`."""

    delay: Cost
    roles: Annotated[list[Role], Field(max_length=2)]
    activity: Base64


class PolicyState(CodecState):
    """State of a `DecisionPolicy`."""

    cost_review: Cost
    cost_missed: Cost | None
    reviews_per_day: Annotated[int, Field(ge=1)] | None
    threshold: Annotated[float, Field(ge=0, le=1)] | None
    missing_amount: Cost = 100.0


class ScalingState(CodecState):
    """State of a `PlattScaling`."""

    slope: Number
    offset: Number


class DistributionState(CodecState):
    """State of a `ReferenceDistribution`."""

    edges: Numbers
    fractions: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_bins(self) -> Self:
        if len(self.fractions) != len(self.edges) + 1:
            raise ValueError(f"fractions: expected {len(self.edges) + 1}, found {len(self.fractions)}")
        return self


class FraudState(CodecState):
    """State of a `FraudCodec`."""

    encoder: EncoderState
    history: HistoryState
    policy: PolicyState
    scaling: ScalingState
    error_quantiles: Annotated[Numbers, Field(min_length=1)]
    medians: Numbers
    distributions: Annotated[list[DistributionState], Field(max_length=100_000)]
