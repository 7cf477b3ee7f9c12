"""Learning from unlabelled images: options, labels from the neighbour graph, batches and learner."""

from typing import TYPE_CHECKING

import numpy as np

from plexus import Batches, InputError
from plexus.data.augmentation import AugmentationPolicy
from plexus.options import resolved
from plexus_medical.codec import MedicalCodec
from plexus_medical.options import ClassifyOptions

if TYPE_CHECKING:
    import keras

    from plexus.nets.semi_supervised import Views
    from plexus_medical.dataset import MedicalDataset

STEPS = 500
"""Steps of a training, about."""
STRONGER = 1.5
"""Factor of the amounts of strong augmentation."""
GRAPH_SHARE = 1 / 3
"""Share of the training in which labels from the graph have a weight."""


def check_options(options: ClassifyOptions) -> None:
    """Refuse options that contradict learning from unlabelled images.

    Args:
        options: The options.

    Raises:
        InputError: If augmentation is off.
    """
    if not options.augmentation:
        raise InputError("--augmentation 0: learning with --unlabelled needs augmentation; omit one of both")


def resolve_epochs(dataset: "MedicalDataset", options: ClassifyOptions) -> int:
    """Choose the number of epochs.

    Args:
        dataset: The dataset.
        options: The options.

    Returns:
        That of the options, or as many as make about `STEPS` steps.
    """
    return options.epochs or max(round(STEPS / _steps(dataset, options)), 1)


def build_views(augmentation: float, mirror: bool, seed: int) -> "Views":
    """Build the augmentations.

    Args:
        augmentation: Factor of the amounts.
        mirror: Whether images are also mirrored.
        seed: Random seed.

    Returns:
        Weak augmentation shifts by whole pixels and mirrors; strong augmentation is that of a training without
        unlabelled images with larger amounts.
    """
    from plexus.nets.augmentation import ImageAugmentation
    from plexus.nets.semi_supervised import Views
    from plexus_medical.augmentation import SHIFT, ScanAugmentation

    weak = AugmentationPolicy(flip=mirror, shift=augmentation * SHIFT, fill="constant")
    return Views(
        weak=ImageAugmentation(weak, seed),
        strong=ScanAugmentation(STRONGER * augmentation, mirror, seed + 1),
        supervised=ScanAugmentation(augmentation, mirror, seed + 3),
    )


def build_learner(network: "keras.Model", dataset: "MedicalDataset", options: ClassifyOptions) -> "keras.Model":
    """Build the training graph around the networks with and without unlabelled images.

    Args:
        network: The result of `pair_networks`.
        dataset: The dataset.
        options: The resolved options.

    Returns:
        The learner.
    """
    from plexus_medical.partly_labelled_learner import PartlyLabelledLearner

    steps = _steps(dataset, options) * resolved(options.epochs)
    views = build_views(options.augmentation, options.mirror, options.seed)
    return PartlyLabelledLearner(network, views, round(GRAPH_SHARE * steps))


def batches(dataset: "MedicalDataset", codec: MedicalCodec, options: ClassifyOptions, epoch: int) -> Batches:
    """Return labelled images in which the folds take turns, together with unlabelled ones.

    Args:
        dataset: The dataset.
        codec: The codec.
        options: The resolved options.
        epoch: The epoch, counted from 0.

    Returns:
        The batches.
    """
    from plexus_medical.batches import partly_labelled_fold_batches

    train = dataset["train"]
    unlabelled = {**resolved(dataset.unlabelled).encode(codec), "graph_labels": dataset.graph_labels(codec)}
    arrays, outcomes = train.encode(codec), codec.outcomes(train.targets)
    batch_size = resolved(options.batch_size)
    return partly_labelled_fold_batches(arrays, outcomes, dataset.folds, unlabelled, batch_size, options.seed, epoch)


def graph_labels(dataset: "MedicalDataset", codec: MedicalCodec) -> np.ndarray:
    """Spread labels to the unlabelled images over graphs of similar images, for each fold without its labels.

    On the graph, labels are good at ranking, but close to their mean: of the rarer label, hardly any image would exceed
    one half. Their log-odds are shifted, so that about as large a share of the images is positive as of the labels.

    Args:
        dataset: The dataset.
        codec: The codec.

    Returns:
        Probabilities of shape `(unlabelled images, folds, 2)`.
    """
    from plexus.data.label_spreading import image_descriptors, spread_labels

    train, others = dataset["train"], resolved(dataset.unlabelled)
    labelled, unlabelled = (image_descriptors(part.encode(codec)["image"]) for part in (train, others))
    classes, labels = codec.outcomes(train.targets), []
    for fold in range(codec.folds):
        rows = dataset.folds != fold
        spread = spread_labels(labelled[rows], classes[rows], unlabelled, dataset.seed)
        labels.append(_with_prevalence(spread, float(classes[rows].mean())))
    return np.stack(labels, axis=1)


def _with_prevalence(spread: np.ndarray, prevalence: float) -> np.ndarray:
    """Return probabilities of which about a share exceeds one half, in the same order.

    One half is midway between the mean log-odds of that share and of the others: labels that form two clusters stay as
    certain as they are.
    """
    clipped = np.clip(spread[:, 1].astype(np.float64), 1e-6, 1 - 1e-6)
    log_odds = np.log(clipped / (1 - clipped))
    ordered, negative = np.sort(log_odds), round((1 - prevalence) * len(log_odds))
    middle = np.mean([part.mean() for part in np.split(ordered, [negative]) if len(part)])
    positive = 1 / (1 + np.exp(middle - log_odds))
    return np.stack([1 - positive, positive], axis=1).astype(np.float32)


def _steps(dataset: "MedicalDataset", options: ClassifyOptions) -> int:
    from plexus_medical.batches import partly_labelled_steps

    return partly_labelled_steps(dataset.folds, len(resolved(dataset.unlabelled)), resolved(options.batch_size))[1]
