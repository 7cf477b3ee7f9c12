"""Conversion between medical images, arrays and the probability of an outcome."""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, Self

import numpy as np

from plexus import InputError
from plexus.codec import Arrays, Input, JsonObject
from plexus.metrics.calibration import softmax
from plexus.metrics.label_shift import LabelShift
from plexus.metrics.operating_points import OperatingPoints
from plexus.metrics.venn_abers import VennAbers
from plexus.tasks.compared_codec import ComparedCodec
from plexus_medical.abstention import Abstention
from plexus_medical.codec_state import MedicalState
from plexus_medical.network_shape import suitable_shape
from plexus_medical.operating_curve import operating_points_from_json, operating_points_to_json
from plexus_medical.out_of_distribution import OutOfDistribution
from plexus_medical.outcome import absence_of
from plexus_medical.pixel_data import fit_pixel_range, map_pixels
from plexus_medical.prediction import MedicalPrediction, medical_columns
from plexus_medical.resizing import Resizing, cut_warning, resize_image, suitable_resizing


class MedicalCodec(ComparedCodec):
    """Medical images to bytes of shape `(n, height, width, channels)`, and logits to the probability of an outcome.

    Args:
        labels: The negative and the positive label.
        shape: Height, width and channels of the network's images.
        folds: Number of members of the network.
        pixel_range: As for `plexus.data.images.fit_pixel_range`.
        temperature: Divides the logits.
        threshold: Probability of the outcome from which an image is positive.
        venn_abers: Probability intervals; None before they are fitted.
        operating_points: ROC curve of the out-of-fold probabilities; None before it is fitted.
        out_of_distribution: Score of how far an image differs from the training images; None before it is fitted.
        abstention: Rule by which uncertain decisions are not answered; None: all are.
        prevalence: Prevalence that predictions are corrected to; None: that of the training images.
        comparison: As for `ComparedCodec`.
        resizing: How images of another aspect ratio are resized; see `plexus_medical.resizing`.

    Example:
        ```python
        codec = MedicalCodec(["normal", "pneumonia"], (28, 28, 1), folds=5)
        codec.risks(predictor(codec.encode([Path("chest.dcm")])))  # shape (1,)
        ```
    """

    state = MedicalState

    def __init__(
        self,
        labels: Sequence[str],
        shape: tuple[int, int, int],
        folds: int,
        pixel_range: float | None = None,
        temperature: float = 1.0,
        threshold: float = 0.5,
        venn_abers: VennAbers | None = None,
        operating_points: OperatingPoints | None = None,
        out_of_distribution: OutOfDistribution | None = None,
        abstention: Abstention | None = None,
        prevalence: float | None = None,
        comparison: str | None = None,
        resizing: Resizing = "stretch",
    ) -> None:
        super().__init__(labels, temperature, comparison)
        self.shape, self.folds, self.pixel_range, self.resizing = shape, folds, pixel_range, resizing
        self.threshold, self.venn_abers, self.operating_points = threshold, venn_abers, operating_points
        self.out_of_distribution, self.abstention, self.prevalence = out_of_distribution, abstention, prevalence

    @classmethod
    def fit(
        cls, inputs: Sequence[Input] | np.ndarray, labels: Sequence[str], folds: int, size: int | None = None
    ) -> Self:
        """Fit size, color and range of pixels on the training images, and how other aspect ratios are resized.

        Args:
            inputs: The training images.
            labels: The negative and the positive label.
            folds: Number of members of the network.
            size: Longer side of the network's images; by default that of the median image, at most 128 pixels.

        Returns:
            The codec.
        """
        shape = suitable_shape(inputs, size)
        return cls(labels, shape, folds, fit_pixel_range(inputs), resizing=suitable_resizing(inputs, shape))

    @property
    def event(self) -> str:
        """The positive label."""
        return self.labels[1]

    @property
    def label_shift(self) -> LabelShift | None:
        """Correction of predictions for the prevalence where the model is used; None if they are not corrected."""
        if self.prevalence is None or self.operating_points is None:
            return None
        return LabelShift(self.operating_points.prevalence, self.prevalence)

    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Read images, DICOM files among them, and scale them to the network's size.

        Args:
            inputs: Paths, bytes of files, or arrays; see `plexus_medical.pixel_data.read_pixels`.

        Returns:
            `image`: bytes of shape `(n, height, width, channels)`.

        Raises:
            InputError: If an image cannot be read; the line names it.
        """
        if isinstance(inputs, np.ndarray) and inputs.dtype == np.uint8:
            if inputs.shape[1:] == self.shape:
                return {"image": inputs}
            if (*inputs.shape[1:], 1) == self.shape:
                return {"image": inputs[..., None]}
        return {"image": np.stack(map_pixels(inputs, self._encode_image, self.pixel_range))}

    def mean_logits(self, outputs: Arrays) -> np.ndarray:
        """Return the mean logits of the members, each centered: the difference of the two is the mean log-odds.

        Args:
            outputs: The network's outputs, with `logits` of shape `(n, members, 2)`; out of fold, with one member.

        Returns:
            Array of shape `(n, 2)`.
        """
        logits = outputs["logits"].astype(np.float64)
        return np.asarray((logits - logits.mean(axis=-1, keepdims=True)).mean(axis=1))

    def log_odds(self, outputs: Arrays) -> np.ndarray:
        """Return the calibrated log-odds of the outcome.

        Args:
            outputs: As for `mean_logits`.

        Returns:
            Array of shape `(n,)`.
        """
        logits = self.mean_logits(outputs)
        return np.asarray((logits[:, 1] - logits[:, 0]) / self.temperature)

    def probabilities(self, outputs: Arrays) -> np.ndarray:
        """Return calibrated probabilities of both labels: those of the mean log-odds of the members.

        Their log-odds are averaged, and not their probabilities: the mean of probabilities is closer to one half than
        those of a member, which the temperature was fitted to.

        Args:
            outputs: As for `mean_logits`.

        Returns:
            Array of shape `(n, 2)` whose rows sum to 1.
        """
        return softmax(self.mean_logits(outputs), self.temperature)

    def risks(self, outputs: Arrays) -> np.ndarray:
        """Return the calibrated probabilities of the outcome.

        Args:
            outputs: As for `mean_logits`.

        Returns:
            Array of shape `(n,)`.
        """
        return np.asarray(self.probabilities(outputs)[:, 1])

    def bounds(self, outputs: Arrays) -> tuple[np.ndarray, np.ndarray]:
        """Return the smallest ranges that hold the risk and both probabilities of the Venn-Abers predictor.

        Args:
            outputs: As for `mean_logits`.

        Returns:
            Lower and upper ends, shape `(n,)` each; the risks themselves before the intervals are fitted.
        """
        risks = self.risks(outputs)
        if self.venn_abers is None:
            return risks, risks
        low, high = self.venn_abers.bounds(self.log_odds(outputs))
        return np.minimum(low, risks), np.maximum(high, risks)

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> Sequence[MedicalPrediction]:
        """Return the probability of the outcome in each image, or why the model does not answer.

        Args:
            outputs: The network's outputs, and `image`, the result of `encode`.
            inputs: The raw inputs; if other aspect ratios are cropped, their shapes say what was cut off.

        Returns:
            One prediction per image.
        """
        risks, unlike, uncertain = self.risks(outputs), None, None
        if self.out_of_distribution is not None:
            unlike = self.out_of_distribution.reasons(self.out_of_distribution.scores(outputs["image"]))
        if self.abstention is not None:
            uncertain = self.abstention.reasons(risks, self.threshold)
        (low, high), threshold, shift = self.bounds(outputs), self.threshold, self.label_shift
        if shift is not None:
            risks, low, high = (shift.correct(values) for values in (risks, low, high))
            threshold = float(shift.correct(np.array(threshold)))
        columns = medical_columns(
            self.labels,
            risks,
            (low, high),
            threshold,
            unlike=unlike,
            uncertain=uncertain,
            prevalence=None if shift is None else shift.prevalence,
            cut=[cut_warning(raw, self.shape, self.resizing) for raw in inputs] if self.resizing == "crop" else None,
        )
        return MedicalPrediction.from_columns(columns)

    def outcomes(self, targets: Sequence[str]) -> np.ndarray:
        """Return whether labels are the outcome.

        Args:
            targets: The labels.

        Returns:
            1 or 0, shape `(n,)`.

        Raises:
            InputError: If a label was not seen in training.
        """
        return self.label_indices(targets)

    def label_indices(self, labels: Sequence[str]) -> np.ndarray:
        """Return whether labels are the outcome; see `outcomes`.

        The negative label `not X`, of the model or of the data, stands for all labels but the outcome X.

        Args:
            labels: The labels.

        Returns:
            1 or 0, shape `(n,)`.

        Raises:
            InputError: If a label was not seen in training.
        """
        negative, absence = self.labels[0], absence_of(self.event)
        if negative == absence:
            return np.array([label == self.event for label in labels], np.int32)
        return super().label_indices([negative if label == absence else label for label in labels])

    def with_decision(
        self,
        threshold: float,
        venn_abers: VennAbers,
        operating_points: OperatingPoints,
        *,
        out_of_distribution: OutOfDistribution | None = None,
        abstention: Abstention | None = None,
        prevalence: float | None = None,
    ) -> Self:
        """Return a copy with what is fitted to out-of-fold predictions.

        Args:
            threshold: As for the constructor, and all others, too.
            venn_abers: Probability intervals.
            operating_points: ROC curve.
            out_of_distribution: Score of how far an image differs from the training images.
            abstention: Rule by which uncertain decisions are not answered.
            prevalence: Prevalence that predictions are corrected to.

        Returns:
            A new codec.
        """
        codec = copy(self)
        codec.threshold, codec.venn_abers, codec.operating_points = threshold, venn_abers, operating_points
        codec.out_of_distribution, codec.abstention, codec.prevalence = out_of_distribution, abstention, prevalence
        return codec

    def with_prevalence(self, prevalence: float) -> Self:
        """Return a copy whose predictions are corrected to another prevalence, and state it.

        The threshold is corrected, too, so that the same images are positive: sensitivity and specificity stay what
        they are.

        Args:
            prevalence: Prevalence where the model is used, between 0 and 1: stated, or the result of
                `plexus.metrics.label_shift.estimate_prevalence`.

        Returns:
            A new codec.

        Raises:
            InputError: If the prevalence is not between 0 and 1, or the codec is not calibrated.

        Example:
            ```python
            bundle.task.predict(bundle.predictor, bundle.codec.with_prevalence(0.1), images)
            ```
        """
        if not 0 < prevalence < 1:
            raise InputError(f"prevalence: expected a number between 0 and 1, got {prevalence:g}; such as 0.1 for 10 %")
        if self.operating_points is None:
            raise InputError(
                "prevalence: the codec is not calibrated, that of the training data is not known; train first"
            )
        codec = copy(self)
        codec.prevalence = prevalence
        return codec

    def to_json(self) -> JsonObject:
        """Return the state of all parts.

        Returns:
            The object that `from_json` takes.
        """
        parts = {name: getattr(self, name) for name in ("venn_abers", "out_of_distribution", "abstention")}
        points = self.operating_points
        return {
            **super().to_json(),
            "shape": list(self.shape),
            "folds": self.folds,
            "pixel_range": self.pixel_range,
            "resizing": self.resizing,
            "threshold": self.threshold,
            "prevalence": self.prevalence,
            "operating_points": None if points is None else operating_points_to_json(points),
            **{name: None if part is None else part.to_json() for name, part in parts.items()},
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
        readers: dict[str, Callable[[Any], Any]] = {
            "shape": tuple,
            "venn_abers": VennAbers.from_json,
            "operating_points": operating_points_from_json,
            "out_of_distribution": OutOfDistribution.from_json,
            "abstention": Abstention.from_json,
        }
        fitted = {name: read(state[name]) for name, read in readers.items() if state[name] is not None}
        return cls(**{**state, **fitted})

    def _encode_image(self, pixels: np.ndarray) -> np.ndarray:
        if pixels.dtype == np.uint16:  # of DICOM files, 65,535 is white
            pixels = (pixels >> 8).astype(np.uint8)
        return resize_image(pixels if pixels.ndim == 3 else pixels[..., None], self.shape, self.resizing)
