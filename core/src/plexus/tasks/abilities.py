"""Optional abilities of tasks, beyond training and prediction.

A task has an ability if it has the methods of the protocol; nothing is registered or inherited. The command line and
the server test for them with `isinstance`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:
    import keras
    import numpy as np

    from plexus.codec import Input, JsonObject
    from plexus.data.examples import Examples
    from plexus.data.findings import Findings
    from plexus.data.table_rows import TableRows
    from plexus.dataset import Dataset
    from plexus.inference.predictor import Predictor
    from plexus.options import Options
    from plexus.prediction import Columns, Prediction
    from plexus.utils.option_group import OptionGroup

DatasetT = TypeVar("DatasetT", contravariant=True)
CodecT = TypeVar("CodecT")
CodecInT = TypeVar("CodecInT", contravariant=True)
StateT = TypeVar("StateT")
OptionsT = TypeVar("OptionsT", contravariant=True)


@runtime_checkable
class Calibrated(Protocol[DatasetT, CodecT]):
    """A task whose codec holds values that can only be fitted after the network: a temperature, a threshold.

    Example:
        ```python
        def calibrate(self, predictor, dataset, codec):
            return codec.with_temperature(fit_temperature(*self.validation_logits(predictor, dataset, codec)))
        ```
    """

    def calibrate(self, predictor: "Predictor", dataset: DatasetT, codec: CodecT) -> CodecT:
        """Return the calibrated codec, fitted on the validation split.

        Args:
            predictor: The trained networks.
            dataset: The dataset.
            codec: The fitted codec, which is not changed.

        Returns:
            A new codec.
        """
        ...


@runtime_checkable
class SelectsNetworks(Protocol[DatasetT, CodecT]):
    """A task that trains several candidates at the same time and selects one of them after the training.

    Example:
        ```python
        def select_networks(self, networks, predictor, dataset, codec):
            return {"network": networks[best_candidate(predictor, dataset["val"])]}, codec
        ```
    """

    def select_networks(
        self, networks: "Mapping[str, keras.Model]", predictor: "Predictor", dataset: DatasetT, codec: CodecT
    ) -> "tuple[Mapping[str, keras.Model], CodecT]":
        """Return the networks that are exported, by the validation split.

        Args:
            networks: The networks of `export_networks`, with the weights that are kept.
            predictor: The same networks as a predictor.
            dataset: The dataset.
            codec: The fitted codec.

        Returns:
            Some or all of the networks by name, `network` among them, and the codec to go with them.
        """
        ...


@runtime_checkable
class Reporting(Protocol[DatasetT, CodecInT]):
    """A task that draws figures of a model's results on the test split.

    Example:
        ```python
        def report(self, predictor, dataset, codec, folder):
            draw_confusion_matrix(predicted, classes, codec.labels, folder / "confusion.png")
        ```
    """

    def report(self, predictor: "Predictor", dataset: DatasetT, codec: CodecInT, folder: Path) -> None:
        """Write figures (`.png`, `.svg`, `.gif`) or pages (`.html`).

        Args:
            predictor: The networks of the bundle.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        ...


@runtime_checkable
class DescribesModels(Protocol[DatasetT, CodecInT]):
    """A task that adds a section of its own to the model card: what a kind of evaluation has to state.

    Example:
        ```python
        def card_section(self, predictor, dataset, codec, metrics):
            return ["## Intended use", "", "Not for clinical use."]
        ```
    """

    def card_section(
        self, predictor: "Predictor", dataset: DatasetT, codec: CodecInT, metrics: Mapping[str, float]
    ) -> list[str]:
        """Write the section.

        Args:
            predictor: The networks of the bundle.
            dataset: The dataset.
            codec: The calibrated codec.
            metrics: Metrics of the test split.

        Returns:
            Lines of Markdown.
        """
        ...


@runtime_checkable
class DescribesTraining(Protocol[CodecInT]):
    """A task whose model is more than the networks that are trained: the report says what its learning curves are of.

    Example:
        ```python
        def training_note(self, codec):
            return f"Curves of the networks, which have {codec.network_weight:.0%} of the weight of the model"
        ```
    """

    def training_note(self, codec: CodecInT) -> str:
        """Return which part of the model the learning curves and the gradient norms belong to.

        Args:
            codec: The calibrated codec.

        Returns:
            A sentence without its full stop, for captions.
        """
        ...


