"""The task `vision.pretrain`: features of images, learned without labels."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from plexus.data.augmentation import AugmentationPolicy
from plexus.options import resolved
from plexus.tasks.image_inputs import ImageInputs
from plexus.tasks.pretraining import PretrainingTask, UnlabelledDataset
from plexus_vision.codec import ImageCodec
from plexus_vision.imagenet import BACKBONE
from plexus_vision.pretraining.codec import EmbeddingCodec
from plexus_vision.pretraining.options import PretrainOptions

if TYPE_CHECKING:
    import keras

DRAWING = AugmentationPolicy(rotate=0.3, shear=0.2, scale=0.3, shift=0.12, erase=0.2)
POLICIES = {
    "drawing": DRAWING,
    "object": AugmentationPolicy(rotate=0.3, shear=0.2, scale=0.3, shift=0.12, erase=0.2, flip=True, color=0.4),
    "photo": AugmentationPolicy(flip=True, rotate=0.2, scale=0.4, shift=0.15, color=0.4, erase=0.2, fill="reflect"),
}
"""Two views of an image differ more than the images of a training with labels do from the originals."""
STEPS = 1000
MIN_EPOCHS, MAX_EPOCHS = 2, 400
EVALUATIONS = 10
"""Evaluations on the validation split in a training, about: they show a collapse and choose nothing."""


class Pretrain(ImageInputs, PretrainingTask[EmbeddingCodec, PretrainOptions]):
    """Self-supervised pretraining of the network of `vision.classify`, by Barlow Twins.

    Example:
        ```python
        plexus.train("vision.pretrain", data="photos", out="pretrained")
        bundle = plexus.train("vision.classify", data="few", **{"from": "pretrained"})
        ```
    """

    options, codec = PretrainOptions, EmbeddingCodec
    trial_options: ClassVar[Mapping[str, object]] = {"data": "digits", "epochs": 2, "width": 0.25, "batch_size": 128}

    def load_dataset(self, options: PretrainOptions) -> UnlabelledDataset:
        """Read images; labels that come with them are not used.

        Args:
            options: The options.

        Returns:
            The dataset.
        """
        from plexus_vision.pretraining.dataset import load_dataset

        return load_dataset(self.locate(options.data), options)

    def fit_codec(self, dataset: UnlabelledDataset, options: PretrainOptions) -> EmbeddingCodec:
        """Fit size and layout of the training images.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        return EmbeddingCodec(ImageCodec.fit(dataset["train"], options.size))

    def resolve_options(
        self, dataset: UnlabelledDataset, codec: EmbeddingCodec, options: PretrainOptions
    ) -> dict[str, object]:
        """Choose the epochs by the number of steps, and the width of the network.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        steps_per_epoch = max(dataset.count("train") // resolved(options.batch_size), 1)
        epochs = options.epochs or round(min(max(STEPS / steps_per_epoch, MIN_EPOCHS), MAX_EPOCHS))
        network = BACKBONE if options.weights == "imagenet" else "residual"
        chosen: dict[str, object] = {"network": network, "weights": "none", "width": 1.0}
        return chosen | {"epochs": epochs, "evaluate_every": max(epochs // EVALUATIONS, 1), "patience": 0}

    def build_network(self, codec: EmbeddingCodec, options: PretrainOptions) -> "keras.Model":
        """Build the network of `vision.classify` without its output layer.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus_vision.network import build_embedder

        return build_embedder(codec.shape, options)

    def build_learner(
        self, network: "keras.Model", dataset: UnlabelledDataset, codec: EmbeddingCodec, options: PretrainOptions
    ) -> "keras.Model":
        """Add augmentation, the projection and the loss of Barlow Twins.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        from plexus.nets.augmentation import ImageAugmentation
        from plexus.nets.self_supervised import BarlowTwinsLearner

        automatic = "photo" if codec.images.layout is None else "drawing"
        policy = POLICIES[automatic if options.augment == "auto" else options.augment]
        return BarlowTwinsLearner(network, ImageAugmentation(policy, options.seed), options.projection)
