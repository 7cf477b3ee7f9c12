"""A bundle of medical images as the page uses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from plexus import Bundle
from plexus.codec import Input
from plexus.metrics.operating_points import OperatingPoints
from plexus_apps.xray_reader.drawing import OperatingPoint
from plexus_apps.xray_reader.population import Estimate, Population
from plexus_apps.xray_reader.reader_task import DecisionExplanation, ReaderCodec, ReaderPrediction, ReaderTask


@dataclass(frozen=True)
class Reading:
    """The answer for one image, without anything of the image.

    Args:
        risk: Probability of the outcome at the prevalence of the training data; None if the image is out of
            distribution.
        is_positive: Whether the probability reaches the threshold; None if the model does not answer.
        reasons: Why the model does not answer.

    Example:
        ```python
        reading = model.read(Path("chest.dcm").read_bytes())
        reading.risk or reading.reasons
        ```
    """

    risk: Estimate | None
    is_positive: bool | None
    reasons: tuple[str, ...]


class XrayModel:
    """A bundle of medical images.

    Args:
        bundle: The bundle.

    Example:
        ```python
        model = XrayModel(plexus.load("runs/xrays/bundle"))
        model.read(Path("chest.dcm").read_bytes()).risk
        ```
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle, self.codec = bundle, cast("ReaderCodec", bundle.codec)

    @property
    def event(self) -> str:
        """Label of the outcome."""
        return self.codec.labels[1]

    @property
    def other(self) -> str:
        """The negative label."""
        return self.codec.labels[0]

    @property
    def threshold(self) -> float:
        """Probability of the outcome from which an image is positive, at the prevalence of the training data."""
        return self.codec.threshold

    @property
    def points(self) -> OperatingPoints | None:
        """The ROC curve of the out-of-fold probabilities; None if the bundle holds none."""
        return self.codec.operating_points

    @property
    def training_prevalence(self) -> float:
        """Prevalence to which the probabilities are calibrated."""
        return self.metrics["prevalence"] if self.points is None else self.points.prevalence

    @property
    def metrics(self) -> Mapping[str, float]:
        """The metrics on the test split."""
        return self.bundle.metrics

    @property
    def test_point(self) -> OperatingPoint:
        """Sensitivity and specificity at the threshold on the test split."""
        return OperatingPoint(*(_estimate(self.metrics, name) for name in OperatingPoint._fields))

    def read(self, image: Input) -> Reading:
        """Answer for an image.

        Args:
            image: The image.

        Returns:
            The answer.

        Raises:
            InputError: If the image cannot be read.
        """
        prediction = cast("ReaderPrediction", self.bundle.predict([image])[0])
        return Reading(self._risk(prediction), prediction.positive, tuple(prediction.warnings))

    def explain(self, image: Input) -> DecisionExplanation:
        """Compute where the decision for an image comes from.

        Args:
            image: The image.

        Returns:
            The explanation.

        Raises:
            InputError: If the image cannot be read.
        """
        return cast("ReaderTask", self.bundle.task).explain_decision(self.bundle.predictor, self.bundle.codec, image)

    def _risk(self, prediction: ReaderPrediction) -> Estimate | None:
        """Return the probability at the prevalence of the training data."""
        risk, low, high, base = prediction.risk, prediction.low, prediction.high, prediction.prevalence
        if risk is None or low is None or high is None:
            return None
        if base is None:
            return Estimate(risk, low, high)
        training = Population(self.training_prevalence, base)
        return Estimate(training.correct(risk), training.correct(low), training.correct(high))


def _estimate(metrics: Mapping[str, float], name: str) -> Estimate:
    return Estimate(metrics[name], metrics[f"{name}_low"], metrics[f"{name}_high"])
