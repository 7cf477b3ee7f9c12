"""The facts of a model card, from a dataset, its options and a codec."""

import numpy as np

from plexus.tasks.compared_codec import WITH
from plexus_medical.codec import MedicalCodec
from plexus_medical.dataset import MedicalDataset
from plexus_medical.options import ClassifyOptions
from plexus_medical.study import ImagingStudy

SPLITS = ("train", "test")


def imaging_study(dataset: MedicalDataset, codec: MedicalCodec) -> ImagingStudy:
    """Return the facts about data and protocol.

    Args:
        dataset: The dataset, with training and test images.
        codec: The calibrated codec.

    Returns:
        The facts.
    """
    options = dataset.options
    patients = {split: len(np.unique(dataset[split].patients)) for split in SPLITS} if dataset.has_patients else {}
    detector, abstention = codec.out_of_distribution, codec.abstention
    unlabelled = 0 if dataset.unlabelled is None or codec.comparison == WITH else len(dataset.unlabelled)
    return ImagingStudy(
        source=options.data,
        licence=dataset.licence,
        outcome=codec.event,
        other=codec.labels[0],
        shape=codec.shape,
        folds=codec.folds,
        images={split: dataset.count(split) for split in SPLITS},
        cases={split: list(dataset[split].targets).count(codec.event) for split in SPLITS},
        threshold_rule=threshold_rule(options),
        protocol=dataset.evaluation_protocol or "not stated",
        patients=patients,
        findings=dataset.findings.lines(),
        training=_training(options, unlabelled),
        unlike=0.0 if detector is None else detector.share,
        abstain=0.0 if abstention is None else abstention.share,
        prevalence=codec.prevalence,
        resizing=codec.resizing,
        unlabelled=unlabelled,
    )


def threshold_rule(options: ClassifyOptions) -> str:
    """Return how the threshold is chosen, as a part of a sentence.

    Args:
        options: The options.

    Returns:
        The rule.
    """
    if options.miss_cost is not None:
        return f"lowest cost on out-of-fold probabilities, a missed case as {options.miss_cost:g} false alarms"
    if options.specificity is not None:
        return f"specificity of {options.specificity:g} on out-of-fold probabilities"
    return f"sensitivity of {options.stated_sensitivity:g} on out-of-fold probabilities"


def _training(options: ClassifyOptions, unlabelled: int) -> list[str]:
    epochs = "" if options.epochs is None else f"{options.epochs} epochs, "
    augmentation = f"augmentation of factor {options.augmentation:g}" if options.augmentation else "no augmentation"
    others = [f"pseudo-labels of {unlabelled:,} unlabelled images, which each network predicts itself"]
    return [
        f"{epochs}optimizer {options.optimizer}, peak learning rate {options.learning_rate}, seed {options.seed}",
        f"{augmentation}{', images are also mirrored' if options.mirror else ''}",
        *(others if unlabelled else []),
    ]
