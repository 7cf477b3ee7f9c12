"""The task `tables.classify`: labels from tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, cast

import numpy as np
from typing_extensions import TypeVar

from plexus import InputError, Metric, SupervisedDataset
from plexus.codec import Input
from plexus.data.databases import is_database
from plexus.data.table_rows import TableRows
from plexus.metrics.calibration import fit_temperature
from plexus.metrics.conformal_sets import ConformalLabelSets
from plexus.tasks.classification import ClassificationTask
from plexus.tasks.classification_codec import sort_labels
from plexus_tables.codec import ClassCodec, log_probabilities
from plexus_tables.dataset import TableDataset, TableExamples
from plexus_tables.dataset_building import classification_dataset, read_classification
from plexus_tables.memory import TablesInMemory, source_in_memory
from plexus_tables.metrics import CLASS_METRICS, class_metrics
from plexus_tables.options import TableOptions
from plexus_tables.report import LOSS_FIGURE, write_comparison
from plexus_tables.table_task import TableTask

if TYPE_CHECKING:
    from plexus import Predictor

OptionsT = TypeVar("OptionsT", bound=TableOptions, default=TableOptions)


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
        "confusion.png": "Confusion matrix: predicted labels of each true label",
        "calibration.png": "Reliability diagram: accuracy by predicted probability; the area of a dot is the number of "
        "predictions",
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
        labels = sort_labels(table["train"].targets)
        if len(labels) > 2 and options.has_monotone_effects:
            raise InputError(
                f"--increasing and --decreasing need a number or two labels to predict: column {table.target} has "
                f"{len(labels)} labels; leave the options out, or merge the labels to two"
            )
        return ClassCodec(labels, table.fit_encoder(), options.coverage)

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
        sets = codec.sets(outputs) if split != "val" else None
        return class_metrics(codec.probabilities(outputs), classes, dataset[split].groups, sets)

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
        ensemble, comparison, by_fold = fit_ensemble(predictor(rows.arrays), rows, cast("Any", dataset).options)
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
        """Draw the confusion matrix, the reliability diagram and the comparison of models.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        super().report(predictor, dataset, codec, folder)
        write_comparison(codec.comparison, "Log loss", folder)

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
        return codec.probabilities(codec.combine(predictor(arrays), arrays))

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
