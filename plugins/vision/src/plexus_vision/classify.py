"""The task: what a picture shows, one label out of several."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import Batches, Examples, InputError, Metric, SupervisedDataset, Task
from plexus.data.augmentation import Recipe
from plexus.data.images import as_pictures, pictures_in
from plexus.metrics.classification import classification_scores, fit_temperature, softmax
from plexus_vision.codec import PictureCodec
from plexus_vision.dataset import read_source
from plexus_vision.options import ClassifyOptions
from plexus_vision.recipes import RECIPES, suitable_recipe

FEWEST_STEPS = 1200
"""Of a training; small sets are gone through that much oftener."""

if TYPE_CHECKING:
    import keras

    from plexus.task import Predictor


class Classify(Task):
    """`vision.classify`."""

    options = ClassifyOptions
    codec = PictureCodec
    metric = Metric("accuracy", baseline="majority_accuracy")
    request_description = "the bytes of a picture, as a file"
    trial_options = {"data": "digits", "epochs": 2, "width": 0.5}

    def load_dataset(self, options: ClassifyOptions) -> SupervisedDataset:
        """Labelled pictures in three splits."""
        return read_source(options.data, options.seed, options.strict)

    def examples(self, raws: Sequence[Any], labels: Sequence[str]) -> Examples:
        """Pictures that are in memory: `(n, height, width)`, or with channels."""
        return Examples(as_pictures("examples in memory", np.asarray(raws)), list(labels))

    def fit_codec(self, dataset: SupervisedDataset, options: ClassifyOptions) -> PictureCodec:
        """Classes, size and layout of the training pictures."""
        return PictureCodec.fit(dataset["train"], options.size)

    def resolve_options(
        self, dataset: SupervisedDataset, codec: PictureCodec, options: ClassifyOptions
    ) -> dict[str, Any]:
        """A learning rate, and the epochs of the recipe's steps: 5 to 30, or more where there are few pictures."""
        recipe = _recipe(dataset, codec, options) or Recipe()
        steps_an_epoch = max(dataset.count("train") // options.batch_size, 1)
        fewest = FEWEST_STEPS / steps_an_epoch
        return {
            "epochs": round(max(min(recipe.steps / steps_an_epoch, 30), 5, min(fewest, 200))),
            "learning_rate": 5e-3 if options.weights == "none" else 5e-4,
        }

    def build_network(self, codec: PictureCodec, options: ClassifyOptions) -> "keras.Model":
        """Bytes of a picture to logits."""
        from plexus_vision.networks import make_network

        return make_network(codec.shape, len(codec.labels), options)

    def build_learner(
        self, network: "keras.Model", dataset: SupervisedDataset, codec: PictureCodec, options: ClassifyOptions
    ) -> "keras.Model":
        """The network behind augmentation, with smoothed and mixed labels."""
        from plexus.nets.augmentation import Augmentation
        from plexus_vision.learner import PictureLearner

        recipe = _recipe(dataset, codec, options)
        return PictureLearner(network, Augmentation(recipe, options.seed) if recipe else None, options)

    def batches(
        self,
        dataset: SupervisedDataset,
        codec: PictureCodec,
        learner: "keras.Model",
        options: ClassifyOptions,
        epoch: int,
    ) -> Batches:
        """All training pictures once, shuffled."""
        train = dataset["train"]
        return Batches.shuffled(
            train.encode(codec), codec.targets(train.labels), options.batch_size, options.seed, epoch
        )

    def evaluate(
        self, predictor: "Predictor", dataset: SupervisedDataset, codec: PictureCodec, split: str
    ) -> dict[str, float]:
        """Accuracy, macro F1, log loss and calibration on a split."""
        logits, targets = _logits(predictor, dataset, codec, split)
        return classification_scores(softmax(logits, codec.temperature), targets)

    def parse_argument(self, given: str) -> list[tuple[str, Any]]:
        """A picture, every picture in a folder, or the bytes of one on standard input."""
        if given == "-":
            return [(given, sys.stdin.buffer.read())]
        path = Path(given)
        if not path.is_dir():
            return [(given, path)]
        return [(str(file), file) for file in pictures_in(path)]

    def parse_request(self, codec: Any, value: Any) -> bytes:
        """A picture's bytes."""
        if not isinstance(value, bytes):
            raise InputError("a picture is wanted, as a file")
        return value

    def calibrate(self, predictor: "Predictor", dataset: SupervisedDataset, codec: PictureCodec) -> PictureCodec:
        """Fit the temperature on the validation split."""
        return codec.with_temperature(fit_temperature(*_logits(predictor, dataset, codec, "val")))

    def report(self, predictor: "Predictor", dataset: SupervisedDataset, codec: PictureCodec, folder: Path) -> None:
        """A confusion matrix, calibration, and the pictures that were mistaken with most confidence."""
        from plexus.report.confusion_matrix import draw_confusion
        from plexus.report.reliability_diagram import draw_calibration
        from plexus_vision.report import draw_mistakes

        logits, targets = _logits(predictor, dataset, codec, "test")
        probabilities = softmax(logits, codec.temperature)
        found = probabilities.argmax(axis=1)
        draw_confusion(found, targets, codec.labels, folder / "confusion.png")
        draw_calibration(probabilities.max(axis=1), found == targets, folder / "calibration.png")
        draw_mistakes(
            dataset["test"].encode(codec)["image"], probabilities, targets, codec.labels, folder / "mistakes.png"
        )

    def explain(self, predictor: "Predictor", codec: PictureCodec, raw: Any, to: Path) -> Path:
        """A heat map over the picture: where hiding a patch costs the answer most."""
        from plexus_vision.heatmap import write_heatmap

        return write_heatmap(predictor, codec, raw, to)


def _logits(
    predictor: "Predictor", dataset: SupervisedDataset, codec: PictureCodec, split: str
) -> tuple[np.ndarray, np.ndarray]:
    examples = dataset[split]
    if not len(examples):
        raise InputError(f"the {split} split has no pictures: give more data, three pictures a class at the least")
    return predictor(examples.encode(codec))["logits"], codec.targets(examples.labels)


def _recipe(dataset: SupervisedDataset, codec: PictureCodec, options: ClassifyOptions) -> Recipe | None:
    if options.augment != "auto":
        return RECIPES[options.augment]
    train = dataset["train"]
    return suitable_recipe(train.encode(codec)["image"], codec.targets(train.labels), codec.convention)
