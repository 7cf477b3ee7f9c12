"""The ability `LearnsWithoutTargets` of a task."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT, OptionsT

if TYPE_CHECKING:
    import numpy as np

    from plexus.codec import Input
    from plexus.dataset import Dataset
    from plexus.inference.predictor import Predictor
    from plexus.prediction import Prediction


@runtime_checkable
class LearnsWithoutTargets(Protocol[CodecInT, OptionsT]):
    """A task that finds clusters in data in memory; `plexus.Estimator` fits it without y.

    Example:
        ```python
        def cluster_numbers(self, predictions):
            return [prediction.cluster for prediction in predictions]
        ```
    """

    def make_inputs(self, data: object) -> "Sequence[Input]":
        """Return data in memory as raw inputs, to learn from or to predict for.

        Args:
            data: A table of Polars or pandas, an array, or a list of raw inputs.

        Returns:
            The raw inputs.

        Raises:
            InputError: If it is nothing of these.
        """
        ...

    def make_unlabelled_dataset(self, inputs: "Sequence[Input]", options: OptionsT) -> "Dataset":
        """Return the dataset of raw inputs.

        Args:
            inputs: The result of `make_inputs`.
            options: The options.

        Returns:
            The dataset.

        Raises:
            InputError: If the inputs cannot be clustered.
        """
        ...

    def cluster_numbers(self, predictions: "Sequence[Prediction]") -> list[int]:
        """Return the clusters that were predicted.

        Args:
            predictions: Predictions of the task.

        Returns:
            Numbers from 0; -1 for inputs that belong to no cluster.
        """
        ...

    def memberships(self, predictor: "Predictor", codec: CodecInT, inputs: "Sequence[Input]") -> "np.ndarray":
        """Return how much each input belongs to each cluster.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Raw inputs, at least one.

        Returns:
            Degrees of shape `(n, clusters)`, not negative; what a row lacks to 1 is noise.

        Raises:
            InputError: If an input cannot be read.
        """
        ...
