"""The steps that are the same for all tasks of tables."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

import numpy as np

from plexus import Batches, Examples, InputError, SupervisedDataset
from plexus.codec import Input, JsonObject
from plexus.options import resolved
from plexus.prediction import Columns, Prediction
from plexus.tasks.row_column import RowColumn
from plexus.tasks.row_inputs import RowInputs
from plexus_tables.memory import PLACE
from plexus_tables.options import TableOptions
from plexus_tables.sizes import sizes_for
from plexus_tables.table_card import TableCard
from plexus_tables.table_codec import TableCodec
from plexus_tables.table_explanation import TableExplanation
from plexus_tables.table_report import TableReport

if TYPE_CHECKING:
    import keras

    from plexus import Predictor
    from plexus.data.table_rows import TableRows
    from plexus_tables.dataset import TableDataset
    from plexus_tables.ensemble_fitting import TrainingRows

CodecT = TypeVar("CodecT", bound=TableCodec)


class TableTask(TableCard[CodecT], TableReport[CodecT], TableExplanation[CodecT], RowInputs, ABC, Generic[CodecT]):
    """Mixin of tasks of tables: one network with independent parts per fold, combined with other models by the codec.

    Attributes:
        activation: Activation of the layers.

    Example:
        ```python
        class Regress(TableTask[NumberCodec], RegressionTask[NumberCodec, TableOptions]):
            activation = "mish"
        ```
    """

    activation: ClassVar[str]

    def outputs(self, codec: CodecT) -> int:
        """Return the number of outputs of the network.

        Args:
            codec: The codec.

        Returns:
            Number of labels; 1 for numbers.
        """
        return 1

    @abstractmethod
    def target_array(self, dataset: SupervisedDataset[Any], codec: CodecT) -> np.ndarray:
        """Return the targets of the training rows as the network learns them.

        Args:
            dataset: The dataset.
            codec: The codec.

        Returns:
            Classes, or standardized numbers, shape `(n,)`.
        """

    def resolve_options(
        self, dataset: SupervisedDataset[Any], codec: CodecT, options: TableOptions
    ) -> dict[str, object]:
        """Choose the sizes of the network by the number of training rows; check that each fold has rows.

        The target is one of the options from here on: a table with other columns, or in another order, is evaluated on
        the same target.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.

        Raises:
            InputError: If there are fewer groups, or rows, than folds.
        """
        folds = int(dataset["train"].folds.max()) + 1
        if folds < options.folds:
            raise InputError(
                f"--folds {options.folds}: the training rows fill {folds} folds only, as no group is in two; "
                + (f"pass --folds {folds}" if folds > 1 else "pass data with more groups")
            )
        table = cast("TableDataset[Any]", dataset)
        in_memory = table["train"].inputs.name == PLACE
        return sizes_for(dataset.count("train")) | {"target": None if in_memory else table.target}

    def build_network(self, codec: CodecT, options: TableOptions) -> "keras.Model":
        """Build the networks of all folds as one.

        Args:
            codec: The codec.
            options: The resolved options.

        Returns:
            The network.
        """
        from plexus_tables.network import build_network

        return build_network(codec.encoder, self.outputs(codec), self.activation, options)

    def build_learner(
        self,
        network: "keras.Model",
        dataset: SupervisedDataset[Any],
        codec: CodecT,
        options: TableOptions,
    ) -> "keras.Model":
        """Build the training graph, in which no network learns from the rows of its fold.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The resolved options.

        Returns:
            The learner.
        """
        from plexus_tables.learner import TableLearner

        return TableLearner(network, options.folds)

    def batches(
        self,
        dataset: SupervisedDataset[Any],
        codec: CodecT,
        learner: "keras.Model",
        options: TableOptions,
        epoch: int,
    ) -> Batches:
        """Return all training rows once in each pass, with their folds, shuffled by seed and epoch.

        Args:
            dataset: The dataset.
            codec: The codec.
            learner: The learner.
            options: The resolved options.
            epoch: The epoch, counted from 0.

        Returns:
            The batches.
        """
        from plexus_tables.learner import FOLD

        x = {**dataset["train"].encode(codec), FOLD: dataset["train"].folds.astype(np.int32)}
        targets = self.target_array(dataset, codec)
        y = targets.astype(np.int32) if self.outputs(codec) > 1 else targets.astype(np.float32)[:, None]
        return Batches.shuffled(x, y, resolved(options.batch_size), options.seed, epoch, resolved(options.passes))

    def training_rows(self, dataset: SupervisedDataset[Any], codec: CodecT) -> "TrainingRows":
        """Return the encoded training rows.

        Args:
            dataset: The dataset.
            codec: The codec.

        Returns:
            The rows.
        """
        from plexus_tables.ensemble_fitting import TrainingRows

        train = dataset["train"]
        return TrainingRows(
            train.encode(codec),
            codec.encoder.code_sizes,
            codec.encoder.feature_columns,
            self.target_array(dataset, codec),
            self.outputs(codec),
            train.folds,
        )

    def split_folds(
        self, predictor: "Predictor", dataset: SupervisedDataset[Any], codec: CodecT, split: str
    ) -> dict[str, np.ndarray]:
        """Return the predictions for a split: of `val` out of fold, of other splits by all folds.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            The result of `codec.combine`; with one prediction per row, of its own fold, for `val`.

        Raises:
            InputError: If the split is empty.
        """
        from plexus_tables.member_fitting import out_of_fold

        examples = dataset[split]
        if not len(examples):
            raise InputError(f"the {split} split is empty: pass more data")
        arrays = examples.encode(codec)
        outputs = codec.outputs(predictor, arrays)
        if split != "val":
            return outputs
        return {name: out_of_fold(values, examples.folds)[:, None] for name, values in outputs.items()}

    def predict(self, predictor: "Predictor", codec: CodecT, inputs: Sequence[Input]) -> Sequence[Prediction]:
        """Predict for rows.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Rows as dictionaries, or a `TableRows`.

        Returns:
            One prediction per row.
        """
        return codec.prediction.from_columns(self.predict_columns(predictor, codec, inputs))

    def predict_columns(self, predictor: "Predictor", codec: CodecT, inputs: Sequence[Input]) -> Columns:
        """Predict for rows, without an object per row.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Rows as dictionaries, or a `TableRows`.

        Returns:
            For each field of the predictions, in their order, its values: one per row.

        Raises:
            InputError: If a row lacks a column, or cannot be read.
        """
        readings = codec.encoder.read(inputs)
        arrays = codec.encoder.arrays(readings)
        outputs = codec.outputs(predictor, arrays)
        return codec.columns(outputs, codec.encoder.warnings(inputs, readings))

    def describe_rows(self, codec: CodecT) -> list[RowColumn]:
        """Return the columns of a row with their typical values and frequent categories.

        Args:
            codec: The codec.

        Returns:
            The columns.
        """
        return [RowColumn(column.name, column.typical, column.categories) for column in codec.encoder.columns]

    def find_duplicates(self, examples: Examples[Any], reference: Examples[Any]) -> np.ndarray:
        """Return which rows also occur in a reference, whatever their targets.

        Args:
            examples: The rows to look up.
            reference: The rows to look in, with the same columns.

        Returns:
            Boolean array of shape `(examples,)`.
        """
        tables = [cast("TableRows", part.inputs).frame for part in (examples, reference)]
        columns = [name for name in tables[1].columns if name in tables[0].columns]
        return np.isin(_row_hashes(examples, columns), _row_hashes(reference, columns))

    def measure_drift(self, dataset: SupervisedDataset[Any], options: TableOptions) -> list[JsonObject]:
        """Compare the columns that are features with those of a later table.

        Args:
            dataset: The dataset.
            options: Options whose `data`, and `query` if it is a database, are the later table; it needs no target.

        Returns:
            The rows of `drift_table`.

        Raises:
            InputError: If the later table cannot be read, or lacks a column.
        """
        import polars as pl

        from plexus.data.databases import is_database
        from plexus_tables.drift import drift_table, readings_table
        from plexus_tables.table_source import read_source

        table = cast("TableDataset[Any]", dataset)
        encoder = table.fit_encoder()
        if not is_database(options.data):
            options = options.model_copy(update={"query": None})  # it is that of the dataset
        before = pl.concat([readings_table(encoder, table[split].inputs) for split in ("train", "test")])
        return drift_table(
            before, readings_table(encoder, read_source(options, needs_target=False).rows(encoder))
        ).to_dicts()


def _row_hashes(examples: Examples[Any], columns: Sequence[str]) -> np.ndarray:
    """Return a hash of each row; a number has the same in all types of columns."""
    import polars as pl

    numbers = pl.selectors.numeric().cast(pl.Float64)
    rows = cast("TableRows", examples.inputs)
    frame = rows.frame.select(columns).with_columns(numbers, (~pl.selectors.numeric()).cast(pl.String))
    return frame.hash_rows(seed=0).to_numpy()