@runtime_checkable
class StartsFromBundles(Protocol[CodecInT]):
    """A task whose training can start from the weights of a bundle: `plexus train --from`.

    The weights of the layers before the output have to mean the same in every training of the task: those of a network
    for images do, those of an embedding of words do only with the same vocabulary.

    Example:
        ```python
        def has_same_outputs(self, codec, other):
            return codec.labels == other.labels
        ```
    """

    def has_same_outputs(self, codec: CodecInT, other: CodecInT) -> bool:
        """Return whether the outputs of two networks mean the same, so that the last layer can be copied.

        Args:
            codec: The codec of the training.
            other: The codec of the bundle to start from.

        Returns:
            Whether they do: whether the labels are the same, in the same order.
        """
        ...


@runtime_checkable
class Pretrainable(Protocol):
    """A task whose network can be pretrained without labels: `plexus pretrain`, then `plexus train --from`.

    Attributes:
        pretraining_task: Id of the task of the same plugin that trains the network without its output layer.

    Example:
        ```python
        class Flowers(ImageInputs, ClassificationTask[FlowerCodec, FlowerOptions]):
            pretraining_task = "flowers.pretrain"
        ```
    """

    pretraining_task: str


@runtime_checkable
class Explainable(Protocol[CodecInT]):
    """A task that explains single predictions.

    Attributes:
        explanation_suffix: Suffix of the file that `explain` writes: `.png`.

    Example:
        ```python
        if isinstance(task, Explainable):
            task.explain(predictor, codec, image, Path(f"explanation{task.explanation_suffix}"))
        ```
    """

    explanation_suffix: str

    def explain(self, predictor: "Predictor", codec: CodecInT, raw_input: "Input", path: Path) -> Path:
        """Write the explanation of one prediction.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The raw input.
            path: File to write.

        Returns:
            The file that was written.

        Raises:
            InputError: If the input cannot be read.
        """
        ...


@runtime_checkable
class ExplainsInNumbers(Protocol[CodecInT]):
    """A task that explains single predictions as numbers: the Shapley value of each feature.

    The numbers are those that `Explainable.explain` draws. The command line and the server add them to its file.

    Example:
        ```python
        if isinstance(task, ExplainsInNumbers):
            task.explanation_values(predictor, codec, row)["contributions"][0]  # the largest change
        ```
    """

    def explanation_values(self, predictor: "Predictor", codec: CodecInT, raw_input: "Input") -> "JsonObject":
        """Return the explanation of one prediction as numbers.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The raw input.

        Returns:
            `prediction` and `typical_prediction`, that of a typical input, in `unit`; `contributions`: as of
            `plexus.explain.contributions.sorted_contributions`, their changes sum to the difference of both. A task
            may add `reasons`, sentences, and `similar_rows`: a list of `distance`, `target` and `values` by column, the
            most similar row first.

        Raises:
            InputError: If the input cannot be read.
        """
        ...


@runtime_checkable
class ExplainsWithValues(Protocol[CodecInT]):
    """A task whose figure and numbers of an explanation come from one computation.

    It is `Explainable` and `ExplainsInNumbers`, too: one of both may be asked for alone.

    Example:
        ```python
        if isinstance(task, ExplainsWithValues):
            task.explain_with_values(predictor, codec, row, Path("row.png"))["contributions"][0]
        ```
    """

    def explain_with_values(
        self, predictor: "Predictor", codec: CodecInT, raw_input: "Input", path: Path
    ) -> "JsonObject":
        """Write the explanation of one prediction, and return it as numbers.

        Args:
            predictor: The networks.
            codec: The codec.
            raw_input: The raw input.
            path: File to write.

        Returns:
            As of `ExplainsInNumbers.explanation_values`.

        Raises:
            InputError: If the input cannot be read.
        """
        ...


@runtime_checkable
class Servable(Protocol[CodecInT]):
    """A task that answers HTTP requests.

    Attributes:
        request_description: What one value of a request holds, for clients: `a text`.

    Example:
        ```python
        request_description = "a text"

        def parse_request(self, codec, value):
            if not isinstance(value, str):
                raise InputError(f"expected a string, got {type(value).__name__}")
            return value
        ```
    """

    request_description: str

    def parse_request(self, codec: CodecInT, value: "Input") -> "Input":
        """Return the raw input that a value of a request stands for.

        It never names a file of the server.

        Args:
            codec: The codec.
            value: A JSON value, or the bytes of a file.

        Returns:
            The raw input.

        Raises:
            InputError: If the value stands for none.
        """
        ...


