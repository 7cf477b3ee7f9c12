"""The task `vision.classify`: one label for an image."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from plexus import Examples, Metric
from plexus.codec import Input
from plexus.data.images import read_image, to_image_array
from plexus.data.partly_labelled_images import PartlyLabelledImages
from plexus.metrics.classification import CLASSIFICATION_METRICS
from plexus.options import resolved
from plexus.tasks.classification import ClassificationTask, LabelledDataset
from plexus.tasks.compared_codec import WITHOUT
from plexus.tasks.compared_networks import ComparesNetworks, compared_metrics
from plexus.tasks.image_inputs import ImageInputs
from plexus.tasks.image_suggestions import SuggestsImages
from plexus_vision import few_labels, rejection
from plexus_vision.codec import ImageCodec
from plexus_vision.imagenet import choose_network
from plexus_vision.options import ClassifyOptions

if TYPE_CHECKING:
    import keras

    from plexus import Batches, Predictor
    from plexus.data.augmentation import AugmentationPolicy

MIN_STEPS = 1200
"""Steps of a training at least: small data sets get more epochs."""
MIN_EPOCHS, USUAL_MAX_EPOCHS, MAX_EPOCHS = 5, 30, 200


class Classify(ImageInputs, SuggestsImages[ImageCodec, ClassifyOptions], ComparesNetworks[ImageCodec, ClassifyOptions]):
    """Image classification.

    Example:
        ```python
        bundle = plexus.train("vision.classify", data="digits")
        bundle.predict([Path("photo.png")])
        ```
    """

    options, codec = ClassifyOptions, ImageCodec
    trial_options = {"data": "digits", "epochs": 2, "width": 0.5}
    other_metrics = (*CLASSIFICATION_METRICS, *rejection.METRICS, *compared_metrics(Metric("accuracy")))
    figure_captions: ClassVar[Mapping[str, str]] = {
        **ClassificationTask.figure_captions,
        "out_of_distribution.svg": "How far the test images and unrelated images are from the training images; those "
        "above 1 are rejected as none of the labels",
    }
    request_description = "the bytes of an image or a drawing, as a file"
    explanation_suffix = ".png"
    pretraining_task = "vision.pretrain"

    def load_dataset(self, options: ClassifyOptions) -> LabelledDataset:
        """Read labelled images, and unlabelled ones; see `plexus_vision.dataset.load_dataset`.

        Args:
            options: The options.

        Returns:
            The dataset.
        """
        from plexus_vision.dataset import load_dataset

        return load_dataset(self.locate(options.data), options, self.locate_unlabelled(options.unlabelled))

    def check_bundle_options(self, options: ClassifyOptions, codec: ImageCodec) -> ClassifyOptions:
        """Leave out which images have no labels: no evaluation needs them, and the test split is the same.

        Args:
            options: The options of the bundle.
            codec: The codec.

        Returns:
            The options to read all labelled data with.
        """
        return options.model_copy(update={"unlabelled": None, "labels": None})

    def make_examples(self, inputs: Sequence[Input], targets: Sequence[str]) -> Examples[str]:
        """Return labelled images in memory.

        Args:
            inputs: Images of shape `(n, height, width)` or `(n, height, width, channels)`, or a list of paths, images
                of Pillow, or arrays of any size.
            targets: Labels.

        Returns:
            The examples.

        Raises:
            InputError: If an input is no image.
        """
        shapes = {getattr(image, "shape", None) for image in inputs}
        if None in shapes or len(shapes) > 1:
            return Examples(
                [Path(image) if isinstance(image, str) else read_image(image) for image in inputs], list(targets)
            )
        return Examples(to_image_array("examples in memory", np.asarray(inputs)), list(targets))

    def fit_codec(self, dataset: LabelledDataset, options: ClassifyOptions) -> ImageCodec:
        """Fit labels, size and layout of the training images.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        few_labels.require_dataset(dataset, options)
        codec = ImageCodec.fit(dataset["train"], options.size)
        if not isinstance(dataset, PartlyLabelledImages):
            return codec
        few_labels.check_options(options)
        return codec.with_comparison(WITHOUT)

    def resolve_options(
        self, dataset: LabelledDataset, codec: ImageCodec, options: ClassifyOptions
    ) -> dict[str, object]:
        """Choose learning rate and width, and the epochs by the steps of the augmentation policy.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        from plexus.data.augmentation import AugmentationPolicy

        policy = _augmentation_policy(dataset, codec, options) or AugmentationPolicy()
        network = choose_network(options, codec.shape, dataset.count("train"))
        network["learning_rate"] = 5e-3 if network["weights"] == "none" else 5e-4
        if isinstance(dataset, PartlyLabelledImages):
            return few_labels.resolve_options(dataset, policy.steps, options) | network
        steps_per_epoch = max(dataset.count("train") // resolved(options.batch_size), 1)
        min_epochs = min(MIN_STEPS / steps_per_epoch, MAX_EPOCHS)
        epochs = max(min(policy.steps / steps_per_epoch, USUAL_MAX_EPOCHS), MIN_EPOCHS, min_epochs)
        return network | {"epochs": round(epochs), "width": 1.0}

    def has_same_outputs(self, codec: ImageCodec, other: ImageCodec) -> bool:
        """Return whether the labels are the same.

        Args:
            codec: The codec of the training.
            other: The codec of the bundle to start from.

        Returns:
            Whether they are, in the same order.
        """
        return codec.labels == other.labels

    def build_network(self, codec: ImageCodec, options: ClassifyOptions) -> "keras.Model":
        """Build the network from bytes of images to logits.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus.nets.network_pair import pair_networks
        from plexus_vision.network import build_network

        if codec.comparison is None:
            return build_network(codec.shape, len(codec.labels), options)
        return pair_networks(*(build_network(codec.shape, len(codec.labels), options) for _ in range(2)))

    def export_networks(
        self, network: "keras.Model", codec: ImageCodec, options: ClassifyOptions
    ) -> "dict[str, keras.Model]":
        """Return the networks with the features by which images that show none of the labels are detected.

        Args:
            network: The result of `build_network`.
            codec: The codec.
            options: The options.

        Returns:
            The networks by name.
        """
        from plexus_vision.network import with_features

        networks = super().export_networks(network, codec, options)
        return {name: with_features(single) for name, single in networks.items()}

    def build_learner(
        self, network: "keras.Model", dataset: LabelledDataset, codec: ImageCodec, options: ClassifyOptions
    ) -> "keras.Model":
        """Add augmentation, label smoothing, mixup and CutMix; or learning from unlabelled images.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        from plexus.nets.augmentation import ImageAugmentation
        from plexus_vision.learner import ImageLearner

        policy = _augmentation_policy(dataset, codec, options)
        if isinstance(dataset, PartlyLabelledImages):
            return few_labels.build_learner(network, dataset, policy, options)
        return ImageLearner(network, ImageAugmentation(policy, options.seed) if policy else None, options)

    def loss(self, options: ClassifyOptions) -> None:
        """Leave the loss to the learner.

        Args:
            options: The options.
        """

    def batches(
        self,
        dataset: LabelledDataset,
        codec: ImageCodec,
        learner: "keras.Model",
        options: ClassifyOptions,
        epoch: int,
    ) -> "Batches":
        """Return all training images once, shuffled; or labelled images together with unlabelled ones.

        Args:
            dataset: The dataset.
            codec: The codec.
            learner: The learner.
            options: The options.
            epoch: The epoch.

        Returns:
            The batches.
        """
        if not isinstance(dataset, PartlyLabelledImages):
            return super().batches(dataset, codec, learner, options, epoch)
        from plexus.data.partly_labelled_batches import partly_labelled_batches

        return partly_labelled_batches(dataset, codec, resolved(options.batch_size), options.seed, epoch)

    def calibrate(self, predictor: "Predictor", dataset: LabelledDataset, codec: ImageCodec) -> ImageCodec:
        """Fit the temperature, and the distance from which an image shows none of the labels.

        Args:
            predictor: The trained networks.
            dataset: The dataset.
            codec: The fitted codec.

        Returns:
            The calibrated codec.
        """
        predictor = rejection.remembering(predictor)
        calibrated = super().calibrate(predictor, dataset, codec)
        validation = predictor(dataset["val"].encode(codec))["features"]
        return calibrated.with_out_of_distribution(rejection.fit_detector(predictor, dataset, codec, validation))

    def evaluate(
        self, predictor: "Predictor", dataset: LabelledDataset, codec: ImageCodec, split: str
    ) -> dict[str, float]:
        """Compute the metrics of classification over all images, and those of the rejection of unrelated ones.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec; before calibration, images are not rejected.
            split: The split.

        Returns:
            The metrics by name.
        """
        predictor = rejection.remembering(predictor)
        metrics = super().evaluate(predictor, dataset, codec, split)
        return metrics | rejection.evaluate(predictor, dataset[split], codec)

    def card_section(
        self, predictor: "Predictor", dataset: LabelledDataset, codec: ImageCodec, metrics: Mapping[str, float]
    ) -> list[str]:
        """Write about rejected images, and about the unlabelled images, if there were any.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The codec.
            metrics: Metrics of the test split.

        Returns:
            Lines of Markdown.
        """
        unlabelled = self.comparison_section(predictor, dataset, codec, metrics)
        rejected = rejection.card_section(codec, len(dataset["val"]), metrics)
        return [*unlabelled, *([""] if unlabelled and rejected else []), *rejected]

    def report(self, predictor: "Predictor", dataset: LabelledDataset, codec: ImageCodec, folder: Path) -> None:
        """Draw the figures of classification, and the distances of test images and unrelated images.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        predictor = rejection.remembering(predictor)
        super().report(predictor, dataset, codec, folder)
        rejection.draw(predictor, dataset["test"], codec, folder / "out_of_distribution.svg")

    def draw_mistakes(
        self, dataset: LabelledDataset, codec: ImageCodec, probabilities: np.ndarray, folder: Path
    ) -> None:
        """Draw the most confident mistakes.

        Args:
            dataset: The dataset.
            codec: The codec.
            probabilities: Probabilities of the test images.
            folder: Folder to write to.
        """
        from plexus_vision.report import draw_mistakes

        test = dataset["test"]
        images, classes = test.encode(codec)["image"], codec.label_indices(test.targets)
        draw_mistakes(images, probabilities, classes, codec.labels, folder / "mistakes.svg")

    def explain(self, predictor: "Predictor", codec: ImageCodec, raw_input: Input, path: Path) -> Path:
        """Draw a heat map over the image: where occluding a patch lowers the probability most.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: The image.
            path: File to write.

        Returns:
            The file.
        """
        from plexus_vision.explain import draw_occlusion_map

        return draw_occlusion_map(predictor, codec, raw_input, path)


def _augmentation_policy(
    dataset: LabelledDataset, codec: ImageCodec, options: ClassifyOptions
) -> "AugmentationPolicy | None":
    from plexus_vision.augmentation import POLICIES, suitable_policy

    if options.augment != "auto":
        return POLICIES[options.augment]
    if isinstance(dataset, PartlyLabelledImages):
        return suitable_policy(*few_labels.policy_sample(dataset, codec), codec.layout, dataset.count("train"))
    train = dataset["train"]
    return suitable_policy(train.encode(codec)["image"], codec.label_indices(train.targets), codec.layout)
