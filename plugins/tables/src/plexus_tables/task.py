"""The task `tables.classify`: labels from tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, cast

import numpy as np
from typing_extensions import TypeVar

from plexus import InputError, Metric, SupervisedDataset
from plexus.codec import Arrays, Input
from plexus.data.databases import is_database
from plexus.data.table_rows import TableRows
from plexus.metrics.calibration import fit_temperature
from plexus.metrics.conformal_sets import ConformalLabelSets
from plexus.tasks.classification import ClassificationTask
from plexus.tasks.classification_codec import sort_labels
from plexus.utils.messages import note
from plexus_tables.codec import ClassCodec, log_probabilities
from plexus_tables.column_notes import note_columns
from plexus_tables.dataset import TableDataset, TableExamples
from plexus_tables.dataset_building import classification_dataset, read_classification
from plexus_tables.memory import TablesInMemory, source_in_memory
from plexus_tables.metrics import CLASS_METRICS, class_metrics
from plexus_tables.options import TableOptions
from plexus_tables.report import LOSS_FIGURE
from plexus_tables.table_report import REPORT_FIGURES
from plexus_tables.table_task import TableTask

if TYPE_CHECKING:
    from plexus import Predictor

OptionsT = TypeVar("OptionsT", bound=TableOptions, default=TableOptions)

LEAST_PROBABILITY = 1e-15
"""Probabilities below it count as this, as in `class_metrics`."""


class Classify(
    TablesInMemory,
    TableTask[ClassCodec],
    ClassificationTask[ClassCodec, OptionsT, TableExamples[str]],
    Generic[OptionsT],
):
    """Labels from tables.

    Example:
        ```python
        bundle = plexus.train("tables.classify", data="customers.csv", target="churn")
        bundle.predict([{"age": 41, "plan": "basic", "months": 7}])
        ```
    """

    options = cast("type[OptionsT]", TableOptions)
    codec = ClassCodec
    activation = "selu"
    metric = Metric("log_loss", baseline="prior_log_loss", unit="nats", higher_is_better=False)
    other_metrics: ClassVar[Sequence[Metric]] = CLASS_METRICS
    figure_captions: ClassVar[Mapping[str, str]] = {
        "confusion.svg": "Confusion matrix: predicted labels of each true label",
        "calibration.svg": "Reliability diagram: accuracy by predicted probability; the area of a dot is the number of "
        "predictions",
        **REPORT_FIGURES,
        **LOSS_FIGURE,
    }
    trial_options: ClassVar[Mapping[str, object]] = {"data": "breast_cancer", "epochs": 2, "passes": 1, "bags": 1}

    def load_dataset(self, options: OptionsT) -> TableDataset[str]:
        """Read a table with labels.

        Args:
            options: The options.

        Returns:
            The dataset.
        """
        return read_classification(options, None if is_database(options.data) else self.locate(options.data))

    def make_dataset(self, rows: TableRows, targets: Sequence[object], options: OptionsT) -> TableDataset[str]:
        """Return the dataset of a table in memory, for `plexus.Estimator`.

        Args:
            rows: The rows.
            targets: One label per row.
            options: The options.

        Returns:
            The dataset.
        """
        return classification_dataset(source_in_memory(rows, targets, options), options).learnable()

    def fit_codec(self, dataset: SupervisedDataset[TableExamples[str]], options: OptionsT) -> ClassCodec:
        """Fit the encoder.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.

        Raises:
            InputError: If a column has a monotone effect, and there are more than two labels.
        """
        table = cast("TableDataset[str]", dataset)
        note_columns(table)
        labels = sort_labels(table["train"].targets)
        if len(labels) > 2 and options.has_monotone_effects:
            raise InputError(
                f"--increasing and --decreasing need a number or two labels to predict: column {table.target} has "
                f"{len(labels)} labels; leave the options out, or merge the labels to two"
            )
        encoder = table.fit_encoder()
        return ClassCodec(labels, encoder, options.coverage, similar_rows=table.similar_rows(encoder))

    def outputs(self, codec: ClassCodec) -> int:
        """Return the number of labels.

        Args:
            codec: The codec.

        Returns:
            The number.
        """
        return len(codec.labels)

    def target_array(self, dataset: SupervisedDataset[TableExamples[str]], codec: ClassCodec) -> np.ndarray:
        """Return the classes of the training rows.

        Args:
            dataset: The dataset.
            codec: The codec.

        Returns:
            Classes of shape `(n,)`.
        """
        return codec.label_indices(dataset["train"].targets)

    def evaluate(
        self, predictor: "Predictor", dataset: SupervisedDataset[TableExamples[str]], codec: ClassCodec, split: str
    ) -> dict[str, float]:
        """Compute log loss, accuracy, area under the ROC curve, calibration and the coverage of label sets.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split; `val` is evaluated out of fold.

        Returns:
            The metrics of `class_metrics`.
        """
        outputs, classes = self.split_outputs(predictor, dataset, codec, split)
        if split == "unseen":
            _note_absent_labels(codec.labels, classes, cast("TableDataset[str]", dataset).place)
        sets = codec.sets(outputs) if split != "val" else None
        metrics = class_metrics(codec.probabilities(outputs), classes, dataset[split].groups, sets)
        if split == "unseen":
            self.note_verdict(metrics)
        return metrics

    def calibrate(
        self, predictor: "Predictor", dataset: SupervisedDataset[TableExamples[str]], codec: ClassCodec
    ) -> ClassCodec:
        """Fit the other models, the weights, the temperature and the label sets to out-of-fold predictions.

        Args:
            predictor: The trained networks.
            dataset: The dataset.
            codec: The fitted codec.

        Returns:
            The calibrated codec.
        """
        from plexus_tables.ensemble_fitting import fit_ensemble
        from plexus_tables.member_fitting import out_of_fold

        rows = self.training_rows(dataset, codec)
        ensemble, comparison, by_fold = fit_ensemble(predictor, rows, cast("Any", dataset).options)
        held_out = out_of_fold(by_fold, rows.folds)
        temperature = fit_temperature(log_probabilities(held_out[:, None]), rows.targets)
        label_sets = ConformalLabelSets.fit(held_out, rows.targets, rows.folds)
        return codec.calibrated(ensemble, comparison, temperature, label_sets)

    def report(
        self,
        predictor: "Predictor",
        dataset: SupervisedDataset[TableExamples[str]],
        codec: ClassCodec,
        folder: Path,
    ) -> None:
        """Write the confusion matrix, the reliability diagram, and what all tables have.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        super().report(predictor, dataset, codec, folder)
        self.write_model_report(predictor, dataset, codec, folder)

    def row_losses(self, codec: ClassCodec, outputs: Arrays, targets: Sequence[str]) -> np.ndarray:
        """Return the log loss of each row.

        Args:
            codec: The calibrated codec.
            outputs: The result of `codec.combine`.
            targets: The labels.

        Returns:
            Losses in nats, shape `(n,)`.
        """
        probabilities = self._target_probabilities(codec, outputs, targets)
        return np.asarray(-np.log(np.maximum(probabilities, LEAST_PROBABILITY)))

    def shown_predictions(
        self, codec: ClassCodec, outputs: Arrays, targets: Sequence[str]
    ) -> dict[str, Sequence[object] | np.ndarray]:
        """Return the predicted labels, and the probabilities of the predicted and the true ones.

        Args:
            codec: The calibrated codec.
            outputs: The result of `codec.combine`.
            targets: The labels.

        Returns:
            `prediction`, `probability` and `probability of the target`.
        """
        probabilities = codec.probabilities(outputs)
        return {
            "prediction": [codec.labels[place] for place in probabilities.argmax(axis=1)],
            "probability": probabilities.max(axis=1),
            "probability of the target": self._target_probabilities(codec, outputs, targets),
        }

    def predict_probabilities(self, predictor: "Predictor", codec: ClassCodec, inputs: "Sequence[Input]") -> np.ndarray:
        """Predict the probabilities of all labels.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Rows as dictionaries, or a `TableRows`.

        Returns:
            Probabilities of shape `(n, labels)`, in the order of `codec.labels`.
        """
        arrays = codec.encode(inputs)
        return codec.probabilities(codec.outputs(predictor, arrays))

    def split_outputs(
        self, predictor: "Predictor", dataset: SupervisedDataset[TableExamples[str]], codec: ClassCodec, split: str
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Return the combined outputs and the true classes of a split, those of `val` out of fold.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            Probabilities by fold, and classes of shape `(n,)`.

        Raises:
            InputError: If the split is empty, or a label was not seen in training.
        """
        outputs = self.split_folds(predictor, dataset, codec, split)
        return outputs, codec.label_indices(dataset[split].targets)

    def _target_probabilities(self, codec: ClassCodec, outputs: Arrays, targets: Sequence[str]) -> np.ndarray:
        return np.asarray(codec.probabilities(outputs)[np.arange(len(targets)), codec.label_indices(targets)])


def _note_absent_labels(labels: Sequence[str], classes: np.ndarray, place: str) -> None:
    """Say why the area under the ROC curve of a table is not defined."""
    present = [labels[label] for label in np.unique(classes)]
    absent = [label for label in labels if label not in present]
    if len(present) == 1:
        note(f"{place}: all rows have the label {present[0]!r}: roc_auc, which compares labels, is undefined")
    elif absent:
        note(f"{place}: no row has the label {absent[0]!r}: roc_auc, of each label against the rest, is undefined")
