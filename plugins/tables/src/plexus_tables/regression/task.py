"""The task `tables.regress`: numbers from tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from plexus import Examples, Metric, SupervisedDataset
from plexus.codec import Arrays
from plexus.data.databases import is_database
from plexus.data.table_rows import TableRows
from plexus.metrics.conformal_intervals import CVPlusIntervals
from plexus.tasks.regression import RegressionTask
from plexus.utils.messages import note
from plexus_tables.column_notes import note_columns
from plexus_tables.dataset import TableDataset
from plexus_tables.dataset_building import read_regression, regression_dataset
from plexus_tables.memory import TablesInMemory, source_in_memory
from plexus_tables.metrics import NUMBER_METRICS, number_metrics
from plexus_tables.regression.codec import NumberCodec
from plexus_tables.regression.options import RegressOptions
from plexus_tables.table_report import REPORT_FIGURES
from plexus_tables.table_task import TableTask

if TYPE_CHECKING:
    from plexus import Predictor


class Regress(TablesInMemory, TableTask[NumberCodec], RegressionTask[NumberCodec, RegressOptions]):
    """Numbers from tables.

    Example:
        ```python
        bundle = plexus.train("tables.regress", data="houses.csv", target="price")
        bundle.predict([{"rooms": 5, "area": 120, "town": "Oslo"}])
        ```
    """

    options, codec = RegressOptions, NumberCodec
    activation = "mish"
    comparison_loss = "Squared error"
    other_metrics: ClassVar[Sequence[Metric]] = NUMBER_METRICS
    figure_captions: ClassVar[Mapping[str, str]] = {
        "predictions.svg": "Predicted and true numbers of the test split",
        **REPORT_FIGURES,
        "models.svg": "Squared error of all models out of fold, compared with the one in use, in variances of the "
        "target; bars are 95 % intervals",
    }
    trial_options: ClassVar[Mapping[str, object]] = {"data": "diabetes", "epochs": 2, "passes": 1, "bags": 1}

    def load_dataset(self, options: RegressOptions) -> SupervisedDataset[Examples[float]]:
        """Read a table with a number to predict.

        Args:
            options: The options.

        Returns:
            The dataset, a `TableDataset`.
        """
        place = None if is_database(options.data) else self.locate(options.data)
        return cast("SupervisedDataset[Examples[float]]", read_regression(options, place))

    def make_dataset(self, rows: TableRows, targets: Sequence[object], options: RegressOptions) -> TableDataset[float]:
        """Return the dataset of a table in memory, for `plexus.Estimator`.

        Args:
            rows: The rows.
            targets: One number per row.
            options: The options.

        Returns:
            The dataset.
        """
        return regression_dataset(source_in_memory(rows, targets, options), options).learnable()

    def fit_codec(self, dataset: SupervisedDataset[Examples[float]], options: RegressOptions) -> NumberCodec:
        """Fit the encoder and the unit of the target.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        table = cast("TableDataset[float]", dataset)
        note_columns(table)
        targets = np.asarray(table["train"].targets, float)
        unit = float(targets.mean()), float(targets.std()), float(targets.min()), float(targets.max())
        encoder = table.fit_encoder()
        return NumberCodec(*unit, encoder, options.coverage, similar_rows=table.similar_rows(encoder))

    def target_array(self, dataset: SupervisedDataset[Any], codec: NumberCodec) -> np.ndarray:
        """Return the standardized targets of the training rows.

        Args:
            dataset: The dataset.
            codec: The codec.

        Returns:
            Numbers of shape `(n,)`.
        """
        return codec.standardize(np.asarray(dataset["train"].targets, float))[:, 0]

    def evaluate(
        self, predictor: "Predictor", dataset: SupervisedDataset[Examples[float]], codec: NumberCodec, split: str
    ) -> dict[str, float]:
        """Compute errors, R² and the coverage of the intervals.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split; `val` is evaluated out of fold.

        Returns:
            The metrics of `number_metrics`.
        """
        outputs = self.split_folds(predictor, dataset, codec, split)
        bounds = codec.bounds(outputs) if split != "val" else None
        targets, groups = np.asarray(dataset[split].targets, float), cast("Any", dataset[split]).groups
        if split == "unseen":
            _note_range(targets, codec, cast("TableDataset[float]", dataset))
        metrics = number_metrics(codec.values(outputs), targets, groups, bounds)
        if split == "unseen":
            self.note_verdict(metrics)
        return metrics

    def calibrate(
        self, predictor: "Predictor", dataset: SupervisedDataset[Examples[float]], codec: NumberCodec
    ) -> NumberCodec:
        """Fit the other models, the weights and the intervals to out-of-fold predictions.

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
        intervals = CVPlusIntervals.fit(rows.targets, out_of_fold(by_fold, rows.folds)[:, 0], rows.folds)
        return codec.calibrated(ensemble, comparison, intervals)

    def report(
        self,
        predictor: "Predictor",
        dataset: SupervisedDataset[Examples[float]],
        codec: NumberCodec,
        folder: Path,
    ) -> None:
        """Draw the predictions, and write what all tables have.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        from plexus_tables.report import draw_predictions

        values = codec.values(self.split_folds(predictor, dataset, codec, "test"))
        draw_predictions(values, np.asarray(dataset["test"].targets, float), folder / "predictions.svg")
        self.write_model_report(predictor, dataset, codec, folder)

    def row_losses(self, codec: NumberCodec, outputs: Arrays, targets: Sequence[float]) -> np.ndarray:
        """Return the squared error of each row.

        Args:
            codec: The calibrated codec.
            outputs: The result of `codec.combine`.
            targets: The numbers.

        Returns:
            Losses in the squared unit of the target, shape `(n,)`.
        """
        return np.asarray(np.square(codec.values(outputs) - np.asarray(targets, float)))

    def total_loss(self, losses: np.ndarray) -> float:
        """Return the root mean squared error.

        Args:
            losses: Squared errors of shape `(n,)`.

        Returns:
            The error in the unit of the target.
        """
        return float(np.sqrt(losses.mean()))

    def shown_predictions(
        self, codec: NumberCodec, outputs: Arrays, targets: Sequence[float]
    ) -> dict[str, Sequence[object] | np.ndarray]:
        """Return the predicted numbers with their intervals.

        Args:
            codec: The calibrated codec.
            outputs: The result of `codec.combine`.
            targets: The numbers.

        Returns:
            `prediction`, `low`, `high` and `error`, the prediction less the target.
        """
        fields = codec.columns(outputs, [()] * len(targets))
        values = codec.values(outputs)
        error = values - np.asarray(targets, float)
        return {"prediction": values, "low": fields["low"], "high": fields["high"], "error": error}


def _note_range(targets: np.ndarray, codec: NumberCodec, dataset: TableDataset[float]) -> None:
    """Say how many targets no prediction can reach."""
    outside = int(((targets < codec.low) | (targets > codec.high)).sum())
    if outside:
        note(
            f"{dataset.place}: {outside:,} of {len(targets):,} targets are outside the training range "
            f"{codec.low:,.6g} to {codec.high:,.6g}, in which predictions stay; all targets are "
            f"{targets.min():,.6g} to {targets.max():,.6g}"
        )
