"""The base class of tasks."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from plexus.data.text import read_standard_input_text
from plexus.errors import InputError
from plexus.inference.predictor import NETWORK
from plexus.metric import Metric

if TYPE_CHECKING:
    import keras

    from plexus.codec import Codec, Input
    from plexus.data.batches import Batches
    from plexus.data.named import NamedDataset
    from plexus.dataset import Dataset
    from plexus.inference.predictor import Predictor
    from plexus.options import Options
    from plexus.prediction import Prediction
    from plexus.utils.option_group import OptionGroup

DatasetT = TypeVar("DatasetT", bound="Dataset")
CodecT = TypeVar("CodecT", bound="Codec")
OptionsT = TypeVar("OptionsT", bound="Options")


@dataclass(frozen=True)
class TaskContext:
    """The registration of a task.

    Args:
        summary: One line about the task.
        plugin: Name, distribution and version of the plugin that registered it.
        datasets: Named data sets by name, for `--data NAME`.
        dataset_errors: Errors by name, for those of `datasets` that the task cannot read.

    Example:
        ```python
        task = Rain("weather.rain", TaskContext(summary="Whether it will rain"))
        ```
    """

    summary: str = ""
    plugin: Mapping[str, str] = field(default_factory=dict)
    datasets: "Mapping[str, NamedDataset]" = field(default_factory=dict)
    dataset_errors: Mapping[str, str] = field(default_factory=dict)


class TrainedModel(Protocol):
    """The model of a finished stage; `plexus.Bundle` implements it.

    Attributes:
        metrics: Metrics on the test split.

    Example:
        ```python
        def stage_dataset(self, dataset, models: Mapping[str, TrainedModel], options):
            labels = [prediction.label for prediction in models["teacher"].predict(dataset["train"].inputs)]
            return dataset.replace_train(Examples(dataset["train"].inputs, labels))
        ```
    """

    @property
    def metrics(self) -> dict[str, float]:
        """Metrics on the test split."""
        ...

    def predict(self, inputs: "Sequence[Input]") -> "Sequence[Prediction]":
        """Predict for raw inputs.

        Args:
            inputs: Raw inputs, any number.

        Returns:
            One prediction per input.
        """
        ...


@dataclass(frozen=True)
class Stage(Generic[OptionsT]):
    """A training that comes before the last one, with options of its own. It has no stages itself.

    Args:
        name: Folder of the stage's run, in `stages/` of the run.
        options: Options of the stage.

    Example:
        ```python
        def stages(self, options):
            return [Stage("teacher", options.model_copy(update={"epochs": 5}))]
        ```
    """

    name: str
    options: OptionsT


class Task(ABC, Generic[DatasetT, CodecT, OptionsT]):
    """Something that a model can learn: the steps from raw data to a prediction.

    Training calls the methods in the order in which they stand here. A task is quick to import and stateless: each
    method gets what earlier ones returned. What a task can do beyond training and prediction is declared by the
    protocols of `plexus.tasks.abilities`, which it implements simply by having their methods.

    Attributes:
        options: The class of the task's options.
        codec: The class of its codec.
        metric: The metric that ranks its models.
        other_metrics: Descriptions of the other metrics that `evaluate` returns, for reports and pages.
        figure_captions: Captions of the files that a `Reporting` task writes, by file name.
        trial_options: Options of a training of some seconds that needs no network; the conformance checks run it.
        predict_options: Options of `plexus predict` that only this task has; None if it has none.
        evaluation_protocol: What the metrics of the test split are computed on, for the model card.
        target_name: Noun for the target of an example, whose plural ends in s, for messages about the data.
        restore_best_weights: Whether the weights of the epoch with the best validation metric are kept. False keeps
            the last epoch's, where the metric cannot rank epochs.

    Args:
        id: The name that users type: `weather.rain`.
        context: The registration; empty for a task that is not registered.

    Example:
        ```python
        class Rain(Task[RainDataset, RainCodec, RainOptions]):
            options, codec = RainOptions, RainCodec
            metric = Metric("accuracy", baseline="majority_accuracy")
        ```
    """

    options: type[OptionsT]
    codec: type[CodecT]
    metric: ClassVar[Metric]
    other_metrics: ClassVar[Sequence[Metric]] = ()
    figure_captions: ClassVar[Mapping[str, str]] = {}
    trial_options: ClassVar[Mapping[str, object]] = {}
    predict_options: ClassVar["type[OptionGroup] | None"] = None
    evaluation_protocol: ClassVar[str] = "on examples that training never saw"
    target_name: ClassVar[str] = "label"
    restore_best_weights: ClassVar[bool] = True

    def __init__(self, id: str, context: TaskContext | None = None) -> None:
        self.id, self.context = id, context or TaskContext()

    @property
    def package(self) -> str:
        """The top-level package that defines the task: `plexus_weather`."""
        return type(self).__module__.split(".")[0]

    def describe_metric(self, name: str) -> Metric:
        """Return the title, unit and direction of a metric.

        Args:
            name: A key of the result of `evaluate`.

        Returns:
            The description; without a direction if the task describes no such metric.
        """
        metrics = (self.metric, *self.other_metrics)
        return next((metric for metric in metrics if metric.name == name), Metric(name, higher_is_better=None))

    def locate(self, data: str) -> "Path | NamedDataset":
        """Resolve the value of `--data`.

        Args:
            data: Name of a data set, one file of it (`NAME/FILE`), a path, or an http(s) address.

        Returns:
            The path, or the named data set.

        Raises:
            InputError: If it is none of these, in which case the line names the nearest data set; or if it is a data
                set that the task cannot read, in which case the line names those that it can.
        """
        from plexus.data.named import locate

        errors, datasets = self.context.dataset_errors, self.context.datasets
        if data in errors:
            raise InputError(errors[data])
        return locate(data, datasets, [name for name in datasets if name not in errors])

    def locate_inputs(self, data: str) -> "Path | NamedDataset":
        """Resolve the value of an option that names inputs whose labels are not read.

        Args:
            data: As of `locate`.

        Returns:
            The path, or the named data set, also one whose labels are those of another task.

        Raises:
            InputError: If it is neither.
        """
        from plexus.data.named import locate

        return locate(data, self.context.datasets)

    def best_epoch(self, values: Sequence[float]) -> int:
        """Return the epoch whose weights are kept.

        Args:
            values: The validation metric of the epochs so far.

        Returns:
            Index of the epoch.
        """
        return self.metric.best_index(values) if self.restore_best_weights else len(values) - 1

    @abstractmethod
    def load_dataset(self, options: OptionsT) -> DatasetT:
        """Read the data that `options.data` names.

        Args:
            options: The options of the training.

        Returns:
            The dataset.

        Raises:
            InputError: If the data cannot be used; the line says where and what would be right.
        """

    def check_bundle_options(self, options: OptionsT, codec: CodecT) -> OptionsT:
        """Check the options that a bundle records before its data is read: a bundle may come from anyone.

        Core refuses addresses in `options.data` before.

        Args:
            options: The options of the bundle.
            codec: The codec of the bundle.

        Returns:
            The options to read the data with.

        Raises:
            InputError: If they name what only the user may name, such as a module to import.
        """
        return options

    def stages(self, options: OptionsT) -> Sequence[Stage[OptionsT]]:
        """Return the trainings that come before the last one: a teacher, a pretraining.

        Each stage is a run of its own in `RUN/stages/NAME`, so that it is resumed like any other.

        Args:
            options: The options of the training.

        Returns:
            The stages in order; none by default.
        """
        return ()

    def stage_dataset(self, dataset: DatasetT, models: Mapping[str, TrainedModel], options: OptionsT) -> DatasetT:
        """Return the dataset of a stage or of the last training, given the models of the stages before it.

        Evaluations and predictions do not call it: what models learn from and are not evaluated on, such as synthetic
        examples, is added here.

        Args:
            dataset: The result of `load_dataset`.
            models: Models of the finished stages, by name.
            options: The options of the training, or those of the stage.

        Returns:
            The dataset to learn from; `dataset` itself by default.
        """
        return dataset

    @abstractmethod
    def fit_codec(self, dataset: DatasetT, options: OptionsT) -> CodecT:
        """Fit the codec on the training split. A pure function of its arguments.

        Args:
            dataset: The dataset.
            options: The options of the training.

        Returns:
            The fitted codec.
        """

    def check_dataset(self, dataset: DatasetT, options: OptionsT) -> None:
        """Check that a training could start with the data: `plexus data check`.

        The default fits the codec. A task whose codec takes long to fit checks what is quick to check.

        Args:
            dataset: The dataset.
            options: The options of the training.

        Raises:
            InputError: If the data cannot be used.
        """
        self.fit_codec(dataset, options)

    def resolve_options(self, dataset: DatasetT, codec: CodecT, options: OptionsT) -> dict[str, object]:
        """Return values for options that the user left open (None).

        Args:
            dataset: The dataset.
            codec: The fitted codec.
            options: The options, whose batch size is resolved already.

        Returns:
            Values by option name; options that are not None keep their value.
        """
        return {}

    @abstractmethod
    def build_network(self, codec: CodecT, options: OptionsT) -> "keras.Model":
        """Build the inference graph, a functional model from a dictionary to a dictionary.

        Args:
            codec: The fitted codec.
            options: The resolved options.

        Returns:
            The network: `keras.Model({"x": x}, {"logits": logits})`.
        """

    def export_networks(self, network: "keras.Model", codec: CodecT, options: OptionsT) -> "dict[str, keras.Model]":
        """Return the networks that the bundle holds, by name; each has to survive the export to ONNX.

        Args:
            network: The result of `build_network`, whose weights they share.
            codec: The fitted codec.
            options: The resolved options.

        Returns:
            The networks by name; by default the network itself, as `network`.
        """
        return {NETWORK: network}

    def build_learner(
        self, network: "keras.Model", dataset: DatasetT, codec: CodecT, options: OptionsT
    ) -> "keras.Model":
        """Build the training graph around the network: augmentation, a loss of its own. It is compiled by core.

        Args:
            network: The inference graph.
            dataset: The dataset.
            codec: The fitted codec.
            options: The resolved options.

        Returns:
            The learner; by default the network.
        """
        return network

    def loss(self, options: OptionsT) -> object:
        """Return the Keras loss to compile the learner with.

        Args:
            options: The resolved options.

        Returns:
            A loss as `keras.Model.compile` takes it; None if the learner has a `compute_loss`.
        """
        return None

    @abstractmethod
    def batches(
        self, dataset: DatasetT, codec: CodecT, learner: "keras.Model", options: OptionsT, epoch: int
    ) -> "Batches":
        """Return the data of one epoch, a function of the arguments alone. It may call the learner.

        Args:
            dataset: The dataset.
            codec: The fitted codec.
            learner: The training graph.
            options: The resolved options.
            epoch: The epoch, counted from 0.

        Returns:
            The batches of the epoch, in order.
        """

    @abstractmethod
    def evaluate(self, predictor: "Predictor", dataset: DatasetT, codec: CodecT, split: str) -> dict[str, float]:
        """Compute the metrics on a split.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec, calibrated if the task is `Calibrated`.
            split: `train`, `val`, `test`, or `unseen` for data that the model did not learn from.

        Returns:
            The metrics by name, `metric.name` and its baseline among them.
        """

    def predict(self, predictor: "Predictor", codec: CodecT, inputs: "Sequence[Input]") -> "Sequence[Prediction]":
        """Predict for raw inputs: encode, compute, decode.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Raw inputs, any number.

        Returns:
            One prediction per input.

        Raises:
            InputError: If an input cannot be read; the line names it.
        """
        return codec.decode(predictor(codec.encode(inputs)), inputs)

    def parse_argument(self, argument: str) -> "Iterable[tuple[str, Input]]":
        """Return the raw inputs that an argument of `plexus predict` stands for.

        Args:
            argument: A file, a folder or a text; `-` for standard input.

        Returns:
            Pairs of a name and a raw input; by default the text itself.

        Raises:
            InputError: If there is no such file.
        """
        return [(argument, read_standard_input_text() if argument == "-" else argument)]

    def default_inputs(self, options: "OptionGroup | None") -> "Iterable[tuple[str, Input]]":
        """Return the raw inputs that the task's own options of `plexus predict` stand for.

        Args:
            options: The options of `predict_options`; None if the task has none.

        Returns:
            Pairs of a name and a raw input.

        Raises:
            InputError: If they stand for none.
        """
        raise InputError("missing argument INPUT: pass files, folders or texts, or - for standard input")


AnyTask = Task[Any, Any, Any]
"""A task whose types are not known: what the registry returns."""
