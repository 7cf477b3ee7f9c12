"""The report of a model of medical images."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from plexus.codec import Arrays
from plexus.metrics.abstention import decision_uncertainty
from plexus.report.clinical import write_clinical_report
from plexus_medical.codec import MedicalCodec
from plexus_medical.figures import draw_mistakes, draw_operating_point, draw_out_of_distribution

REPORT_FIGURES = {
    "roc_curve.svg": "ROC curve with its 95 % band; the dot is the threshold",
    "operating_point.svg": "Sensitivity and specificity by threshold, and the probabilities of both labels",
    "calibration_curve.svg": "Observed proportion by predicted probability (reliability diagram)",
    "decision_curve.svg": "Net benefit by threshold, compared with treating all and none",
    "subgroups.svg": "Metrics of subgroups with 95 % intervals",
    "mistakes.svg": "Missed cases and false positives, those farthest from the threshold first",
    "out_of_distribution.svg": "How far the test images differ from the training images; those above 1 are not "
    "answered",
}
"""Captions of the figures."""


def write_medical_report(
    codec: MedicalCodec,
    outputs: Arrays,
    outcomes: np.ndarray,
    folder: Path,
    *,
    patients: np.ndarray | None = None,
    subgroups: Mapping[str, Sequence[object] | np.ndarray] | None = None,
) -> None:
    """Write the figures of `REPORT_FIGURES`, and tables as CSV, as `write_clinical_report` does.

    All images are evaluated, those that the model would not answer, too: a test split without the difficult images
    would look better than the model is. Probabilities are those for the prevalence of the training data.

    Args:
        codec: The calibrated codec.
        outputs: The network's outputs for the test images, and `image`, the result of `codec.encode`.
        outcomes: 1 or 0, both of which occur, shape `(n,)`.
        folder: Existing folder to write to.
        patients: Patient of each image, shape `(n,)`; None: each image is one of its own.
        subgroups: Values of the columns of the subgroup table, one an image.

    Raises:
        InputError: If outcomes, patients or subgroups do not fit together.
    """
    risks, threshold = codec.risks(outputs), codec.threshold
    write_clinical_report(
        risks,
        outcomes,
        folder,
        threshold=threshold,
        groups=patients,
        subgroups=subgroups,
        uncertainty=decision_uncertainty(risks, threshold),
    )
    draw_operating_point(risks, outcomes, threshold, codec.labels, folder / "operating_point.svg")
    draw_mistakes(outputs["image"], risks, outcomes, threshold, codec.labels, folder / "mistakes.svg")
    detector = codec.out_of_distribution
    if detector is not None:
        scores = detector.scores(outputs["image"])
        draw_out_of_distribution(scores, detector.share, folder / "out_of_distribution.svg")


def answer_metrics(codec: MedicalCodec, outputs: Arrays) -> dict[str, float]:
    """Compute how many images are not answered.

    Args:
        codec: The calibrated codec.
        outputs: The network's outputs, and `image`, the result of `codec.encode`.

    Returns:
        `answered`: share of the images that are answered, from 0 to 1; `out_of_distribution` and `uncertain`: shares of
        those that are not, by their reason.
    """
    count = len(outputs["logits"])
    unlike, uncertain = np.zeros(count, bool), np.zeros(count, bool)
    if codec.out_of_distribution is not None:
        unlike = codec.out_of_distribution.scores(outputs["image"]).max(axis=1) > 1
    if codec.abstention is not None:
        uncertain = np.array(
            [bool(reason) for reason in codec.abstention.reasons(codec.risks(outputs), codec.threshold)]
        )
    shares = {"out_of_distribution": float(unlike.mean()), "uncertain": float((uncertain & ~unlike).mean())}
    return {"answered": 1 - sum(shares.values()), **shares}
