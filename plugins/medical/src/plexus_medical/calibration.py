"""Fits temperature, intervals and threshold of the codec to out-of-fold predictions."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Arrays
from plexus.metrics.calibration import fit_temperature
from plexus.metrics.operating_points import OperatingPoints
from plexus.metrics.thresholds import choose_cost_threshold, threshold_for_sensitivity
from plexus.metrics.venn_abers import VennAbers
from plexus.options import resolved
from plexus_medical.abstention import Abstention
from plexus_medical.codec import MedicalCodec
from plexus_medical.operating_curve import fit_operating_points
from plexus_medical.options import ClassifyOptions
from plexus_medical.out_of_distribution import OutOfDistribution

if TYPE_CHECKING:
    from plexus_medical.dataset import MedicalDataset


def fit_calibration(
    codec: MedicalCodec, dataset: "MedicalDataset", outputs: Arrays, outcomes: np.ndarray
) -> MedicalCodec:
    """Fit temperature, intervals, threshold, and the rules by which images are not answered.

    Args:
        codec: The fitted codec.
        dataset: The dataset.
        outputs: Out-of-fold outputs of the training images: `logits` of shape `(n, 1, 2)`.
        outcomes: 1 or 0, shape `(n,)`.

    Returns:
        The calibrated codec.
    """
    options, detector, abstention = dataset.options, None, None
    calibrated = codec.with_temperature(fit_temperature(codec.mean_logits(outputs), outcomes))
    risks = calibrated.risks(outputs)
    threshold = choose_threshold(risks, outcomes, options)
    if options.unlike:
        detector = OutOfDistribution.fit(dataset["train"].encode(codec)["image"], dataset.folds, options.unlike)
    if options.abstain:
        abstention = Abstention.fit(risks, threshold, options.abstain)
    return calibrated.with_decision(
        threshold,
        VennAbers.fit(calibrated.log_odds(outputs), outcomes),
        fit_operating_points(risks, outcomes, threshold),
        out_of_distribution=detector,
        abstention=abstention,
        prevalence=options.prevalence,
    )


def choose_threshold(risks: np.ndarray, outcomes: np.ndarray, options: ClassifyOptions) -> float:
    """Choose the threshold for the stated sensitivity, specificity or cost.

    Args:
        risks: Out-of-fold probabilities of the outcome, shape `(n,)`.
        outcomes: 1 or 0, shape `(n,)`.
        options: The options.

    Returns:
        Probability from which an image is positive.
    """
    if options.miss_cost is not None:
        alarm, miss = _costs(options.miss_cost, float(np.mean(outcomes)), options.prevalence)
        return choose_cost_threshold(risks, outcomes, false_positive=alarm, false_negative=miss).threshold
    if options.specificity is not None:
        _, threshold = OperatingPoints.compute(risks, outcomes).at_specificity(options.specificity)
        return min(threshold, 1.0)
    return threshold_for_sensitivity(risks, outcomes, resolved(options.stated_sensitivity))


def _costs(miss_cost: float, training: float, prevalence: float | None) -> tuple[float, float]:
    """Return the costs of a false alarm and of a missed case, weighted by how much more frequent they are in use."""
    if prevalence is None:
        return 1.0, miss_cost
    return (1 - prevalence) / (1 - training), miss_cost * prevalence / training
