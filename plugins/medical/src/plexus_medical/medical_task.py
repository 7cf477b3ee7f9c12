"""The steps after the training: evaluation out of fold, calibration, report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np

from plexus import ClassificationTask, InputError, Metric, SupervisedDataset
from plexus.data.folds import out_of_fold
from plexus.metrics.binary import binary_metrics
from plexus.metrics.clinical import CLINICAL_METRICS, clinical_metrics
from plexus.metrics.label_shift import label_shift_metrics
from plexus.metrics.subgroups import MAX_SUBGROUPS, subgroup_table
from plexus_medical.calibration import fit_calibration
from plexus_medical.codec import MedicalCodec
from plexus_medical.examples import MedicalExamples
from plexus_medical.options import ClassifyOptions
from plexus_medical.report import REPORT_FIGURES, answer_metrics, write_medical_report

if TYPE_CHECKING:
    from plexus import Predictor
    from plexus_medical.dataset import MedicalDataset

CHANCE = "chance_roc_auc"


class MedicalTask(ClassificationTask[MedicalCodec, ClassifyOptions, MedicalExamples]):
    """A task whose network has a member per fold of the patients, and whose codec decides at a threshold.

    Example:
        ```python
        class Classify(ExplainedDecisions, MedicalInputs, MedicalTask): ...
        ```
    """

    metric = Metric("roc_auc", "Area under the ROC curve", baseline=CHANCE)
    other_metrics: ClassVar[Sequence[Metric]] = (
        *(metric for metric in CLINICAL_METRICS if metric.name != "roc_auc"),
        Metric("accuracy", "Accuracy at a threshold of 0.5"),
        Metric(CHANCE, "Area under the ROC curve of chance"),
        Metric("answered", "Share of the images that are answered", higher_is_better=None),
        Metric("out_of_distribution", "Share that is not answered: out of distribution", higher_is_better=None),
        Metric("uncertain", "Share that is not answered: uncertain decision", higher_is_better=None),
        Metric("estimated_prevalence", "Prevalence estimated from the images alone", higher_is_better=None),
        Metric("corrected_log_loss", "Log loss if corrected to it", unit="nats", higher_is_better=False),
        Metric("corrected_brier", "Brier score if corrected to it", higher_is_better=False),
    )
    figure_captions: ClassVar[Mapping[str, str]] = REPORT_FIGURES

    def evaluate(
        self,
        predictor: "Predictor",
        dataset: SupervisedDataset[MedicalExamples],
        codec: MedicalCodec,
        split: str,
    ) -> dict[str, float]:
        """Compute the clinical metrics with their intervals; out of fold, those without.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split; `val` is evaluated out of fold.

        Returns:
            The metrics.

        Raises:
            InputError: If the split is empty, a label was not seen in training, or all images have the same label.
        """
        outputs, outcomes = self.split_outputs(predictor, dataset, codec, split)
        images = cast("MedicalDataset", dataset)
        if len(np.unique(outcomes)) == 1:
            raise InputError(
                f"{images.source}: all {len(outcomes):,} images have the label {codec.labels[outcomes[0]]!r}: expected "
                "images of both labels, pass more data"
            )
        risks = codec.risks(outputs)
        metrics = {CHANCE: 0.5, "accuracy": float(np.mean((risks >= 0.5) == outcomes))}
        if split == "val":
            return binary_metrics(risks, outcomes) | metrics
        patients, prevalence = dataset[split].patients, images.options.prevalence
        clinical = clinical_metrics(risks, outcomes, patients, prevalence=prevalence, threshold=codec.threshold)
        metrics |= answer_metrics(codec, outputs)
        if split == "unseen" and codec.operating_points is not None:
            metrics |= label_shift_metrics(risks, outcomes, codec.operating_points.prevalence)
        return clinical | metrics

    def calibrate(
        self, predictor: "Predictor", dataset: SupervisedDataset[MedicalExamples], codec: MedicalCodec
    ) -> MedicalCodec:
        """Fit temperature, intervals, threshold and refusals to out-of-fold predictions; see `fit_calibration`.

        Args:
            predictor: The trained networks.
            dataset: The dataset.
            codec: The fitted codec.

        Returns:
            The calibrated codec.
        """
        outputs, outcomes = self.split_outputs(predictor, dataset, codec, "val")
        return fit_calibration(codec, cast("MedicalDataset", dataset), outputs, outcomes)

    def split_outputs(
        self,
        predictor: "Predictor",
        dataset: SupervisedDataset[MedicalExamples],
        codec: MedicalCodec,
        split: str,
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Return the network's outputs and the outcomes of a split, those of `val` out of fold.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            `logits` of shape `(n, members, 2)`, of `val` with one member, that of each image's fold, and `image`, the
            encoded images; and 1 or 0, shape `(n,)`.

        Raises:
            InputError: If the split is empty, or a label was not seen in training.
        """
        outputs, outcomes = super().split_outputs(predictor, dataset, codec, split)
        if split == "val":
            folds = cast("MedicalDataset", dataset).folds
            outputs = {"logits": out_of_fold(outputs["logits"], folds)[:, None]}
        return {**outputs, **dataset[split].encode(codec)}, outcomes

    def report(
        self,
        predictor: "Predictor",
        dataset: SupervisedDataset[MedicalExamples],
        codec: MedicalCodec,
        folder: Path,
    ) -> None:
        """Write the clinical figures and tables, the mistakes, and how far the test images differ from the others.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        outputs, outcomes = self.split_outputs(predictor, dataset, codec, "test")
        test = dataset["test"]
        write_medical_report(
            codec, outputs, outcomes, folder, patients=test.patients, subgroups=test.attributes or None
        )

    def card_section(
        self,
        predictor: "Predictor",
        dataset: SupervisedDataset[MedicalExamples],
        codec: MedicalCodec,
        metrics: Mapping[str, float],
    ) -> list[str]:
        """Write the section of the model card that follows CLAIM.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            metrics: Metrics of the test split.

        Returns:
            Lines of Markdown.
        """
        from plexus_medical.study import imaging_card
        from plexus_medical.study_facts import imaging_study

        outputs, outcomes = self.split_outputs(predictor, dataset, codec, "test")
        test, subgroups = dataset["test"], None
        if test.attributes:
            risks = codec.risks(outputs)
            subgroups = subgroup_table(risks, outcomes, test.attributes, test.patients, codec.threshold)
        return imaging_card(imaging_study(cast("MedicalDataset", dataset), codec), metrics, subgroups)


def require_few_subgroups(test: MedicalExamples) -> None:
    """Check before a training what the subgroup table would refuse after it.

    Args:
        test: The test images.

    Raises:
        InputError: If a column has too many different values.
    """
    for name, values in test.attributes.items():
        count = len(set(values))
        if count > MAX_SUBGROUPS:
            raise InputError(
                f"--subgroups {name}: expected at most {MAX_SUBGROUPS} groups, found {count:,} in the test images; "
                "group its values into ranges"
            )
