"""The base class of image classification tasks that suggest which images to label next."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, cast

import numpy as np
from typing_extensions import TypeVar

from plexus.data.examples import Examples
from plexus.data.findings import Findings
from plexus.data.images import fit_pixel_range, map_images, resize, suitable_shape
from plexus.data.label_spreading import MAX_NODES, image_descriptors
from plexus.data.suggestions import cluster_medoids, diverse_uncertain_rows, margins
from plexus.data.unlabelled_images import read_unlabelled_images
from plexus.task import OptionsT
from plexus.tasks.classification import ClassificationTask
from plexus.tasks.classification_codec import ClassificationCodec
from plexus.utils.messages import note

if TYPE_CHECKING:
    from collections.abc import Callable

    from plexus.codec import Input, JsonObject
    from plexus.inference.predictor import Predictor

ClassificationCodecT = TypeVar("ClassificationCodecT", bound=ClassificationCodec)
ExamplesT = TypeVar("ExamplesT", bound=Examples[str], default=Examples[str])

CHUNK = 2000
"""Images that are in memory at the same time."""


class SuggestsImages(
    ClassificationTask[ClassificationCodecT, OptionsT, ExamplesT], Generic[ClassificationCodecT, OptionsT, ExamplesT]
):
    """An image classification task that is `SuggestsExamples`: clusters first, then uncertainty.

    Without a model, the images to label are medoids of clusters of similar images; with one, images that it is
    uncertain about. See `plexus.data.suggestions`.

    Example:
        ```python
        class Classify(ImageInputs, SuggestsImages[ImageCodec, ClassifyOptions]): ...


        task.suggest_examples(images, 10, seed=0)[0]["row"]
        ```
    """

    def read_unlabelled(self, options: OptionsT, findings: Findings) -> "Sequence[Input] | np.ndarray":
        """Read the images of `--data`; labels in them are ignored.

        Args:
            options: The options.
            findings: Counts the images that cannot be read, which are dropped.

        Returns:
            An array of images of shape `(n, height, width, channels)`, or a list of files.

        Raises:
            InputError: If there is no image, or the images cannot be used.
        """
        return read_unlabelled_images(self.locate_inputs(options.data), findings, option="--data")

    def suggest_examples(
        self,
        inputs: "Sequence[Input] | np.ndarray",
        count: int,
        seed: int,
        labelled: Sequence[int] = (),
        model: "tuple[Predictor, ClassificationCodecT] | None" = None,
    ) -> "list[JsonObject]":
        """Suggest which images to label next.

        Of more than `plexus.data.label_spreading.MAX_NODES` images, a random sample is considered.

        Args:
            inputs: The images, as of `read_unlabelled`.
            count: Number of suggestions.
            seed: Random seed.
            labelled: Rows of images that have a label already.
            model: Networks and codec of a bundle of the task; None for clusters.

        Returns:
            Per suggestion `row`; without a model `cluster_size`, the largest first; with a model `labels`, the two most
            probable ones, their `probabilities`, and `margin`, the difference of these, the smallest first.

        Raises:
            InputError: If an image cannot be read, or there are fewer different images than suggestions.
        """
        rows, labelled_rows = _considered(len(inputs), labelled, seed)
        images = _take(inputs, rows)
        if model is None:
            features = _map_chunks(images, self.descriptors_of(images))
            chosen, sizes = cluster_medoids(features, count, seed, labelled_rows)
            return [{"row": int(rows[row]), "cluster_size": int(size)} for row, size in zip(chosen, sizes, strict=True)]
        features, probabilities = self._model_features(images, *model)
        chosen = diverse_uncertain_rows(features, probabilities, count, seed, labelled_rows)
        return [_uncertain(int(rows[row]), probabilities[row], model[1].labels) for row in chosen]

    def descriptors_of(
        self, images: "Sequence[Input] | np.ndarray"
    ) -> "Callable[[Sequence[Input] | np.ndarray], np.ndarray]":
        """Return the function that computes the descriptors of images by which they are compared without a model.

        Args:
            images: All images, of which the size and the range of the pixels are chosen.

        Returns:
            A function from images to descriptors of shape `(n, features)`.
        """
        shape, pixel_range = (*suitable_shape(images)[:2], 1), fit_pixel_range(images)

        def describe(part: "Sequence[Input] | np.ndarray") -> np.ndarray:
            return image_descriptors(np.stack(map_images(part, lambda image: resize(image, shape), pixel_range)))

        return describe

    def _model_features(
        self, images: "Sequence[Input] | np.ndarray", predictor: "Predictor", codec: ClassificationCodecT
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return descriptors and probabilities of images, which are read once."""

        def describe(part: "Sequence[Input] | np.ndarray") -> np.ndarray:
            arrays = codec.encode(cast("Sequence[Input]", part))
            probabilities = codec.probabilities(predictor(arrays)).astype(np.float32)
            return np.hstack([probabilities, image_descriptors(arrays["image"])])

        both, labels = _map_chunks(images, describe), len(codec.labels)
        return both[:, labels:], both[:, :labels]


def _considered(count: int, labelled: Sequence[int], seed: int) -> tuple[np.ndarray, list[int]]:
    """Return the rows that are considered, in ascending order, and the places of the labelled ones among them."""
    if count <= MAX_NODES:
        return np.arange(count), list(labelled)
    note(f"{MAX_NODES:,} of the {count:,} images, drawn at random, are considered")
    others = np.setdiff1d(np.arange(count), labelled)
    size = max(MAX_NODES - len(labelled), 0)
    drawn = np.random.default_rng(seed).permutation(others)[:size]
    rows = np.sort(np.concatenate([np.asarray(labelled, int), drawn]))
    return rows, np.flatnonzero(np.isin(rows, labelled)).tolist()


def _take(inputs: "Sequence[Input] | np.ndarray", rows: np.ndarray) -> "Sequence[Input] | np.ndarray":
    if len(rows) == len(inputs):
        return inputs
    return inputs[rows] if isinstance(inputs, np.ndarray) else [inputs[row] for row in rows]


def _map_chunks(
    images: "Sequence[Input] | np.ndarray", function: "Callable[[Sequence[Input] | np.ndarray], np.ndarray]"
) -> np.ndarray:
    return np.concatenate([function(images[start : start + CHUNK]) for start in range(0, len(images), CHUNK)])


def _uncertain(row: int, probabilities: np.ndarray, labels: Sequence[str]) -> "JsonObject":
    best = np.argsort(-probabilities, kind="stable")[:2]
    return {
        "row": row,
        "labels": [labels[label] for label in best],
        "probabilities": [float(probabilities[label]) for label in best],
        "margin": float(margins(probabilities[None])[0]),
    }
