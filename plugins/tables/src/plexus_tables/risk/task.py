"""The task `tables.risk`: credit risk from tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np

from plexus import Metric, SupervisedDataset
from plexus.codec import Input, JsonObject
from plexus.metrics.recalibration import log_odds
from plexus_tables.codec import ClassCodec
from plexus_tables.dataset import TableDataset, TableExamples
from plexus_tables.events.codec import EventCodec
from plexus_tables.events.event_task import ACCURACY, EventTask
from plexus_tables.metrics import CLASS_METRICS
from plexus_tables.report import LOSS_FIGURE
from plexus_tables.risk.cost_matrix import CostMatrix
from plexus_tables.risk.fairness import MAX_GROUPS
from plexus_tables.risk.metrics import RISK_METRICS, risk_metrics
from plexus_tables.risk.options import RiskOptions
from plexus_tables.risk.reason_codes import reason_codes
from plexus_tables.risk.report import RISK_FIGURES, write_risk_report
from plexus_tables.risk.scored_table import ScoredTable
from plexus_tables.table_report import REPORT_FIGURES
from plexus_tables.value_bands import require_few_groups, value_bands

if TYPE_CHECKING:
    import polars as pl

    from plexus import Predictor
    from plexus_tables.explain import Attribution


class Risk(EventTask[RiskOptions]):
    """Probability of default, with the evaluation of credit scoring.

    The threshold is the theoretical one of the costs: out of fold, thresholds that were fitted to the costs of
    `german_credit` cost no less (0.550 and 0.552 against 0.544 per case).

    Example:
        ```python
        bundle = plexus.train("tables.risk", data="loans.csv", target="defaulted", protected="sex")
        bundle.metrics["cost_per_case"], bundle.metrics["gini"]
        ```
    """

    options = RiskOptions
    other_metrics: ClassVar[Sequence[Metric]] = (
        *RISK_METRICS,
        *(metric for metric in CLASS_METRICS if metric.name in ("roc_auc", "prior_log_loss")),
        ACCURACY,
    )
    figure_captions: ClassVar[Mapping[str, str]] = {
        **RISK_FIGURES,
        **REPORT_FIGURES,
        **LOSS_FIGURE,
    }

    def fit_codec(self, dataset: SupervisedDataset[TableExamples[str]], options: RiskOptions) -> EventCodec:
        """Fit the encoder, and check the protected column, which is no feature.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        codec = super().fit_codec(dataset, options)
        if options.protected is not None:
            require_few_groups(_protected(dataset, options.protected), MAX_GROUPS, "--protected")
        return codec

    def choose_threshold(self, risks: np.ndarray, outcomes: np.ndarray, options: RiskOptions) -> float:
        """Return the threshold with the lowest expected cost of calibrated probabilities.

        Args:
            risks: Not used.
            outcomes: Not used.
            options: The options.

        Returns:
            Probability from which a case is rejected.
        """
        return _costs(options).theoretical_threshold

    def event_metrics(
        self,
        risks: np.ndarray,
        outcomes: np.ndarray,
        groups: np.ndarray | None,
        codec: EventCodec,
        options: RiskOptions,
    ) -> dict[str, float]:
        """Compute the metrics of credit risk.

        Args:
            risks: Probabilities of default, shape `(n,)`.
            outcomes: 1 or 0, shape `(n,)`.
            groups: Not used.
            codec: The codec.
            options: The options.

        Returns:
            The result of `risk_metrics`.
        """
        return risk_metrics(risks, outcomes, _costs(options), codec.threshold)

    def card_items(self, dataset: TableDataset[str], codec: ClassCodec) -> Sequence[str]:
        """Return the event, the threshold and the costs.

        Args:
            dataset: The dataset.
            codec: The calibrated codec.

        Returns:
            Sentences.
        """
        event_codec, costs = cast("EventCodec", codec), _costs(cast("RiskOptions", dataset.options))
        return [
            f"Event: {dataset.target} = {codec.labels[1]}.",
            f"Threshold: rejected from a probability of {event_codec.threshold:.4g} on, the lowest expected cost of "
            "calibrated probabilities.",
            f"Costs: {costs.false_negative:g} for approving a bad case, {costs.false_positive:g} for rejecting a good "
            "one.",
        ]

    def attribution_values(self, codec: ClassCodec, raw_input: Input, attribution: "Attribution") -> JsonObject:
        """Return the contributions of the columns to the log-odds of the event, and the reasons in words.

        Args:
            codec: The codec.
            raw_input: The row.
            attribution: The contributions of its columns.

        Returns:
            As of other tasks of tables, and `reasons` as of `reason_codes`: the columns that raise the risk most. There
            are none if the risk does not reach the threshold.
        """
        values = super().attribution_values(codec, raw_input, attribution)
        is_rejected = values["prediction"] >= log_odds(np.array([cast("EventCodec", codec).threshold]))[0]
        return values | {"reasons": reason_codes(values["contributions"]) if is_rejected else []}

    def report(
        self,
        predictor: "Predictor",
        dataset: SupervisedDataset[TableExamples[str]],
        codec: ClassCodec,
        folder: Path,
    ) -> None:
        """Write the figures and tables of credit risk, and what all tables have.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        table, event_codec = cast("TableDataset[str]", dataset), cast("EventCodec", codec)
        options = cast("RiskOptions", table.options)
        scored = {}
        for split, name in (("val", "train"), ("test", "test")):  # training rows have out-of-fold probabilities
            outputs, outcomes = self.split_outputs(predictor, dataset, codec, split)
            features = table[split].inputs.frame.select(codec.encoder.names)
            scored[name] = ScoredTable(features, event_codec.risks(outputs), outcomes)
        protected = None if options.protected is None else _protected(dataset, options.protected)
        write_risk_report(folder, scored["test"], _costs(options), event_codec.threshold, scored["train"], protected)
        self.write_model_report(predictor, dataset, codec, folder)


def _protected(dataset: SupervisedDataset[TableExamples[str]], name: str) -> "pl.Series":
    """Return the group of each test row; quartiles of numbers."""
    return value_bands(dataset["test"].inputs.frame[name])


def _costs(options: RiskOptions) -> CostMatrix:
    return CostMatrix(options.cost_false_positive, options.cost_false_negative)
