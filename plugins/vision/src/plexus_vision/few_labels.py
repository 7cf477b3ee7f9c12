"""Learning from few labels: augmentation, networks and metrics of a training with unlabelled images."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError, Metric
from plexus.data.augmentation import AugmentationPolicy
from plexus.data.partly_labelled_images import PartlyLabelledImages
from plexus.metrics.paired_scores import is_better_paired
from plexus.options import resolved
from plexus.tasks.classification import LabelledDataset
from plexus.utils.messages import note
from plexus_vision.codec import ImageCodec
from plexus_vision.options import ClassifyOptions

if TYPE_CHECKING:
    import keras

    from plexus import Predictor
    from plexus.nets.semi_supervised import Views

WITH, WITHOUT = "with_unlabelled", "without_unlabelled"
NETWORK, COMPARISON = "network", "comparison"
"""Names of the network that was selected and of the other one, which the bundle holds to state both accuracies."""
FEW_LABEL_METRICS = (
    Metric("accuracy_with_unlabelled", "Accuracy with unlabelled images"),
    Metric("accuracy_without_unlabelled", "Accuracy without unlabelled images"),
)
STRONGER, MIN_DISTORTION, MIN_ERASE = 1.5, 0.1, 0.2
GUESS_SHARE, MIN_GUESS_STEPS = 1 / 3, 200
"""Share of the training in which labels from the graph have a weight: a network that has learned little yet would
confirm itself, and predict one label for all images."""
MAX_SAMPLE = 4000


def check_options(options: ClassifyOptions) -> None:
    """Refuse options that contradict learning from unlabelled images.

    Args:
        options: The options.

    Raises:
        InputError: If augmentation is off, or images are mixed.
    """
    name = "--labels" if options.unlabelled is None else "--unlabelled"
    if options.augment == "none":
        raise InputError(f"--augment none: learning with {name} needs augmentation; omit one of both")
    for mixing in ("mixup", "cutmix"):
        if getattr(options, mixing):
            raise InputError(f"--{mixing} mixes labels and is not combined with {name}: omit one of both")


def require_dataset(dataset: LabelledDataset, options: ClassifyOptions) -> None:
    """Refuse options about unlabelled images that the dataset was not read with.

    Args:
        dataset: The dataset, which may come from memory.
        options: The options.

    Raises:
        InputError: If the options name unlabelled images or a number of labels, and the dataset has neither.
    """
    if (options.unlabelled or options.labels) and not isinstance(dataset, PartlyLabelledImages):
        name = "--labels" if options.unlabelled is None else "--unlabelled"
        raise InputError(f"{name} is for data that is read from files or by name (--data), not for data in memory")


def policy_sample(dataset: PartlyLabelledImages, codec: ImageCodec) -> tuple[np.ndarray, np.ndarray]:
    """Return images and classes to choose the augmentation by: few labelled ones alone would not do.

    Args:
        dataset: The dataset.
        codec: The codec.

    Returns:
        Labelled images, and unlabelled ones with the most probable label of the graph; and the classes of both.
    """
    train, count = dataset["train"], len(dataset.unlabelled)
    rows = np.linspace(0, count - 1, min(count, MAX_SAMPLE)).astype(int)
    images = np.concatenate([train.encode(codec)["image"], dataset.unlabelled.encode(codec)["image"][rows]])
    return images, np.concatenate([codec.label_indices(train.targets), dataset.guess(codec)[rows].argmax(axis=1)])


def build_views(policy: AugmentationPolicy, seed: int) -> "Views":
    """Build the augmentations of a training with unlabelled images.

    Args:
        policy: The policy of a training without them.
        seed: Random seed.

    Returns:
        Weak augmentation: its shifts and flips. Strong augmentation: larger distortions, and erasing.
    """
    from plexus.nets.augmentation import ImageAugmentation
    from plexus.nets.semi_supervised import Views

    weak = AugmentationPolicy(flip=policy.flip, shift=policy.shift, fill=policy.fill)
    larger = {name: max(STRONGER * getattr(policy, name), MIN_DISTORTION) for name in ("rotate", "shear", "scale")}
    strong = replace(policy, **larger, erase=max(policy.erase, MIN_ERASE))
    return Views(*(ImageAugmentation(each, seed + i) for i, each in enumerate((weak, strong, policy))))


def resolve_options(dataset: PartlyLabelledImages, steps: int, options: ClassifyOptions) -> dict[str, object]:
    """Choose the epochs; the last one is evaluated and kept, since few validation labels cannot rank epochs.

    Args:
        dataset: The dataset.
        steps: Steps of the training.
        options: The options.

    Returns:
        Values by option name.
    """
    from plexus.data.partly_labelled_batches import count_steps

    epochs = options.epochs or max(round(steps / count_steps(dataset, resolved(options.batch_size))), 1)
    return {"epochs": epochs, "evaluate_every": epochs, "patience": 0}


def build_learner(
    network: "keras.Model",
    dataset: PartlyLabelledImages,
    policy: AugmentationPolicy | None,
    options: ClassifyOptions,
) -> "keras.Model":
    """Build the training graph around both networks.

    Args:
        network: The result of `build_both`.
        dataset: The dataset.
        policy: The augmentation of a training without unlabelled images.
        options: The resolved options.

    Returns:
        The learner.
    """
    from plexus.data.partly_labelled_batches import count_steps
    from plexus.nets.semi_supervised import SemiSupervisedLearner

    steps = count_steps(dataset, resolved(options.batch_size)) * resolved(options.epochs)
    views = build_views(policy or AugmentationPolicy(), options.seed)
    return SemiSupervisedLearner(
        network, views, options.label_smoothing, max(round(GUESS_SHARE * steps), MIN_GUESS_STEPS)
    )


def both_networks(network: "keras.Model") -> "dict[str, keras.Model]":
    """Return the two networks that are trained.

    Args:
        network: The result of `build_both`.

    Returns:
        The one with unlabelled images as `network`, the one without as `comparison`.
    """
    return {NETWORK: network.get_layer(WITH), COMPARISON: network.get_layer(WITHOUT)}


def comparison_metrics(
    predictor: "Predictor", dataset: LabelledDataset, codec: ImageCodec, split: str, accuracy: float
) -> dict[str, float]:
    """Compute the accuracies with and without unlabelled images.

    Args:
        predictor: The networks.
        dataset: The dataset.
        codec: The codec.
        split: The split.
        accuracy: Accuracy of the selected network.

    Returns:
        `accuracy_with_unlabelled` and `accuracy_without_unlabelled`; nothing if there was no unlabelled image.
    """
    if codec.comparison is None:
        return {}
    examples = dataset[split]
    predicted = predictor(examples.encode(codec), COMPARISON)["logits"].argmax(axis=1)
    other = float(np.mean(predicted == codec.label_indices(examples.targets)))
    with_unlabelled, without = (other, accuracy) if codec.comparison == WITH else (accuracy, other)
    return {"accuracy_with_unlabelled": with_unlabelled, "accuracy_without_unlabelled": without}


class ComparesNetworks:
    """Mixin of image classification: the comparison of the networks with and without unlabelled images.

    Example:
        ```python
        class Classify(ComparesNetworks, ImageInputs, ClassificationTask[ImageCodec, ClassifyOptions]): ...
        ```
    """

    def check_bundle_options(self, options: ClassifyOptions, codec: ImageCodec) -> ClassifyOptions:
        """Leave out which images have no labels: no evaluation needs them, and the test split is the same.

        Args:
            options: The options of the bundle.
            codec: The codec.

        Returns:
            The options to read all labelled data with.
        """
        return options.model_copy(update={"unlabelled": None, "labels": None})

    def select_networks(
        self, networks: "Mapping[str, keras.Model]", predictor: "Predictor", dataset: LabelledDataset, codec: ImageCodec
    ) -> "tuple[Mapping[str, keras.Model], ImageCodec]":
        """Select the network with or without unlabelled images, by the validation split.

        Images that are the labelled data without its labels (`--labels`) are used unless the other network is better;
        images from elsewhere only if the network with them is better, since they may be of another kind.

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
        val = dataset["val"]
        images, classes = val.encode(codec), codec.label_indices(val.targets)
        logits, reference = predictor(images)["logits"], predictor(images, COMPARISON)["logits"]
        same_source = isinstance(dataset, PartlyLabelledImages) and dataset.same_source
        is_worse = is_better_paired(reference, logits, classes)
        if is_better_paired(logits, reference, classes) or (same_source and not is_worse):
            return networks, codec
        note("the unlabelled images were no help on the validation split: the model is the network without them")
        return {NETWORK: networks[COMPARISON], COMPARISON: networks[NETWORK]}, codec.with_comparison(WITH)

    def card_section(
        self, predictor: "Predictor", dataset: LabelledDataset, codec: ImageCodec, metrics: Mapping[str, float]
    ) -> list[str]:
        """Write about the unlabelled images, if there were any.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            metrics: Metrics of the test split.

        Returns:
            Lines of Markdown.
        """
        if not isinstance(dataset, PartlyLabelledImages):
            return []
        choice = "without them: they were no help" if codec.comparison == WITH else "with them, by the comparison"
        return [
            "## Unlabelled images",
            "",
            f"Two networks were trained, one of them with {len(dataset.unlabelled):,} unlabelled images. The model is",
            f"the one {choice} on the validation split. Accuracy on the test split:",
            f"{metrics['accuracy_with_unlabelled']:.4f} with them, "
            f"{metrics['accuracy_without_unlabelled']:.4f} without.",
        ]
