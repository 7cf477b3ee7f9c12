"""The section of a model card that follows CLAIM."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plexus.report.clinical_sections import evaluation_limits, markdown_table, performance_table, subgroup_lines
from plexus_medical.resizing import Resizing

if TYPE_CHECKING:
    import polars as pl

NOT_STATED = (
    "clinical role and intended use (3), objectives (4), prospective or retrospective design (5), eligibility criteria "
    "(8), how, by whom and with which agreement the ground truth was determined (15 to 18), how the intended sample "
    "size was determined (19), robustness to other devices and protocols (30), demographic and clinical "
    "characteristics beyond the subgroups (34), implications for practice (39), registration, protocol and funding (40 "
    "to 42)"
)
"""Items of the checklist that data and protocol do not hold."""
RESIZED: Mapping[Resizing, str] = {
    "stretch": "scaled to",
    "pad": "scaled, and padded with black if the aspect ratio is another, to",
    "crop": "scaled, and cropped to the center if the aspect ratio is another, to",
}
"""How images become those of the network."""


@dataclass(frozen=True)
class ImagingStudy:
    """Facts about the data and the protocol of a model of medical images.

    Args:
        source: Data set, file or address.
        licence: Licence of the data.
        outcome: The positive label; the ground truth is whatever the labels of the data state.
        other: The negative label.
        shape: Height, width and channels of the network's images.
        folds: Number of members of the network.
        images: Number of images of each split, `train` and `test`.
        cases: Number of images with the outcome of each split.
        threshold_rule: How the threshold was chosen, such as `sensitivity of 0.9 on out-of-fold probabilities`.
        protocol: How the test split was made.
        patients: Number of patients of each split, none of whom is in two splits; empty if the data name none.
        findings: What was dropped, repaired or merged while the data was read.
        training: Statements about the training, such as augmentation and optimizer.
        unlike: Share of the training images that is rejected as out of distribution, out of fold; 0: none is.
        abstain: Share of the training images whose decision is rejected as uncertain, out of fold; 0: none is.
        prevalence: Prevalence that predictions are corrected to; None: that of the training data.
        resizing: How images of another aspect ratio are resized, as for `MedicalCodec`.
        unlabelled: Number of images that the model has learned from without labels.

    Example:
        ```python
        study = ImagingStudy(
            source="xrays.csv",
            licence="not stated",
            outcome="pneumonia",
            other="normal",
            shape=(64, 64, 1),
            folds=5,
            images={"train": 4708, "test": 524},
            cases={"train": 3494, "test": 389},
            threshold_rule="sensitivity of 0.9 on out-of-fold probabilities",
            protocol="on 524 images, the official test split",
        )
        lines = imaging_card(study, clinical_metrics(risks, outcomes, threshold=0.7))
        ```
    """

    source: str
    licence: str
    outcome: str
    other: str
    shape: tuple[int, int, int]
    folds: int
    images: Mapping[str, int]
    cases: Mapping[str, int]
    threshold_rule: str
    protocol: str
    patients: Mapping[str, int] = field(default_factory=dict)
    findings: Sequence[str] = ()
    training: Sequence[str] = ()
    unlike: float = 0.0
    abstain: float = 0.0
    prevalence: float | None = None
    resizing: Resizing = "stretch"
    unlabelled: int = 0


def imaging_card(
    study: ImagingStudy, metrics: Mapping[str, float], subgroups: "pl.DataFrame | None" = None
) -> list[str]:
    """Write the section of a model card that follows CLAIM (Mongan et al. 2020, doi:10.1148/ryai.2020200029).

    It has the items that data and protocol answer, by their numbers in the checklist of 2020, and names those they do
    not. The update of 2024 (Tejani et al., doi:10.1148/ryai.240300) asks for the same and says "reference standard" for
    the ground truth.

    Args:
        study: Data and protocol.
        metrics: Metrics of the test split, the result of `plexus.metrics.clinical.clinical_metrics` among them.
        subgroups: The result of `plexus.metrics.subgroups.subgroup_table`; None: no subgroups were evaluated.

    Returns:
        Lines of Markdown.
    """
    limits = evaluation_limits(
        study.images["test"],
        study.cases["test"],
        metrics,
        subgroups,
        has_patients=bool(study.patients),
        unit="images",
    )
    return [
        "## Clinical evaluation",
        "",
        "**Not for clinical use.** The model has not been evaluated in clinical practice, and it is no medical device.",
        "",
        "Items by their numbers in the checklist CLAIM (Mongan et al. 2020).",
        "",
        *markdown_table(("item", "CLAIM", "content"), _items(study, metrics)),
        "",
        "### Performance on the test split (items 35 and 36)",
        "",
        *performance_table(metrics),
        "",
        "### Subgroups (item 34)",
        "",
        *subgroup_lines(subgroups),
        "",
        "### Limitations (item 38)",
        "",
        *(f"- {line}" for line in limits),
        f"- Not stated here, as neither data nor protocol hold it: {NOT_STATED}.",
    ]


def _items(study: ImagingStudy, metrics: Mapping[str, float]) -> list[tuple[str, str, str]]:
    height, width, channels = study.shape
    pixels = f"{RESIZED[study.resizing]} {height}x{width} pixels, {'grey' if channels == 1 else 'RGB'}, 8 bits"
    members = f"{study.folds} residual networks"
    return [
        ("Goal", "6", f"probability of {study.outcome} in one image"),
        ("Source of data", "7", f"{study.source}; licence: {study.licence}"),
        ("Pre-processing", "9", pixels),
        ("De-identification", "12", "the bundle holds no names, identifiers or images of patients"),
        ("Missing and dropped data", "13", "; ".join(study.findings) or "none"),
        ("Ground truth", "14", f"label {study.outcome} or {study.other} of the data, taken as it is"),
        ("Partitions", "20", study.protocol),
        ("Level of the partitions", "21", _level(study)),
        ("Model", "22", f"{members}, each trained without the images of its fold"),
        ("Initial weights", "24", "random" if study.unlabelled else "random; no other data was used"),
        ("Training", "25", "; ".join(study.training) or "not stated"),
        ("Selection of the model", "26", "the last epoch; the test split is evaluated once"),
        ("Ensembling", "27", f"mean of the log-odds of the {study.folds} members, calibrated out of fold"),
        ("Output", "22", _output(study, metrics)),
        ("Images without an answer", "22", _answers(study, metrics)),
        ("Metrics and their uncertainty", "28, 29", f"95 % intervals by resampled {_unit(study)}"),
        ("Explanations", "31", "occlusion maps; each is tested by its deletion curve against random orders"),
        ("External data", "32", "none"),
        ("Cases", "33", _counts(study)),
        ("Failures", "37", "`mistakes.svg` of the report shows the worst ones"),
    ]


def _level(study: ImagingStudy) -> str:
    if study.patients:
        return "patient: no patient is in two splits or folds"
    return "image: the data name no patients, so that one may be in two splits or folds"


def _unit(study: ImagingStudy) -> str:
    return "patients" if study.patients else "images"


def _output(study: ImagingStudy, metrics: Mapping[str, float]) -> str:
    threshold = f" from {metrics['threshold']:.4f}" if "threshold" in metrics else ""
    output = f"probability, and an interval; positive{threshold}: {study.threshold_rule}"
    if study.prevalence is None:
        return output
    return f"{output}; predictions, not the metrics below, are corrected to a prevalence of {study.prevalence:.1%}"


def _answers(study: ImagingStudy, metrics: Mapping[str, float]) -> str:
    rules = []
    if study.unlike and study.unlike * study.images["train"] < 1:
        rules.append("images that differ from the training images more than each of these from the others")
    elif study.unlike:
        rules.append(f"images that differ from the training images (limit: {study.unlike:.1%} of these)")
    if study.abstain:
        rules.append(f"uncertain decisions (limit: {study.abstain:.1%} of the training images)")
    if not rules:
        return "none: all images are answered"
    share = f"; {metrics['answered']:.1%} of the test images are answered" if "answered" in metrics else ""
    return f"{'; '.join(rules)}{share}; the metrics below are of all test images"


def _counts(study: ImagingStudy) -> str:
    parts = []
    for split, count in study.images.items():
        patients = f" of {study.patients[split]:,} patients" if study.patients else ""
        cases = study.cases[split]
        parts.append(f"{split}: {count:,} images{patients}, {cases:,} ({cases / max(count, 1):.1%}) with the outcome")
    return "; ".join(parts)
