"""Learning from few labels: options, augmentation and learner of a training with unlabelled images."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus.data.augmentation import AugmentationPolicy
from plexus.data.partly_labelled_images import PartlyLabelledImages
from plexus.options import resolved
from plexus.tasks.classification import LabelledDataset
from plexus_vision.codec import ImageCodec
from plexus_vision.options import ClassifyOptions

if TYPE_CHECKING:
    import keras

    from plexus.nets.semi_supervised import Views

STRONGER, MIN_DISTORTION, MIN_ERASE = 1.5, 0.1, 0.2
GRAPH_SHARE, MIN_GRAPH_STEPS = 1 / 3, 200
"""Share of the training in which the weight of labels from the graph falls: a network that has learned little yet would
confirm itself, and predict one label for all images."""
MAX_SAMPLE = 4000
NARROW = 0.5
"""Width of the network: a wider one is slower, and from 100 labels of `mnist` not more accurate."""


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
    """Return images and classes to choose the augmentation by, the labelled ones first.

    Few labelled images alone would not do. The unlabelled ones are only compared with them, as they may be of another
    kind.

    Args:
        dataset: The dataset.
        codec: The codec.

    Returns:
        Labelled images, and unlabelled ones with the most probable label of the graph; and the classes of both.
    """
    train, count = dataset["train"], len(dataset.unlabelled)
    rows = np.linspace(0, count - 1, min(count, MAX_SAMPLE)).astype(int)
    images = np.concatenate([train.encode(codec)["image"], dataset.unlabelled.encode(codec)["image"][rows]])
    probable = dataset.graph_labels(codec)[rows].argmax(axis=1)
    return images, np.concatenate([codec.label_indices(train.targets), probable])


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
    """Choose the epochs and the width; the last epoch is kept, since few validation labels cannot rank epochs.

    Args:
        dataset: The dataset.
        steps: Steps of the training.
        options: The options.

    Returns:
        Values by option name.
    """
    from plexus.data.partly_labelled_batches import count_steps

    epochs = options.epochs or max(round(steps / count_steps(len(dataset.unlabelled), resolved(options.batch_size))), 1)
    width = NARROW if options.from_ is None else 1.0
    return {"epochs": epochs, "width": width, "evaluate_every": epochs, "patience": 0}


def build_learner(
    network: "keras.Model",
    dataset: PartlyLabelledImages,
    policy: AugmentationPolicy | None,
    options: ClassifyOptions,
) -> "keras.Model":
    """Build the training graph around both networks.

    Args:
        network: The result of `pair_networks`.
        dataset: The dataset.
        policy: The augmentation of a training without unlabelled images.
        options: The resolved options.

    Returns:
        The learner.
    """
    from plexus.data.partly_labelled_batches import count_steps
    from plexus.nets.semi_supervised import SemiSupervisedLearner

    steps = count_steps(len(dataset.unlabelled), resolved(options.batch_size)) * resolved(options.epochs)
    views = build_views(policy or AugmentationPolicy(), options.seed)
    return SemiSupervisedLearner(
        network, views, options.label_smoothing, max(round(GRAPH_SHARE * steps), MIN_GRAPH_STEPS)
    )
