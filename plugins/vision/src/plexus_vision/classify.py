"""The task: what a picture shows, one label out of several."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import Batches, Examples, InputError, Score, Splits, Task
from plexus.data.augmentation import Recipe
from plexus.data.images import as_pictures, pictures_in
from plexus.metrics.classification import classification_scores, fit_temperature, softmax
from plexus_vision.codec import PictureCodec
from plexus_vision.options import ClassifyOptions
from plexus_vision.recipes import RECIPES, suitable_recipe
from plexus_vision.source import read_source

FEWEST_STEPS = 1200
"""Of a training; small sets are gone through that much oftener."""

if TYPE_CHECKING:
    import keras

    from plexus.task import Predict


class Classify(Task):
    """`vision.classify`."""

    options = ClassifyOptions
    codec = PictureCodec
    score = Score("accuracy", baseline="majority_accuracy")
    received_as = "the bytes of a picture, as a file"
    trial = {"data": "digits", "epochs": 2, "width": 0.5}

    def source(self, options: ClassifyOptions) -> Splits:
        """Labelled pictures in three splits."""
        return read_source(options.data, options.seed, options.strict)

    def examples(self, raws: Sequence[Any], labels: Sequence[str]) -> Examples:
        """Pictures that are in memory: `(n, height, width)`, or with channels."""
        return Examples(as_pictures("examples in memory", np.asarray(raws)), list(labels))

    def fit_codec(self, source: Splits, options: ClassifyOptions) -> PictureCodec:
        """Classes, size and layout of the training pictures."""
        return PictureCodec.fit(source["train"], options.size)

    def choose(self, source: Splits, codec: PictureCodec, options: ClassifyOptions) -> dict[str, Any]:
        """A learning rate, and the epochs of the recipe's steps: 5 to 30, or more where there are few pictures."""
        recipe = _recipe(source, codec, options) or Recipe()
        steps_an_epoch = max(source.count("train") // options.batch_size, 1)
        fewest = FEWEST_STEPS / steps_an_epoch
        return {
            "epochs": round(max(min(recipe.steps / steps_an_epoch, 30), 5, min(fewest, 200))),
            "learning_rate": 5e-3 if options.weights == "none" else 5e-4,
        }

    def network(self, codec: PictureCodec, options: ClassifyOptions) -> "keras.Model":
        """Bytes of a picture to logits."""
        from plexus_vision.networks import make_network

        return make_network(codec.shape, len(codec.labels), options)

    def learner(
        self, network: "keras.Model", source: Splits, codec: PictureCodec, options: ClassifyOptions
    ) -> "keras.Model":
        """The network behind augmentation, with smoothed and mixed labels."""
        from plexus.nets.augmentation import Augmentation
        from plexus_vision.learner import PictureLearner

        recipe = _recipe(source, codec, options)
        return PictureLearner(network, Augmentation(recipe, options.seed) if recipe else None, options)

    def batches(
        self, source: Splits, codec: PictureCodec, learner: "keras.Model", options: ClassifyOptions, epoch: int
    ) -> Batches:
        """All training pictures once, shuffled."""
        train = source["train"]
        return Batches.shuffled(
            train.encode(codec), codec.targets(train.labels), options.batch_size, options.seed, epoch
        )

    def measure(self, predict: "Predict", source: Splits, codec: PictureCodec, split: str) -> dict[str, float]:
        """Accuracy, macro F1, log loss and calibration on a split."""
        logits, targets = _logits(predict, source, codec, split)
        return classification_scores(softmax(logits, codec.temperature), targets)

    def inputs(self, given: str) -> list[tuple[str, Any]]:
        """A picture, every picture in a folder, or the bytes of one on standard input."""
        if given == "-":
            return [(given, sys.stdin.buffer.read())]
        path = Path(given)
        if not path.is_dir():
            return [(given, path)]
        return [(str(file), file) for file in pictures_in(path)]

    def received(self, codec: Any, value: Any) -> bytes:
        """A picture's bytes."""
        if not isinstance(value, bytes):
            raise InputError("a picture is wanted, as a file")
        return value

    def calibrate(self, predict: "Predict", source: Splits, codec: PictureCodec) -> PictureCodec:
        """Fit the temperature on the validation split."""
        return codec.with_temperature(fit_temperature(*_logits(predict, source, codec, "val")))

    def report(self, predict: "Predict", source: Splits, codec: PictureCodec, folder: Path) -> None:
        """A confusion matrix, calibration, and the pictures that were mistaken with most confidence."""
        from plexus.report.confusion_matrix import draw_confusion
        from plexus.report.reliability_diagram import draw_calibration
        from plexus_vision.report import draw_mistakes

        logits, targets = _logits(predict, source, codec, "test")
        probabilities = softmax(logits, codec.temperature)
        found = probabilities.argmax(axis=1)
        draw_confusion(found, targets, codec.labels, folder / "confusion.png")
        draw_calibration(probabilities.max(axis=1), found == targets, folder / "calibration.png")
        draw_mistakes(
            source["test"].encode(codec)["image"], probabilities, targets, codec.labels, folder / "mistakes.png"
        )

    def explain(self, predict: "Predict", codec: PictureCodec, raw: Any, to: Path) -> Path:
        """A heat map over the picture: where hiding a patch costs the answer most."""
        from plexus_vision.heatmap import write_heatmap

        return write_heatmap(predict, codec, raw, to)


def _logits(predict: "Predict", source: Splits, codec: PictureCodec, split: str) -> tuple[np.ndarray, np.ndarray]:
    examples = source[split]
    if not len(examples):
        raise InputError(f"the {split} split has no pictures: give more data, three pictures a class at the least")
    return predict(examples.encode(codec))["logits"], codec.targets(examples.labels)


def _recipe(source: Splits, codec: PictureCodec, options: ClassifyOptions) -> Recipe | None:
    if options.augment != "auto":
        return RECIPES[options.augment]
    train = source["train"]
    return suitable_recipe(train.encode(codec)["image"], codec.targets(train.labels), codec.convention)
