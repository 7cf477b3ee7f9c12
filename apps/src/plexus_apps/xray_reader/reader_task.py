"""Interfaces that the app requires of a task: its codec, predictions and explanations."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from plexus.metrics.operating_points import OperatingPoints

if TYPE_CHECKING:
    from plexus import Codec, Predictor
    from plexus.codec import Input


class ReaderCodec(Protocol):
    """The codec of a task of medical images.

    Attributes:
        labels: The negative label and that of the outcome.
        threshold: Probability of the outcome from which an image is positive.
        operating_points: ROC curve of the out-of-fold probabilities, whose prevalence is that to which the
            probabilities are calibrated; None in bundles that hold none.
    """

    labels: Sequence[str]
    threshold: float
    operating_points: OperatingPoints | None


class ReaderPrediction(Protocol):
    """The prediction for one image.

    Attributes:
        abstained: Whether the model does not answer.
        risk: Probability of the outcome; None if the image is out of distribution.
        low: Lower end of its interval; None without a probability.
        high: Upper end of its interval; None without a probability.
        positive: Whether the probability reaches the threshold; None if the model does not answer.
        prevalence: Prevalence to which probability and interval were corrected; None: that of the training data.
        warnings: Why the model does not answer.
    """

    abstained: bool
    risk: float | None
    low: float | None
    high: float | None
    positive: bool | None
    prevalence: float | None
    warnings: Sequence[str]


class DeletionCurve(Protocol):
    """How fast the log-odds of a decision fall when the image is deleted by its saliency, and in random orders.

    Attributes:
        area: Area under the curve of the map; a good map has a small one.
        random_area: Mean area of the random orders.
        random_spread: Standard deviation of these areas.
        random_areas: Areas of the random orders, shape `(orders,)`.
        is_reliable: Whether the area of the map is smaller than that of every random order.
    """

    area: float
    random_area: float
    random_spread: float
    random_areas: np.ndarray
    is_reliable: bool


class DecisionExplanation(Protocol):
    """Where a decision comes from.

    Attributes:
        image: The image as the network sees it, bytes of shape `(height, width, channels)`.
        saliency: Change of the log-odds of the outcome that each place accounts for, shape `(height, width)`.
        curve: The deletion curve of the map.
    """

    image: np.ndarray
    saliency: np.ndarray
    curve: DeletionCurve


class ReaderTask(Protocol):
    """A task of medical images; `medical.classify` is one."""

    def explain_decision(self, predictor: "Predictor", codec: "Codec", raw_input: "Input") -> DecisionExplanation:
        """Compute where the decision for an image comes from.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The image.

        Returns:
            The explanation.

        Raises:
            InputError: If the image cannot be read.
        """
        ...
