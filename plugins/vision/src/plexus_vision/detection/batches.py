"""Batches of augmented images with boxes."""

import math
from collections.abc import Sequence

import numpy as np

from plexus import Batches, Examples
from plexus.options import resolved
from plexus_vision.detection.augmentation import BoxAugmentation
from plexus_vision.detection.codec import DetectionCodec
from plexus_vision.detection.copy_paste import CopyPaste
from plexus_vision.detection.image_boxes import ImageBoxes
from plexus_vision.detection.letterbox import PADDING
from plexus_vision.detection.options import DetectOptions
from plexus_vision.detection.sample import Sample

PLAIN_SHARE = 0.2
"""Share of the epochs, the last ones, without mosaics (Ge et al. 2021, arXiv:2107.08430, section 2.1) and copies."""
TURNED_RATIO = 1.15
"""Objects may be turned if the median box of every label is at most so much wider than high, or the reverse."""
MAX_BOXES = 512
"""Boxes of an image that are learned in one step, drawn at random; more would need much memory."""
BOX_MULTIPLE = 16
"""Numbers of boxes are padded to multiples, so that the graph is compiled for few of them."""
BOX, DIFFICULT = 1.0, -1.0
"""Last column of the targets; that of padding is 0."""


def training_batches(train: Examples[ImageBoxes], codec: DetectionCodec, options: DetectOptions, epoch: int) -> Batches:
    """Return the batches of an epoch: each image once, changed at random and composed of four for a share of them.

    Args:
        train: Images and boxes.
        codec: The codec.
        options: The resolved options.
        epoch: The epoch.

    Returns:
        Batches of `image` and of boxes, shape `(n, most, 6)`: four sides, class, and 1 for a box, -1 for a difficult
        one, 0 for padding.
    """
    samples = make_samples(train, codec)
    augmentation = choose_augmentation(samples, options, epoch)
    order = np.random.default_rng((options.seed, epoch)).permutation(len(samples))
    rows = min(resolved(options.batch_size), len(samples))

    def make(number: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        generator = np.random.default_rng((options.seed, epoch, number))
        indices = order[number * rows : (number + 1) * rows].tolist()
        if augmentation is None:
            changed = [samples[index] for index in indices]
        else:
            changed = [augmentation.apply(samples, index, codec.shape[:2], generator) for index in indices]
        images = np.full((len(changed), *codec.shape), PADDING, np.uint8)
        for image, sample in zip(images, changed, strict=True):
            image[: sample.image.shape[0], : sample.image.shape[1]] = sample.image
        return {"image": images}, _pad_boxes(changed, generator)

    return Batches.generated(make, steps=len(samples) // rows, rows=rows)


def make_samples(examples: Examples[ImageBoxes], codec: DetectionCodec) -> list[Sample]:
    """Return images in the network's size, without padding, and their boxes.

    Args:
        examples: Images and boxes.
        codec: The codec.

    Returns:
        One sample per image.
    """
    samples = []
    images = examples.encode(codec)["image"]
    targets = codec.encode_targets(examples)
    for image, (size, boxes, classes), truth in zip(images, targets, examples.targets, strict=True):
        samples.append(Sample(image[: size[0], : size[1]], boxes, classes, ~truth.difficult))
    return samples


def choose_augmentation(samples: Sequence[Sample], options: DetectOptions, epoch: int) -> BoxAugmentation | None:
    """Choose the random changes of an epoch.

    Args:
        samples: The training images.
        options: The resolved options.
        epoch: The epoch.

    Returns:
        The augmentation; None with `--augment none`.
    """
    if options.augment == "none":
        return None
    turns = options.augment == "turned" or (options.augment == "auto" and _can_be_turned(samples))
    plain = epoch >= (1 - PLAIN_SHARE) * resolved(options.epochs)
    if plain:
        return BoxAugmentation(turns=turns)
    copy_paste = CopyPaste.fit(samples, options.copy_paste) if options.copy_paste else None
    return BoxAugmentation(turns=turns, mosaic=options.mosaic, copy_paste=copy_paste)


def _can_be_turned(samples: Sequence[Sample]) -> bool:
    """Return whether the boxes of each label are about as wide as high, as of objects that are seen from above."""
    boxes = np.concatenate([sample.boxes for sample in samples])
    classes = np.concatenate([sample.classes for sample in samples])
    ratios = np.log((boxes[:, 2] - boxes[:, 0]) / (boxes[:, 3] - boxes[:, 1]))
    medians = [abs(float(np.median(ratios[classes == index]))) for index in np.unique(classes)]
    return max(medians) <= math.log(TURNED_RATIO)


def _pad_boxes(samples: Sequence[Sample], generator: np.random.Generator) -> np.ndarray:
    most = min(max(len(sample.classes) for sample in samples), MAX_BOXES)
    padded = np.zeros((len(samples), max(-(-most // BOX_MULTIPLE), 1) * BOX_MULTIPLE, 6), np.float32)
    for row, sample in zip(padded, samples, strict=True):
        count = len(sample.classes)
        drawn = generator.permutation(count)[:MAX_BOXES] if count > MAX_BOXES else np.arange(count)
        row[: len(drawn), :4] = sample.boxes[drawn]
        row[: len(drawn), 4] = sample.classes[drawn]
        row[: len(drawn), 5] = np.where(sample.scored[drawn], BOX, DIFFICULT)
    return padded
