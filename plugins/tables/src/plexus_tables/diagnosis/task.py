"""The task `tables.diagnose`: outcomes of patients from tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np

from plexus import Metric, SupervisedDataset
from plexus.metrics.clinical import CLINICAL_METRICS, clinical_metrics
from plexus.metrics.subgroups import MAX_SUBGROUPS
from plexus.metrics.thresholds import choose_cost_threshold, threshold_for_sensitivity
from plexus_tables.codec import ClassCodec
from plexus_tables.column_lists import parse_names
from plexus_tables.dataset import TableDataset, TableExamples
from plexus_tables.diagnosis.options import DiagnoseOptions
from plexus_tables.events.codec import EventCodec
from plexus_tables.events.event_task import ACCURACY, EventTask
from plexus_tables.metrics import CLASS_METRICS
from plexus_tables.report import LOSS_FIGURE
from plexus_tables.table_report import REPORT_FIGURES
from plexus_tables.value_bands import require_few_groups, value_bands

if TYPE_CHECKING:
    import polars as pl

    from plexus import Predictor


class Diagnose(EventTask[DiagnoseOptions]):
    """Outcomes of patients, with the evaluation that clinicians ask for. Not for clinical use.

    Example:
        ```python
        bundle = plexus.train("tables.diagnose", data="patients.csv", target="sepsis", group="patient")
        bundle.metrics["roc_auc_low"], bundle.metrics["sensitivity"]
        ```
    """

    options = DiagnoseOptions
    other_metrics: ClassVar[Sequence[Metric]] = (
        *CLINICAL_METRICS,
        *(metric for metric in CLASS_METRICS if metric.name == "prior_log_loss"),
        ACCURACY,
    )
    figure_captions: ClassVar[Mapping[str, str]] = {
        "roc_curve.svg": "ROC curve with its 95 % band; the dot is the threshold",
        "calibration_curve.svg": "Observed proportion by predicted probability",
        "decision_curve.svg": "Net benefit by threshold, compared with treating all and none",
        "subgroups.svg": "Metrics of subgroups with 95 % intervals",
        **REPORT_FIGURES,
        **LOSS_FIGURE,
    }

    def fit_codec(self, dataset: SupervisedDataset[TableExamples[str]], options: DiagnoseOptions) -> EventCodec:
        """Fit the encoder, and check the columns of subgroups.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        for series in _subgroup_columns(cast("TableDataset[str]", dataset)):
            require_few_groups(series, MAX_SUBGROUPS, "--subgroups")
        return super().fit_codec(dataset, options)

    def choose_threshold(self, risks: np.ndarray, outcomes: np.ndarray, options: DiagnoseOptions) -> float:
        """Choose the threshold for the stated sensitivity or cost.

        Args:
            risks: Out-of-fold probabilities of the outcome, shape `(n,)`.
            outcomes: 1 or 0, shape `(n,)`.
            options: The options.

        Returns:
            Probability from which a patient is positive.
        """
        if options.miss_cost is None:
            return threshold_for_sensitivity(risks, outcomes, options.sensitivity)
        return choose_cost_threshold(risks, outcomes, false_positive=1.0, false_negative=options.miss_cost).threshold

    def event_metrics(
        self,
        risks: np.ndarray,
        outcomes: np.ndarray,
        groups: np.ndarray | None,
        codec: EventCodec,
        options: DiagnoseOptions,
    ) -> dict[str, float]:
        """Compute the clinical metrics.

        Args:
            risks: Probabilities of the outcome, shape `(n,)`.
            outcomes: 1 or 0, shape `(n,)`.
            groups: Patient of each row, shape `(n,)`; None: each row is one.
            codec: The codec.
            options: The options.

        Returns:
            The result of `clinical_metrics`.
        """
        return clinical_metrics(risks, outcomes, groups, prevalence=options.prevalence, threshold=codec.threshold)

    def report(
        self,
        predictor: "Predictor",
        dataset: SupervisedDataset[TableExamples[str]],
        codec: ClassCodec,
        folder: Path,
    ) -> None:
        """Write the clinical figures and tables, and what all tables have.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        from plexus.report.clinical import write_clinical_report

        event_codec, test = cast("EventCodec", codec), dataset["test"]
        outputs, outcomes = self.split_outputs(predictor, dataset, codec, "test")
        write_clinical_report(
            event_codec.risks(outputs),
            outcomes,
            folder,
            threshold=event_codec.threshold,
            groups=test.groups,
            subgroups=_subgroups(cast("TableDataset[str]", dataset)),
        )
        self.write_model_report(predictor, dataset, codec, folder)

    def card_section(
        self,
        predictor: "Predictor",
        dataset: SupervisedDataset[TableExamples[str]],
        codec: ClassCodec,
        metrics: Mapping[str, float],
    ) -> list[str]:
        """Write the section of the model card that all tables have, and the one that follows TRIPOD+AI.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            metrics: Metrics of the test split.

        Returns:
            Lines of Markdown.
        """
        from plexus.metrics.subgroups import subgroup_table
        from plexus.report.clinical_card import clinical_card
        from plexus_tables.diagnosis.study import clinical_study

        table, event_codec = cast("TableDataset[str]", dataset), cast("EventCodec", codec)
        outputs, outcomes = self.split_outputs(predictor, dataset, codec, "test")
        groups, columns = table["test"].groups, _subgroups(table)
        groups = np.arange(len(outcomes)) if groups is None else groups
        subgroups = None
        if columns:
            subgroups = subgroup_table(event_codec.risks(outputs), outcomes, columns, groups, event_codec.threshold)
        section = super().card_section(predictor, dataset, codec, metrics)
        return [*section, "", *clinical_card(clinical_study(table, event_codec), metrics, subgroups)]


def _subgroups(dataset: TableDataset[str]) -> dict[str, list[object]]:
    return {series.name: series.to_list() for series in _subgroup_columns(dataset)}


def _subgroup_columns(dataset: TableDataset[str]) -> "list[pl.Series]":
    frame = dataset["test"].inputs.frame
    names = parse_names(cast("DiagnoseOptions", dataset.options).subgroups, frame.columns, "--subgroups")
    return [value_bands(frame[name]) for name in names]
