"""The ROC curve of the out-of-fold probabilities, as a codec stores it."""

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from plexus.codec_state import CodecState
from plexus.metrics.operating_points import OperatingPoints

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MAX_POINTS = 400
"""Thresholds of a stored curve, about: of more, those of evenly spaced ranks are stored."""
_Share = Annotated[float, Field(ge=0, le=1)]
_Shares = Annotated[list[_Share], Field(min_length=1, max_length=2 * MAX_POINTS)]


class OperatingCurveState(CodecState):
    """State of an ROC curve without its first point, whose threshold is infinite."""

    thresholds: _Shares
    sensitivities: _Shares
    specificities: _Shares
    prevalence: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _check_curve(self) -> Self:
        if not len(self.thresholds) == len(self.sensitivities) == len(self.specificities):
            raise ValueError("expected one sensitivity and one specificity per threshold")
        if any(low <= high for low, high in pairwise(self.thresholds)):
            raise ValueError("thresholds: expected descending numbers")
        if any(low > high for low, high in pairwise(self.sensitivities)):
            raise ValueError("sensitivities: expected ascending numbers")
        if any(low < high for low, high in pairwise(self.specificities)):
            raise ValueError("specificities: expected descending numbers")
        return self


def fit_operating_points(risks: np.ndarray, outcomes: np.ndarray, threshold: float) -> OperatingPoints:
    """Compute the ROC curve with few points.

    Args:
        risks: Out-of-fold probabilities of the outcome, shape `(n,)`.
        outcomes: 1 or 0, both of which occur, shape `(n,)`.
        threshold: Probability from which an image is positive; its point is exact.

    Returns:
        The curve; its prevalence is that to which the probabilities are calibrated.
    """
    points = OperatingPoints.compute(risks.astype(np.float64), outcomes)
    spaced = np.linspace(0, len(points.thresholds) - 1, MAX_POINTS).round().astype(int)
    of_threshold = np.searchsorted(-points.thresholds, -threshold, side="right") - 1
    rows = np.unique([*spaced, of_threshold])
    return OperatingPoints(
        points.sensitivities[rows], points.specificities[rows], points.thresholds[rows], points.prevalence
    )


def operating_points_to_json(points: OperatingPoints) -> "JsonObject":
    """Return a curve as JSON types.

    Args:
        points: The curve.

    Returns:
        The object that `operating_points_from_json` takes, with the fields of `OperatingCurveState`.
    """
    return {
        "thresholds": points.thresholds[1:].tolist(),  # the first one is infinite
        "sensitivities": points.sensitivities[1:].tolist(),
        "specificities": points.specificities[1:].tolist(),
        "prevalence": points.prevalence,
    }


def operating_points_from_json(state: "JsonObject") -> OperatingPoints:
    """Create a curve from the result of `operating_points_to_json`.

    Args:
        state: The object that `operating_points_to_json` returned.

    Returns:
        The curve.
    """
    return OperatingPoints(
        np.array([0.0, *state["sensitivities"]]),
        np.array([1.0, *state["specificities"]]),
        np.array([np.inf, *state["thresholds"]]),
        state["prevalence"],
    )
