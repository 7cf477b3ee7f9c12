"""The base class of classification tasks that can learn from unlabelled inputs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic

import numpy as np
from typing_extensions import TypeVar

from plexus.data.examples import Examples, SupervisedDataset, is_out_of_fold
from plexus.errors import InputError
from plexus.metric import Metric
from plexus.metrics.paired_scores import is_better_paired
from plexus.task import OptionsT
from plexus.tasks.classification import ClassificationTask
from plexus.tasks.compared_codec import COMPARISON, NETWORK, WITH, WITHOUT, ComparedCodec
from plexus.utils.messages import note

if TYPE_CHECKING:
    from pathlib import Path

    import keras

    from plexus.codec import Arrays
    from plexus.data.named import NamedDataset
    from plexus.inference.predictor import Predictor

ComparedCodecT = TypeVar("ComparedCodecT", bound=ComparedCodec)
ExamplesT = TypeVar("ExamplesT", bound=Examples[str], default=Examples[str])


def compared_metrics(metric: Metric) -> tuple[Metric, Metric]:
    """Describe a metric of the networks with and without unlabelled inputs.

    Args:
        metric: The metric that ranks the models of a task.

    Returns:
        `NAME_with_unlabelled` and `NAME_without_unlabelled`.

    Example:
        ```python
        other_metrics = (*CLASSIFICATION_METRICS, *compared_metrics(Metric("accuracy")))
        ```
    """
    return (
        Metric(f"{metric.name}_{WITH}", f"{metric.label} with unlabelled images"),
        Metric(f"{metric.name}_{WITHOUT}", f"{metric.label} without unlabelled images"),
    )


class ComparesNetworks(
    ClassificationTask[ComparedCodecT, OptionsT, ExamplesT], Generic[ComparedCodecT, OptionsT, ExamplesT]
):
    """A classification task that trains two networks at the same time, with unlabelled images and without.

    If the dataset has unlabelled images, `fit_codec` returns a codec with a `comparison`, and `build_network` a pair of
    `plexus.nets.network_pair`. The validation split selects one of the networks, and the metrics of both are those of
    the bundle.

    Example:
        ```python
        class Classify(ImageInputs, ComparesNetworks[ImageCodec, ClassifyOptions]): ...
        ```
    """

    def locate_unlabelled(self, place: str | None) -> "Path | NamedDataset | None":
        """Resolve the value of `--unlabelled`.

        Args:
            place: As for `locate`; None for no images.

        Returns:
            The path, or the named data set; None for no images.

        Raises:
            InputError: If it is none of these.
        """
        if place is None:
            return None
        try:
            return self.locate_inputs(place)
        except InputError as error:
            raise InputError(f"--unlabelled: {str(error).removeprefix('--data ')}") from error

    def export_networks(
        self, network: "keras.Model", codec: ComparedCodecT, options: OptionsT
    ) -> "dict[str, keras.Model]":
        """Return the network; of a training with unlabelled images, also the one without them.

        Args:
            network: The result of `build_network`.
            codec: The codec.
            options: The options.

        Returns:
            The networks by name.
        """
        if codec.comparison is None:
            return {NETWORK: network}
        from plexus.nets.network_pair import split_pair

        return split_pair(network)

    def select_networks(
        self,
        networks: "Mapping[str, keras.Model]",
        predictor: "Predictor",
        dataset: SupervisedDataset[ExamplesT],
        codec: ComparedCodecT,
    ) -> "tuple[Mapping[str, keras.Model], ComparedCodecT]":
        """Select the network with or without unlabelled images, by the validation split.

        Images that are the labelled data without its labels are used unless the other network is better; images from
        elsewhere only if the network with them is better, since they may be of another kind.

        Args:
            networks: The networks that were trained.
            predictor: The same networks.
            dataset: The dataset.
            codec: The codec.

        Returns:
            The networks, and a codec that says which one was not selected.
        """
        if codec.comparison is None:
            return networks, codec
        logits, classes = self._validation_logits(predictor, dataset, codec)
        reference, _ = self._validation_logits(_OtherNetwork(predictor), dataset, codec)
        groups = self.validation_groups(dataset)
        is_worse = is_better_paired(reference, logits, classes, groups)
        if is_better_paired(logits, reference, classes, groups) or (dataset.same_source and not is_worse):
            return networks, codec
        note(f"the unlabelled images were no help {_validation_place(dataset)}: the model is the network without them")
        return {NETWORK: networks[COMPARISON], COMPARISON: networks[NETWORK]}, codec.with_comparison(WITH)

    def validation_groups(self, dataset: SupervisedDataset[ExamplesT]) -> np.ndarray | None:
        """Return which validation examples belong together, such as the images of a patient.

        Args:
            dataset: The dataset.

        Returns:
            Group of each example, counted from 0, shape `(n,)`; None if they are independent, the default.
        """
        return None

    def evaluate(
        self, predictor: "Predictor", dataset: SupervisedDataset[ExamplesT], codec: ComparedCodecT, split: str
    ) -> dict[str, float]:
        """Compute the metrics of the task, and the one that ranks models with and without unlabelled images.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            The metrics by name.
        """
        metrics, name = super().evaluate(predictor, dataset, codec, split), self.metric.name
        if codec.comparison is None:
            return metrics
        other = super().evaluate(_OtherNetwork(predictor), dataset, codec, split)[name]
        selected = WITHOUT if codec.comparison == WITH else WITH
        return metrics | {f"{name}_{selected}": metrics[name], f"{name}_{codec.comparison}": other}

    def comparison_section(
        self,
        predictor: "Predictor",
        dataset: SupervisedDataset[ExamplesT],
        codec: ComparedCodecT,
        metrics: Mapping[str, float],
    ) -> list[str]:
        """Write the section of the model card about the unlabelled images, for `card_section`.

        Args:
            predictor: The networks of the bundle.
            dataset: The dataset.
            codec: The calibrated codec.
            metrics: Metrics of the test split.

        Returns:
            Lines of Markdown; none if there were no unlabelled images.
        """
        if codec.comparison is None or dataset.unlabelled is None:
            return []
        names = [f"{self.metric.name}_{way}" for way in (WITH, WITHOUT)]
        choice = "without them: they were no help" if codec.comparison == WITH else "with them, by the comparison"
        place = _validation_place(dataset)
        parts = {place: self.evaluate(predictor, dataset, codec, "val"), "on the test split": metrics}
        rows = [f"| {part} | {values[names[0]]:.4f} | {values[names[1]]:.4f} |" for part, values in parts.items()]
        return [
            "## Unlabelled images",
            "",
            f"Two networks were trained, one of them with {len(dataset.unlabelled):,} unlabelled images. The model is",
            f"the one {choice} {place}.",
            "",
            f"| {self.metric.label} | with unlabelled images | without |",
            "|---|---|---|",
            *rows,
        ]

    def _validation_logits(
        self, predictor: "Predictor", dataset: SupervisedDataset[ExamplesT], codec: ComparedCodecT
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return logits, up to a number for each row, and classes of the validation split."""
        probabilities, classes = self.split_probabilities(predictor, dataset, codec, "val")
        return np.log(np.maximum(probabilities, np.finfo(np.float32).tiny)), classes


def _validation_place(dataset: SupervisedDataset[ExamplesT]) -> str:
    return "out of fold" if is_out_of_fold(dataset) else "on the validation split"


class _OtherNetwork:
    """A predictor that predicts by the network that was not selected.

    Args:
        predictor: The networks.
    """

    def __init__(self, predictor: "Predictor") -> None:
        self.predictor = predictor

    def __call__(self, inputs: "Arrays", network: str = NETWORK) -> "Arrays":
        return self.predictor(inputs, COMPARISON)
