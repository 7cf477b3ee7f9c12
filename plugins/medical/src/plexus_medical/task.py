"""The task `medical.classify`: the probability of an outcome from a medical image."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from plexus import Metric, SupervisedDataset
from plexus.codec import Input
from plexus.options import resolved
from plexus.tasks.compared_codec import WITHOUT
from plexus.tasks.compared_networks import ComparesNetworks, compared_metrics
from plexus_medical import few_labels
from plexus_medical.codec import MedicalCodec
from plexus_medical.examples import MedicalExamples
from plexus_medical.explained_decisions import ExplainedDecisions
from plexus_medical.medical_inputs import MedicalInputs
from plexus_medical.medical_task import MedicalTask, require_few_subgroups
from plexus_medical.options import ClassifyOptions
from plexus_medical.prediction import MedicalPrediction
from plexus_medical.suggestions import SuggestsMedicalImages

if TYPE_CHECKING:
    import keras
    import numpy as np

    from plexus import Batches, Predictor
    from plexus_medical.dataset import MedicalDataset

STEPS = 1700
"""Steps of a training, about: small data sets get more epochs."""
MIN_EPOCHS, MAX_EPOCHS = 8, 150
EVALUATIONS = 5
"""Out-of-fold evaluations during a training, about."""


class Classify(
    SuggestsMedicalImages,
    ComparesNetworks[MedicalCodec, ClassifyOptions, MedicalExamples],
    ExplainedDecisions,
    MedicalInputs,
    MedicalTask,
):
    """The probability of an outcome from a medical image. Not for clinical use.

    Example:
        ```python
        bundle = plexus.train("medical.classify", data="xrays.csv", positive="pneumonia")
        bundle.predict([Path("chest.dcm")])[0].risk
        ```
    """

    options, codec = ClassifyOptions, MedicalCodec
    other_metrics: ClassVar[Sequence[Metric]] = (*MedicalTask.other_metrics, *compared_metrics(MedicalTask.metric))
    trial_options: ClassVar[Mapping[str, object]] = {"data": "drawn_xrays", "epochs": 2, "width": 0.5, "folds": 2}
    restore_best_weights = False

    def load_dataset(self, options: ClassifyOptions) -> "MedicalDataset":
        """Read labelled medical images, and unlabelled ones; see `plexus_medical.dataset.load_dataset`.

        Args:
            options: The options.

        Returns:
            The dataset.
        """
        from plexus_medical.dataset import load_dataset

        return load_dataset(self.locate(options.data), options, self.locate_unlabelled(options.unlabelled))

    def check_bundle_options(self, options: ClassifyOptions, codec: MedicalCodec) -> ClassifyOptions:
        """Leave out the unlabelled images: no evaluation needs them, and the test split is the same.

        Args:
            options: The options of the bundle.
            codec: The codec.

        Returns:
            The options to read the labelled data with.
        """
        return options.model_copy(update={"unlabelled": None})

    def fit_codec(self, dataset: SupervisedDataset[MedicalExamples], options: ClassifyOptions) -> MedicalCodec:
        """Fit size, color and range of pixels of the training images.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.

        Raises:
            InputError: If there are too few patients with one of the labels, or too many subgroups; with unlabelled
                images, if augmentation is off.
        """
        from plexus_medical.dataset import require_training_images

        images = cast("MedicalDataset", dataset)
        require_training_images(images)
        require_few_subgroups(dataset["test"])
        codec = MedicalCodec.fit(dataset["train"].inputs, images.labels, options.folds, options.size)
        if dataset.unlabelled is None:
            return codec
        few_labels.check_options(options)
        return codec.with_comparison(WITHOUT)

    def resolve_options(
        self, dataset: SupervisedDataset[MedicalExamples], codec: MedicalCodec, options: ClassifyOptions
    ) -> dict[str, object]:
        """Choose the epochs by the number of images; record the label of the outcome for evaluations on other data.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        from plexus_medical.batches import images_per_fold

        count = dataset.count("train")
        per_step = options.folds * images_per_fold(count, options.folds, resolved(options.batch_size))
        epochs = options.epochs or round(min(max(STEPS * per_step / count, MIN_EPOCHS), MAX_EPOCHS))
        if dataset.unlabelled is not None:
            epochs = few_labels.resolve_epochs(cast("MedicalDataset", dataset), options)
        every = max(epochs // EVALUATIONS, 1)
        return {"epochs": epochs, "evaluate_every": every, "patience": 0, "positive": codec.event}

    def build_network(self, codec: MedicalCodec, options: ClassifyOptions) -> "keras.Model":
        """Build the networks of all folds as one; with unlabelled images, a pair of it.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus.nets.network_pair import pair_networks
        from plexus_medical.network import build_network

        def build() -> "keras.Model":
            return build_network(codec.shape, codec.folds, options.width, options.dropout)

        return build() if codec.comparison is None else pair_networks(build(), build())

    def build_learner(
        self,
        network: "keras.Model",
        dataset: SupervisedDataset[MedicalExamples],
        codec: MedicalCodec,
        options: ClassifyOptions,
    ) -> "keras.Model":
        """Build the training graph, in which no network learns from the images of its fold.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        from plexus_medical.augmentation import ScanAugmentation
        from plexus_medical.learner import MedicalLearner

        if dataset.unlabelled is not None:
            return few_labels.build_learner(network, cast("MedicalDataset", dataset), options)
        is_augmented = options.augmentation > 0 or options.mirror
        layer = ScanAugmentation(options.augmentation, options.mirror, options.seed) if is_augmented else None
        return MedicalLearner(network, layer)

    def loss(self, options: ClassifyOptions) -> None:
        """Leave the loss to the learner.

        Args:
            options: The options.
        """

    def batches(
        self,
        dataset: SupervisedDataset[MedicalExamples],
        codec: MedicalCodec,
        learner: "keras.Model",
        options: ClassifyOptions,
        epoch: int,
    ) -> "Batches":
        """Return all training images about once, in batches in which the folds take turns; or with unlabelled ones.

        Args:
            dataset: The dataset.
            codec: The codec.
            learner: The learner.
            options: The resolved options.
            epoch: The epoch, counted from 0.

        Returns:
            The batches.
        """
        from plexus_medical.batches import fold_batches

        if dataset.unlabelled is not None:
            return few_labels.batches(cast("MedicalDataset", dataset), codec, options, epoch)
        train, folds = dataset["train"], cast("MedicalDataset", dataset).folds
        batch_size = resolved(options.batch_size)
        return fold_batches(train.encode(codec), codec.outcomes(train.targets), folds, batch_size, options.seed, epoch)

    def validation_groups(self, dataset: SupervisedDataset[MedicalExamples]) -> "np.ndarray":
        """Return the patient of each image whose predictions are out of fold.

        Args:
            dataset: The dataset.

        Returns:
            Array of shape `(n,)`.
        """
        return dataset["val"].patients

    def card_section(
        self,
        predictor: "Predictor",
        dataset: SupervisedDataset[MedicalExamples],
        codec: MedicalCodec,
        metrics: Mapping[str, float],
    ) -> list[str]:
        """Write the section of the model card that follows CLAIM, and one about unlabelled images if there were any.

        Args:
            predictor: The networks.
            dataset: The dataset.
            codec: The calibrated codec.
            metrics: Metrics of the test split.

        Returns:
            Lines of Markdown.
        """
        section = super().card_section(predictor, dataset, codec, metrics)
        comparison = self.comparison_section(predictor, dataset, codec, metrics)
        return [*section, "", *comparison] if comparison else section

    def predict(
        self, predictor: "Predictor", codec: MedicalCodec, inputs: Sequence[Input]
    ) -> Sequence[MedicalPrediction]:
        """Predict for images.

        Args:
            predictor: The networks.
            codec: The codec.
            inputs: Images, any number.

        Returns:
            One prediction per image.

        Raises:
            InputError: If an image cannot be read; the line names it.
        """
        arrays = codec.encode(inputs)
        return codec.decode({**predictor(arrays), **arrays}, inputs)