@runtime_checkable
class AnswersTables(Protocol):
    """A task that predicts for the rows of a table.

    Example:
        ```python
        def table_inputs(self, parts, options):
            for rows in parts:
                yield rows.frame["text"].to_list()
        ```
    """

    def table_inputs(self, parts: "Iterable[TableRows]", options: "OptionGroup | None") -> "Iterator[Sequence[Input]]":
        """Convert the rows of a table to raw inputs.

        Args:
            parts: The table in parts of any number of rows. What is detected, such as a column, is detected once, in
                the first part.
            options: The options of `Task.predict_options`; None if the task has none.

        Returns:
            An iterator: of each part one raw input per row.

        Raises:
            InputError: If the table lacks a column.
        """
        ...


@runtime_checkable
class AnswersInColumns(Protocol[CodecInT]):
    """A task that predicts for many rows by column: an object per row takes longer than a small network.

    Example:
        ```python
        def predict_columns(self, predictor, codec, inputs):
            return LabelPrediction.columns(codec.labels, codec.probabilities(predictor(codec.encode(inputs))))
        ```
    """

    def predict_columns(self, predictor: "Predictor", codec: CodecInT, inputs: "Sequence[Input]") -> "Columns":
        """Predict for raw inputs, as `Task.predict` does.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Raw inputs, any number.

        Returns:
            For each field of the prediction, in their order, its values: one per input.

        Raises:
            InputError: If an input cannot be read; the line names it.
        """
        ...


@runtime_checkable
class FindsDuplicates(Protocol):
    """A task that recognizes examples that occur twice; `plexus data check` counts them.

    Example:
        ```python
        def find_duplicates(self, examples, reference):
            return np.isin(examples.inputs, reference.inputs)
        ```
    """

    def find_duplicates(self, examples: "Examples[str]", reference: "Examples[str]") -> "np.ndarray":
        """Return which examples also occur in a reference, exactly or nearly.

        Args:
            examples: The examples to look up.
            reference: The examples to look in.

        Returns:
            Boolean array of shape `(examples,)`.
        """
        ...


@runtime_checkable
class FindsMissingLabels(Protocol[DatasetT, CodecInT]):
    """A task whose models show where an annotation lacks a label; `plexus data check --bundle`.

    Example:
        ```python
        def find_missing_labels(self, predictor, dataset, codec):
            return [each.to_json() for each in self.objects_without_label(predictor, dataset, codec)]
        ```
    """

    def find_missing_labels(self, predictor: "Predictor", dataset: DatasetT, codec: CodecInT) -> "list[JsonObject]":
        """Find labels that are probably missing in a dataset.

        Args:
            predictor: The networks of a bundle.
            dataset: The dataset, of which the model may have seen a part.
            codec: The calibrated codec.

        Returns:
            Per label `split`, `image`, `label`, `box` and `probability`, the most probable first.

        Raises:
            InputError: If an input cannot be read.
        """
        ...


@runtime_checkable
class SuggestsExamples(Protocol[CodecInT]):
    """A task that suggests which unlabelled inputs a person should label next; `plexus data suggest`.

    Example:
        ```python
        if isinstance(task, SuggestsExamples):
            inputs = task.read_unlabelled(options, findings)
            task.suggest_examples(inputs, 10, options.seed)[0]["row"]
        ```
    """

    def read_unlabelled(self, options: "Options", findings: "Findings") -> "Sequence[Input] | np.ndarray":
        """Read the inputs of `--data`, without labels.

        Args:
            options: The options.
            findings: Counts what cannot be read, which is dropped.

        Returns:
            An array, the first axis along the inputs, or a list of files.

        Raises:
            InputError: If there is no input, or the inputs cannot be used.
        """
        ...

    def suggest_examples(
        self,
        inputs: "Sequence[Input] | np.ndarray",
        count: int,
        seed: int,
        labelled: Sequence[int] = (),
        model: "tuple[Predictor, CodecInT] | None" = None,
    ) -> "list[JsonObject]":
        """Suggest which inputs to label next.

        Args:
            inputs: The inputs, as of `read_unlabelled`.
            count: Number of suggestions.
            seed: Random seed.
            labelled: Rows of inputs that have a label already.
            model: Networks and codec of a bundle of the task; None for suggestions without a model.

        Returns:
            Per suggestion `row`; without a model `cluster_size`, the number of similar inputs; with a model `labels`,
            the two most probable ones, their `probabilities` and `margin`. The most useful first.

        Raises:
            InputError: If an input cannot be read, or there are fewer different inputs than suggestions.
        """
        ...


