"""The base class of regression tasks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

import numpy as np

from plexus.data.batches import Batches
from plexus.data.examples import Examples, SupervisedDataset, identical_inputs
from plexus.errors import InputError
from plexus.metric import Metric
from plexus.metrics.regression import REGRESSION_METRICS, regression_metrics
from plexus.task import OptionsT, Task
from plexus.tasks.regression_codec import RegressionCodec
from plexus.tasks.supervised_examples import SupervisedExamples

if TYPE_CHECKING:
    import keras

    from plexus.inference.predictor import Predictor

RegressionCodecT = TypeVar("RegressionCodecT", bound=RegressionCodec)
NumericDataset = SupervisedDataset[Examples[float]]


class RegressionTask(
    SupervisedExamples, Task[NumericDataset, RegressionCodecT, OptionsT], Generic[RegressionCodecT, OptionsT]
):
    """A task that predicts a number.

    A subclass reads the data (`load_dataset`), fits a `RegressionCodec` (`fit_codec`) and builds a network whose output
    is `value` of shape `(n, 1)`: the target in standard deviations from its mean (`build_network`). Squared error,
    shuffled batches and metrics are here.

    Example:
        ```python
        class HousePrices(RegressionTask[HouseCodec, HouseOptions]):
            options, codec = HouseOptions, HouseCodec

            def load_dataset(self, options): ...
            def fit_codec(self, dataset, options): ...
            def build_network(self, codec, options): ...
        ```
    """

    metric = Metric("rmse", "Root mean squared error", baseline="mean_rmse", higher_is_better=False)
    other_metrics: ClassVar[Sequence[Metric]] = REGRESSION_METRICS

    def loss(self, options: OptionsT) -> object:
        """Return the squared error of the standardized target.

        Args:
            options: The resolved options.

        Returns:
            The loss by output name.
        """
        return {"value": "mean_squared_error"}

    def batches(
        self, dataset: NumericDataset, codec: RegressionCodecT, learner: "keras.Model", options: OptionsT, epoch: int
    ) -> Batches:
        """Return all training examples once, shuffled by seed and epoch.

        Args:
            dataset: The dataset.
            codec: The fitted codec.
            learner: The training graph.
            options: The resolved options.
            epoch: The epoch, counted from 0.

        Returns:
            The batches.
        """
        train = dataset["train"]
        targets = codec.standardize(np.asarray(train.targets))
        return Batches.shuffled(train.encode(codec), targets, options.batch_size or 1, options.seed, epoch)

    def evaluate(
        self, predictor: "Predictor", dataset: NumericDataset, codec: RegressionCodecT, split: str
    ) -> dict[str, float]:
        """Compute root mean squared error, mean absolute error and R².

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            The metrics of `regression_metrics`.

        Raises:
            InputError: If the split is empty.
        """
        examples = dataset[split]
        if not len(examples):
            raise InputError(f"the {split} split is empty: pass more data")
        values = codec.values(predictor(examples.encode(codec)))
        return regression_metrics(values, np.asarray(examples.targets, float))

    def find_duplicates(self, examples: Examples[float], reference: Examples[float]) -> np.ndarray:
        """Return which examples also occur in a reference, by their bytes.

        Args:
            examples: The examples to look up.
            reference: The examples to look in.

        Returns:
            Boolean array of shape `(examples,)`.
        """
        return identical_inputs(examples, reference)
