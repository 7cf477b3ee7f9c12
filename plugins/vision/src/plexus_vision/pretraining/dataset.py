"""Images without labels, split for pretraining."""

from pathlib import Path

from plexus import Findings, InputError, NamedDataset
from plexus.data.unlabelled_images import read_unlabelled_images
from plexus.tasks.pretraining import UnlabelledDataset, unlabelled_dataset
from plexus_vision.pretraining.options import PretrainOptions

MIN_IMAGES = 50
"""Fewer images do not fill a batch that features can be learned from."""


def load_dataset(place: Path | NamedDataset, options: PretrainOptions) -> UnlabelledDataset:
    """Read images; labels that come with them are not used.

    Args:
        place: A folder with images at any depth, an archive of one, arrays, or a named data set, of which the training
            split is used.
        options: The options.

    Returns:
        The dataset.

    Raises:
        InputError: If there are too few images, or they cannot be used.
    """
    findings = Findings(options.strict)
    images = read_unlabelled_images(place, findings, option="--data")
    if len(images) < MIN_IMAGES:
        line = f"--data {options.data}: expected {MIN_IMAGES} images or more to learn from, found {len(images)}"
        raise InputError(findings.describe_in(line))
    licence = place.licence if isinstance(place, NamedDataset) else "not stated"
    return unlabelled_dataset(images, options.seed, findings, licence)
