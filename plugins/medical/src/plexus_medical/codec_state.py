"""The schema of the state of a `MedicalCodec`."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from plexus.codec_state import ComparedState, ImageShape, PixelRange
from plexus.metrics.conformal_state import VennAbersState
from plexus_medical.abstention import AbstentionState
from plexus_medical.operating_curve import OperatingCurveState
from plexus_medical.out_of_distribution_state import OutOfDistributionState
from plexus_medical.resizing import Resizing


class MedicalState(ComparedState):
    """State of a `MedicalCodec`."""

    shape: ImageShape
    folds: Annotated[int, Field(ge=2, le=20)]
    pixel_range: PixelRange | None
    resizing: Resizing = "stretch"
    threshold: Annotated[float, Field(ge=0, le=1)]
    venn_abers: VennAbersState | None
    operating_points: OperatingCurveState | None
    out_of_distribution: OutOfDistributionState | None
    abstention: AbstentionState | None
    prevalence: Annotated[float, Field(gt=0, lt=1)] | None

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        if len(self.labels) != 2:
            raise ValueError(f"labels: expected the negative and the positive one, found {len(self.labels)}")
        if self.shape[2] not in (1, 3):
            raise ValueError(f"shape: expected 1 or 3 channels, found {self.shape[2]}")
        return self
