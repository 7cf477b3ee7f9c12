"""The task `clustering.deep`: clusters in unlabelled data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from plexus import Batches, Examples, InputError, Metric, Prediction, Task
from plexus.codec import Input
from plexus.data.augmentation import AugmentationPolicy
from plexus.data.table_rows import TableRows
from plexus.options import resolved
from plexus.tasks.example_views import ExampleViews
from plexus.tasks.row_column import RowColumn
from plexus_clustering.codec import ClusterCodec
from plexus_clustering.dataset import ClusteringDataset, load_dataset
from plexus_clustering.image_encoder import ImageEncoder
from plexus_clustering.inputs import read_inputs
from plexus_clustering.memory import dataset_in_memory, inputs_in_memory
from plexus_clustering.metrics import OTHER_METRICS
from plexus_clustering.moment_normalizer import MAX_SCALE
from plexus_clustering.options import ClusterOptions
from plexus_clustering.prediction import ClusterPrediction
from plexus_clustering.table_encoder import TableEncoder

if TYPE_CHECKING:
    import keras
    import numpy as np
    import polars as pl

    from plexus import OptionGroup, Predictor

USUAL_STEPS, MIN_EPOCHS, MAX_EPOCHS = 4500, 12, 40
PSEUDO_LABEL_EPOCHS = {"deep": (0.3, 0.45, 0.6, 0.75, 0.9), "n2d": (0.6,)}
"""Fractions of the training after which the pseudo-labels are updated."""
POLICY_SAMPLE = 1000
REQUEST_TYPES: dict[str, tuple[type, str]] = {
    "table": (dict, "a row as an object of its columns"),
    "texts": (str, "a text"),
    "images": (bytes, "the bytes of an image or a drawing, as a file"),
}


class Cluster(ExampleViews, Task[ClusteringDataset, ClusterCodec, ClusterOptions]):
    """Clustering without labels, by a deep network or by reference points.

    Example:
        ```python
        bundle = plexus.train("clustering.deep", data="customers.csv")
        bundle.predict([{"age": 41, "orders": 3}])[0].cluster
        ```
    """

    options, codec = ClusterOptions, ClusterCodec
    metric = Metric("neighbour_agreement", baseline="kmeans_neighbour_agreement")
    other_metrics = OTHER_METRICS
    figure_captions = {
        "map.svg": "The inputs in two dimensions, colored by cluster",
        "sizes.svg": "Percentage of the inputs in each cluster",
        "exemplars.svg": "Typical images of each cluster",
        "profiles.svg": "Columns in which each cluster differs most from all data",
    }
    trial_options = {"data": "digits", "clusters": 10, "epochs": 5}
    evaluation_protocol = "on all of the data that was clustered; labels, if any, are used for these metrics alone"
    restore_best_weights = False
    request_description = "what was clustered: a row as an object of its columns, a text, or the bytes of an image"
    explanation_suffix = ".png"

    def load_dataset(self, options: ClusterOptions) -> ClusteringDataset:
        """Read unlabelled data; see `plexus_clustering.dataset.load_dataset`.

        Args:
            options: The options.

        Returns:
            The dataset.
        """
        return load_dataset(self.locate(options.data), options)

    def make_inputs(self, data: object) -> Sequence[Input]:
        """Return data in memory as raw inputs; see `plexus_clustering.memory.inputs_in_memory`.

        Args:
            data: A table, an array of images, or a list of texts.

        Returns:
            The raw inputs.
        """
        return inputs_in_memory(data)

    def make_unlabelled_dataset(self, inputs: Sequence[Input], options: ClusterOptions) -> ClusteringDataset:
        """Return the dataset of raw inputs in memory.

        Args:
            inputs: The result of `make_inputs`.
            options: The options.

        Returns:
            The dataset.
        """
        return dataset_in_memory(inputs, options)

    def cluster_numbers(self, predictions: Sequence[Prediction]) -> list[int]:
        """Return the clusters that were predicted.

        Args:
            predictions: Predictions of the task.

        Returns:
            Numbers from 0; -1 for noise.
        """
        return [prediction.cluster for prediction in predictions if isinstance(prediction, ClusterPrediction)]

    def memberships(self, predictor: "Predictor", codec: ClusterCodec, inputs: Sequence[Input]) -> "np.ndarray":
        """Return how much each input belongs to each cluster.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: Raw inputs, at least one.

        Returns:
            Degrees of shape `(n, clusters)`; what a row lacks to 1 is noise.
        """
        return predictor(codec.encode(inputs))["membership"]

    def example_splits(self, dataset: ClusteringDataset) -> dict[str, Examples[str]]:
        """Return all inputs, with their true classes if there are any: the splits of the dataset overlap.

        Args:
            dataset: The dataset.

        Returns:
            The inputs as one split, `all`.
        """
        inputs = TableRows(cast("pl.DataFrame", dataset.inputs)) if dataset.kind == "table" else dataset.inputs
        labels = [""] * len(dataset) if dataset.labels is None else [str(label) for label in dataset.labels]
        return {"all": Examples(cast("Sequence[Input] | np.ndarray", inputs), labels)}

    def fit_codec(self, dataset: ClusteringDataset, options: ClusterOptions) -> ClusterCodec:
        """Fit the encoder, the number of clusters, and the reference points of methods without training.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        from plexus_clustering.fitting import fit_codec

        return fit_codec(dataset, options)

    def check_dataset(self, dataset: ClusteringDataset, options: ClusterOptions) -> None:
        """Check that the data can be encoded and holds enough different inputs; nothing is clustered.

        Args:
            dataset: The dataset.
            options: The options.

        Raises:
            InputError: If it cannot be clustered.
        """
        from plexus_clustering.fitting import check_inputs

        check_inputs(dataset, options)

    def resolve_options(
        self, dataset: ClusteringDataset, codec: ClusterCodec, options: ClusterOptions
    ) -> dict[str, object]:
        """Choose the epochs by the number of steps; 0 for methods without training.

        The number of clusters stays open, so that a resumed training fits the same codec, with its stability.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        steps_per_epoch = max(len(dataset) // resolved(options.batch_size), 1)
        epochs = min(max(round(USUAL_STEPS / steps_per_epoch), MIN_EPOCHS), MAX_EPOCHS)
        return {"epochs": 0 if codec.references else epochs, "patience": 0}

    def build_network(self, codec: ClusterCodec, options: ClusterOptions) -> "keras.Model":
        """Build the network from inputs to embedding and memberships.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus_clustering.network import build_encoder, build_reference_network

        if codec.references is not None:
            return build_reference_network(codec.encoder.shape, codec.references, codec.clusters)
        return build_encoder(codec.encoder.shape, options.embedding, codec.clusters)

    def build_learner(
        self, network: "keras.Model", dataset: ClusteringDataset, codec: ClusterCodec, options: ClusterOptions
    ) -> "keras.Model":
        """Build an autoencoder around the network; methods without training need none.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        if codec.references is not None:
            return network
        from plexus.nets.augmentation import ImageAugmentation
        from plexus_clustering.learner import ClusterLearner
        from plexus_clustering.network import build_decoder

        policy = _augmentation_policy(dataset, codec, options)
        augmentation = ImageAugmentation(policy, options.seed) if policy else None
        decoder = build_decoder(codec.encoder.shape, options.embedding)
        return ClusterLearner(network, decoder, augmentation, len(dataset), options.seed)

    def batches(
        self,
        dataset: ClusteringDataset,
        codec: ClusterCodec,
        learner: "keras.Model",
        options: ClusterOptions,
        epoch: int,
    ) -> Batches:
        """Return all inputs with their pseudo-labels, shuffled; in some epochs the pseudo-labels are updated first.

        Args:
            dataset: The dataset.
            codec: The codec.
            learner: The learner, which holds the pseudo-labels.
            options: The options.
            epoch: The epoch.

        Returns:
            The batches.
        """
        from plexus.training.variables import value
        from plexus_clustering.pseudo_labels import update_pseudo_labels

        epochs, inputs = resolved(options.epochs), dataset.encode(codec.encoder)
        if epoch in {min(round(fraction * epochs), epochs - 1) for fraction in PSEUDO_LABEL_EPOCHS[codec.method]}:
            update_pseudo_labels(learner, inputs, codec.clusters, options.seed, epoch)
        pseudo_labels = value(learner.pseudo_labels)
        return Batches.shuffled(inputs, pseudo_labels, resolved(options.batch_size), options.seed, epoch)

    def evaluate(
        self, predictor: "Predictor", dataset: ClusteringDataset, codec: ClusterCodec, split: str
    ) -> dict[str, float]:
        """Compute the metrics without labels; except on `val` also those of k-means, stability and metrics with labels.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            split: The split.

        Returns:
            The metrics by name.
        """
        from plexus_clustering.evaluation import evaluate_all, evaluate_sample

        return (evaluate_sample if split == "val" else evaluate_all)(predictor, dataset, codec)

    def calibrate(self, predictor: "Predictor", dataset: ClusteringDataset, codec: ClusterCodec) -> ClusterCodec:
        """Fit the exemplars and profiles of the clusters.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.

        Returns:
            A new codec.
        """
        from plexus_clustering.calibration import fit_profiles

        return fit_profiles(predictor, dataset, codec)

    def describe_request(self, codec: ClusterCodec) -> str:
        """Return whether a model clusters rows, texts or images.

        Args:
            codec: The codec.

        Returns:
            What one value of a request holds.
        """
        return REQUEST_TYPES[codec.encoder.kind][1]

    def describe_rows(self, codec: ClusterCodec) -> list[RowColumn]:
        """Return the columns of a row with their medians and categories.

        Args:
            codec: The codec.

        Returns:
            The columns; none for a model of texts or images.
        """
        encoder = codec.encoder
        return [column.describe() for column in encoder.columns] if isinstance(encoder, TableEncoder) else []

    def parse_argument(self, argument: str) -> list[tuple[str, Input]]:
        """Return the rows of a table, the lines of a .txt file, the images of a folder, a row as JSON, or a text.

        Args:
            argument: The argument; `-` for rows or texts on the lines of standard input.

        Returns:
            Pairs of a name and a raw input.
        """
        return read_inputs(argument)

    def parse_request(self, codec: ClusterCodec, value: Input) -> Input:
        """Check that a value of a request is a row, a text or an image, as the model needs.

        Args:
            codec: The codec.
            value: A JSON value, or the bytes of a file.

        Returns:
            The value.

        Raises:
            InputError: If it is of another type.
        """
        expected, description = REQUEST_TYPES[codec.encoder.kind]
        if not isinstance(value, expected):
            raise InputError(f"expected {description}: the model clusters {codec.encoder.kind}")
        return value

    def table_inputs(self, parts: Iterable[TableRows], options: "OptionGroup | None") -> Iterator[TableRows]:
        """Return the rows of a table, whose columns `TableEncoder` encodes at once.

        Args:
            parts: The table in parts.
            options: None.

        Returns:
            The same parts.
        """
        return iter(parts)

    def card_section(
        self,
        predictor: "Predictor",
        dataset: ClusteringDataset,
        codec: ClusterCodec,
        metrics: Mapping[str, float],
    ) -> list[str]:
        """Write the section of the model card about the normalization of drawings.

        Args:
            predictor: Not used.
            dataset: Not used.
            codec: The codec.
            metrics: Not used.

        Returns:
            Lines of Markdown; none for inputs that stay as they are.
        """
        encoder = codec.encoder
        if not isinstance(encoder, ImageEncoder) or encoder.normalizer is None:
            return []
        return [
            "## Normalization",
            "",
            "Images are normalized by their moments once they are resized. Their position does not affect the",
            f"cluster, nor do their size, within a factor of {MAX_SCALE:g} of the usual one, and their",
            f"{encoder.normalizer.direction} slant, up to 45 degrees. The aspect ratio, relative to the usual one, is",
            "replaced by its square root.",
        ]

    def report(self, predictor: "Predictor", dataset: ClusteringDataset, codec: ClusterCodec, folder: Path) -> None:
        """Draw a map of the clusters, their sizes, and their exemplars or profiles.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            folder: Folder to write to.
        """
        from plexus_clustering.report import write_report

        write_report(predictor, dataset, codec, folder)

    def explain(self, predictor: "Predictor", codec: ClusterCodec, raw_input: Input, path: Path) -> Path:
        """Draw how an input compares with its cluster: deviating features, or exemplars.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: The input.
            path: File to write.

        Returns:
            The file.
        """
        from plexus_clustering.explain import draw_explanation

        return draw_explanation(predictor, codec, raw_input, path)


def _augmentation_policy(
    dataset: ClusteringDataset, codec: ClusterCodec, options: ClusterOptions
) -> AugmentationPolicy | None:
    from plexus_clustering.augmentation import POLICIES, suitable_policy

    if codec.encoder.kind != "images" or codec.method == "n2d":
        return None
    if options.augment != "auto":
        return POLICIES[options.augment]
    sample = dataset.features(codec.encoder, dataset.sample(POLICY_SAMPLE))
    return suitable_policy(sample.reshape(-1, *codec.encoder.shape))
