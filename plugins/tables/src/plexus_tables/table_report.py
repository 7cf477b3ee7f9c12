"""The parts of the report that all tasks of tables have."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

import numpy as np

from plexus import Metric, SupervisedDataset
from plexus.codec import Arrays
from plexus.data.spreadsheets import write_spreadsheet
from plexus_tables.ensemble import NETWORK
from plexus_tables.report import write_comparison
from plexus_tables.table_codec import TableCodec

if TYPE_CHECKING:
    from plexus import Predictor
    from plexus_tables.dataset import TableExamples

CodecT = TypeVar("CodecT", bound=TableCodec)
MAX_LOSSES = 10
"""Rows in the table of the largest losses."""
DIGITS = 4
"""Significant digits of the predictions in it below 1,000; larger ones are whole numbers."""
LARGEST_LOSSES = "largest_losses.csv"
REPORT_FIGURES = {
    "importance.svg": "Permutation importance (Breiman 2001; Fisher et al. 2019): increase of the loss if values of "
    "a column are permuted among test rows, drawn at random. Lines are standard errors over the permutations. Of two "
    "columns with the same information, each looks less important than both. All columns are in importance.csv",
    LARGEST_LOSSES: "The test rows with the largest loss, by their number in the data",
}
"""Captions of what `TableReport` writes."""


class TableReport(ABC, Generic[CodecT]):
    """Mixin of the tasks of tables that compares models, and shows the columns and the rows that matter for the loss.

    Attributes:
        metric: The metric that ranks the models, a loss.
        comparison_loss: Name of the loss that models are compared by.

    Example:
        ```python
        class Regress(TableReport[NumberCodec], RegressionTask[NumberCodec, TableOptions]): ...
        ```
    """

    metric: ClassVar[Metric]
    comparison_loss: ClassVar[str] = "Log loss"

    @abstractmethod
    def row_losses(self, codec: CodecT, outputs: Arrays, targets: Sequence[Any]) -> np.ndarray:
        """Return the loss of each row, which the metric that ranks the models is computed from.

        Args:
            codec: The calibrated codec.
            outputs: The result of `codec.combine`.
            targets: The targets of the rows.

        Returns:
            Losses of shape `(n,)`.
        """

    def total_loss(self, losses: np.ndarray) -> float:
        """Return the metric that ranks the models.

        Args:
            losses: The result of `row_losses`.

        Returns:
            Their mean.
        """
        return float(losses.mean())

    @abstractmethod
    def shown_predictions(
        self, codec: CodecT, outputs: Arrays, targets: Sequence[Any]
    ) -> dict[str, Sequence[object] | np.ndarray]:
        """Return what the table of the largest losses shows next to row and target.

        Args:
            codec: The calibrated codec.
            outputs: The result of `codec.combine`.
            targets: The targets of the rows.

        Returns:
            For each column of the table its values: one per row.
        """

    def training_note(self, codec: CodecT) -> str:
        """Return how much of the model in use the networks are, which the learning curves belong to.

        Args:
            codec: The calibrated codec.

        Returns:
            A sentence without its full stop.
        """
        model = codec.ensemble.describe(codec.comparison[0].model)
        weight = codec.ensemble.weights.get(NETWORK, 0.0)
        if weight == 0:
            return f"Training of the networks, which are not part of the model in use: {model}"
        if weight == 1:
            return "Training of the networks, which are the model in use"
        return f"Training of the networks, which have {100 * weight:.0f} % of the weight in the model in use: {model}"

    def write_model_report(
        self, predictor: "Predictor", dataset: SupervisedDataset[Any], codec: CodecT, folder: Path
    ) -> None:
        """Write the comparison of models, the importance of the columns, and the test rows with the largest loss.

        Cells of columns other than the target are not shown: they may be data of patients.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        write_comparison(codec.comparison, self.comparison_loss, folder)
        test = cast("TableExamples[Any]", dataset["test"])
        arrays = test.encode(codec)
        outputs = codec.outputs(predictor, arrays)
        self._write_largest_losses(codec, outputs, test, folder)
        self._write_importance(predictor, codec, arrays, test.targets, folder)

    def _write_largest_losses(self, codec: CodecT, outputs: Arrays, test: "TableExamples[Any]", folder: Path) -> None:
        import polars as pl

        losses = self.row_losses(codec, outputs, test.targets)
        floats = pl.selectors.float()
        rounded = pl.when(floats.abs() < 1000).then(floats.round_sig_figs(DIGITS)).otherwise(floats.round(0))
        predictions = pl.DataFrame(self.shown_predictions(codec, outputs, test.targets)).with_columns(rounded)
        table = pl.DataFrame({"row": list(test.inputs.numbers), "target": list(test.targets)}).hstack(predictions)
        write_spreadsheet(table[np.argsort(-losses, kind="stable")[:MAX_LOSSES]], folder / LARGEST_LOSSES)

    def _write_importance(
        self, predictor: "Predictor", codec: CodecT, arrays: Arrays, targets: Sequence[Any], folder: Path
    ) -> None:
        from plexus_tables.importance import permutation_importance, rows_and_repeats, write_importance

        names = codec.encoder.names
        rows, repeats = rows_and_repeats(len(targets), len(names))
        sample = np.random.default_rng(0).permutation(len(targets))[:rows]
        sampled = [targets[row] for row in sample]

        def loss(batch: Arrays) -> float:
            return self.total_loss(self.row_losses(codec, codec.outputs(predictor, batch), sampled))

        importance = permutation_importance(
            loss,
            {name: array[sample] for name, array in arrays.items()},
            codec.encoder.feature_columns,
            len(names),
            repeats,
        )
        write_importance(importance, names, rows, self.metric.label, folder)
