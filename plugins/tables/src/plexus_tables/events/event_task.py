"""The steps of the tasks that predict the probability of an event."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from typing_extensions import TypeVar

from plexus import InputError, Metric, SupervisedDataset
from plexus.codec import Arrays
from plexus.metrics.recalibration import log_odds
from plexus.metrics.venn_abers import VennAbers
from plexus_tables.codec import ClassCodec
from plexus_tables.column_notes import note_columns
from plexus_tables.dataset import TableDataset, TableExamples
from plexus_tables.events.codec import EventCodec
from plexus_tables.events.options import EventOptions
from plexus_tables.events.positive_label import check_outcomes, event_last
from plexus_tables.metrics import class_metrics
from plexus_tables.task import Classify

if TYPE_CHECKING:
    from plexus import Predictor

EventOptionsT = TypeVar("EventOptionsT", bound=EventOptions, default=EventOptions)
RANKING = ("log_loss", "log_loss_low", "log_loss_high", "prior_log_loss", "roc_auc", "accuracy")
"""Metrics of `tables.classify` that these tasks have, too."""
ACCURACY = Metric("accuracy", "Accuracy at a threshold of 0.5")
"""Description of the accuracy, which does not depend on the threshold of the model."""


class EventTask(Classify[EventOptionsT]):
    """Two labels, one of which is an event, and a threshold that is chosen out of fold.

    Example:
        ```python
        class Diagnose(EventTask[DiagnoseOptions]): ...
        ```
    """

    options = cast("type[EventOptionsT]", EventOptions)
    codec = EventCodec

    def fit_codec(self, dataset: SupervisedDataset[TableExamples[str]], options: EventOptionsT) -> EventCodec:
        """Fit the encoder, and infer the label of the event.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.

        Raises:
            InputError: If there are not two labels, or all training or test rows have the same one.
        """
        table = cast("TableDataset[str]", dataset)
        note_columns(table)
        encoder = table.fit_encoder()
        labels = event_last(table["train"].targets, options.positive, table.place)
        check_outcomes({split: table[split].targets for split in ("train", "test")}, table.place)
        return EventCodec(labels, encoder, options.coverage, similar_rows=table.similar_rows(encoder))

    @abstractmethod
    def choose_threshold(self, risks: np.ndarray, outcomes: np.ndarray, options: EventOptionsT) -> float:
        """Choose the threshold.

        Args:
            risks: Out-of-fold probabilities of the event, shape `(n,)`.
            outcomes: 1 or 0, shape `(n,)`.
            options: The options.

        Returns:
            Probability from which a row is positive.
        """

    @abstractmethod
    def event_metrics(
        self,
        risks: np.ndarray,
        outcomes: np.ndarray,
        groups: np.ndarray | None,
        codec: EventCodec,
        options: EventOptionsT,
    ) -> dict[str, float]:
        """Compute the metrics of the task in addition to those that rank models.

        Args:
            risks: Probabilities of the event, shape `(n,)`.
            outcomes: 1 or 0, shape `(n,)`.
            groups: Group of each row, shape `(n,)`; None: each row is one.
            codec: The codec.
            options: The options of the dataset.

        Returns:
            The metrics.
        """

    def evaluate(
        self, predictor: "Predictor", dataset: SupervisedDataset[TableExamples[str]], codec: ClassCodec, split: str
    ) -> dict[str, float]:
        """Compute the log loss, and the metrics of the task except out of fold.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            The metrics.

        Raises:
            InputError: If the split is empty, a label was not seen in training, or all rows have the same label.
        """
        event_codec = cast("EventCodec", codec)
        outputs, classes = self.split_outputs(predictor, dataset, codec, split)
        if len(np.unique(classes)) == 1:
            raise InputError(
                f"{cast('TableDataset[str]', dataset).place}: all {len(classes):,} rows have the label "
                f"{codec.labels[classes[0]]!r}: expected rows of both labels, pass more data"
            )
        groups = dataset[split].groups
        metrics = class_metrics(codec.probabilities(outputs), classes, groups)
        metrics = {name: metrics[name] for name in RANKING}
        if split == "val":
            return metrics
        if split == "unseen":
            self.note_verdict(metrics)
        options = cast("Any", dataset).options
        return self.event_metrics(event_codec.risks(outputs), classes, groups, event_codec, options) | metrics

    def shown_predictions(
        self, codec: ClassCodec, outputs: Arrays, targets: Sequence[str]
    ) -> dict[str, Sequence[object] | np.ndarray]:
        """Return the probabilities of the event with their intervals, and the decisions.

        Args:
            codec: The calibrated codec, an `EventCodec`.
            outputs: The result of `codec.combine`.
            targets: The labels.

        Returns:
            `probability of EVENT`, `low`, `high`, and `reaches the threshold`.
        """
        fields = codec.columns(outputs, [()] * len(targets))
        return {
            f"probability of {codec.labels[1]}": fields["risk"],
            "low": fields["low"],
            "high": fields["high"],
            "reaches the threshold": ["yes" if positive else "no" for positive in fields["positive"]],
        }

    def calibrate(
        self, predictor: "Predictor", dataset: SupervisedDataset[TableExamples[str]], codec: ClassCodec
    ) -> EventCodec:
        """Fit the models, the temperature, the intervals and the threshold to out-of-fold predictions.

        Args:
            predictor: The trained networks.
            dataset: The dataset.
            codec: The fitted codec.

        Returns:
            The calibrated codec.
        """
        calibrated = cast("EventCodec", super().calibrate(predictor, dataset, codec))
        outputs, outcomes = self.split_outputs(predictor, dataset, calibrated, "val")
        risks = calibrated.risks(outputs)
        threshold = self.choose_threshold(risks, outcomes, cast("Any", dataset).options)
        return calibrated.with_threshold(threshold, VennAbers.fit(log_odds(risks), outcomes))