@runtime_checkable
class MeasuresDrift(Protocol[DatasetT]):
    """A task whose features can be compared with those of later data, which need no targets; `plexus data drift`.

    Example:
        ```python
        def measure_drift(self, dataset, options):
            return drift_table(dataset.frame, read_table(options.data)).to_dicts()
        ```
    """

    def measure_drift(self, dataset: DatasetT, options: "Options") -> "list[JsonObject]":
        """Compare the features of a dataset with those of later data.

        Args:
            dataset: The dataset.
            options: Options whose `data` are the later data.

        Returns:
            Per feature `column`, `psi` (the population stability index), `psi_by_chance` (the mean of random splits of
            all rows) and `large` (whether the index is large, and twice that by chance); the largest index first.

        Raises:
            InputError: If the later data cannot be read, or lack a feature.
        """
        ...


@runtime_checkable
class LearnsFromExamples(FindsDuplicates, Protocol):
    """A task that learns from labelled examples in memory; `plexus.Estimator` needs it.

    Example:
        ```python
        def make_examples(self, inputs, targets):
            return Examples(list(inputs), list(targets))
        ```
    """

    def make_examples(self, inputs: "Sequence[Input]", targets: Sequence[str]) -> "Examples[str]":
        """Return labelled examples.

        Args:
            inputs: Raw inputs.
            targets: One target per input.

        Returns:
            The examples.

        Raises:
            InputError: If the inputs cannot be used.
        """
        ...


@runtime_checkable
class LearnsFromTables(Protocol[OptionsT]):
    """A task that learns from a table in memory; `plexus.Estimator` prefers it to `LearnsFromExamples`.

    Example:
        ```python
        def make_rows(self, table):
            return TableRows(to_frame(table), "X")

        def make_dataset(self, rows, targets, options):
            return classification_dataset(TableSource.in_memory(rows.frame, targets, "X"), options)
        ```
    """

    def make_rows(self, table: object) -> "TableRows":
        """Return the rows of a table in memory, to learn from or to predict for.

        Args:
            table: A table of Polars or pandas, an array of shape `(n, columns)`, or a list of dictionaries.

        Returns:
            The rows.

        Raises:
            InputError: If it is nothing of these.
        """
        ...

    def make_dataset(self, rows: "TableRows", targets: Sequence[object], options: OptionsT) -> "Dataset":
        """Return the dataset of a table and its targets.

        Args:
            rows: The rows.
            targets: One target per row: labels as strings, or numbers.
            options: The options.

        Returns:
            The dataset, split.

        Raises:
            InputError: If the table cannot be used.
        """
        ...


@runtime_checkable
class Streaming(Protocol[CodecInT, StateT]):
    """A task whose predictions depend on earlier inputs: the history of a customer.

    The state is an object of its own: neither the codec nor the bundle changes with a prediction.

    Example:
        ```python
        state = task.initial_state(bundle.codec)
        bundle.predict(transactions, state=state)
        task.save_state(state, Path("customers.npz"))
        ```
    """

    def initial_state(self, codec: CodecInT) -> StateT:
        """Return the state after training.

        Args:
            codec: The codec.

        Returns:
            A new state, which the caller owns.
        """
        ...

    def predict_stream(
        self, predictor: "Predictor", codec: CodecInT, inputs: "Sequence[Input]", state: StateT
    ) -> "Sequence[Prediction]":
        """Predict for inputs that follow those in the state, and add them to it.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Raw inputs in the order of time.
            state: The state, which is updated.

        Returns:
            One prediction per input.
        """
        ...

    def load_state(self, path: Path) -> StateT:
        """Read a state that `save_state` wrote.

        Args:
            path: The file.

        Returns:
            The state.

        Raises:
            InputError: If the file is not such a state.
        """
        ...

    def save_state(self, state: StateT, path: Path) -> None:
        """Write a state, whole or not at all.

        Args:
            state: The state.
            path: The file.
        """
        ...
