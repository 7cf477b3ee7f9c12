"""The task: groups in data that nobody labelled."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import Batches, InputError, Metric, Task
from plexus.data.augmentation import AugmentationPolicy
from plexus.data.images import suitable_shape
from plexus.utils.messages import note
from plexus_clustering.calibration import calibrated
from plexus_clustering.codec import ClusterCodec
from plexus_clustering.dataset import Collection, read_source
from plexus_clustering.encoders import Encoder, PictureEncoder, TableEncoder, TextEncoder
from plexus_clustering.inputs import read_inputs
from plexus_clustering.options import ClusterOptions

if TYPE_CHECKING:
    import keras
    import polars as pl

    from plexus.task import Predictor

WIDE, MANY = 50, 1000
"""Features and rows from which on a deep network is worth it."""
RECIPES = {
    "none": None,
    "drawing": AugmentationPolicy(rotate=0.17, shear=0.1, scale=0.1, shift=0.08),
    "object": AugmentationPolicy(rotate=0.05, shear=0.05, scale=0.05, shift=0.04),
    "photo": AugmentationPolicy(flip=True, rotate=0.1, scale=0.1, shift=0.08, colour=0.2, fill="reflect"),
}
STEPS, FEWEST_EPOCHS, MOST_EPOCHS = 4500, 12, 40
REFRESHED_AT = {"deep": (0.6, 0.8), "manifold": (0.6,)}
"""When, as shares of the epochs, clusters are found anew in the embedding."""


class Cluster(Task):
    """`clustering.deep`."""

    options = ClusterOptions
    codec = ClusterCodec
    metric = Metric("neighbour_agreement", baseline="kmeans_neighbour_agreement")
    restore_best_weights = False
    evaluation_protocol = (
        "on all of the data that was clustered, whose labels, if it has any, nothing but these figures saw"
    )
    request_description = "a row, as an object of its columns; a text; or the bytes of a picture: what was clustered"
    trial_options = {"data": "digits", "clusters": 10, "epochs": 8}

    def load_dataset(self, options: ClusterOptions) -> Collection:
        """Rows, pictures or texts."""
        return read_source(options)

    def fit_codec(self, dataset: Collection, options: ClusterOptions) -> ClusterCodec:
        """How inputs become arrays, and how many clusters there are."""
        from plexus_clustering.start import find_start

        encoder = _fit_encoder(dataset, options)
        start = find_start(dataset, ClusterCodec(encoder, 0), options, _method(dataset, encoder, options))
        if start.sureness is not None:
            note(f"{start.clusters} clusters; as many are found in {start.sureness:.0%} of resamples")
        return ClusterCodec(encoder, start.clusters, start.sureness, start.references)

    def resolve_options(self, dataset: Collection, codec: ClusterCodec, options: ClusterOptions) -> dict[str, Any]:
        """The number of clusters found; epochs, none where nothing is trained."""
        steps = max(len(dataset) // options.batch_size, 1)
        epochs = 0 if codec.references else min(max(round(STEPS / steps), FEWEST_EPOCHS), MOST_EPOCHS)
        return {"clusters": codec.clusters, "epochs": epochs, "patience": 0}

    def build_network(self, codec: ClusterCodec, options: ClusterOptions) -> "keras.Model":
        """Inputs to an embedding and memberships."""
        from plexus_clustering import networks
        from plexus_clustering.start import projected_features

        shape = codec.encoder.shape
        if codec.references:
            return networks.by_references(shape, projected_features(shape), codec.references, codec.clusters)
        return networks.encoder(shape, options.embedding, codec.clusters)

    def build_learner(
        self, network: "keras.Model", dataset: Collection, codec: ClusterCodec, options: ClusterOptions
    ) -> "keras.Model":
        """An autoencoder around a deep network; of one that goes by references, the network, which now knows them."""
        from plexus.nets.augmentation import ImageAugmentation
        from plexus_clustering import networks
        from plexus_clustering.learner import ClusterLearner
        from plexus_clustering.start import assign_start, find_start

        method = _method(dataset, codec.encoder, options)
        if codec.references:
            assign_start(network, find_start(dataset, codec, options, method))
            return network
        recipe = None if method == "manifold" else _recipe(dataset, codec, options)
        return ClusterLearner(
            network,
            networks.decoder(codec.encoder.shape, options.embedding),
            ImageAugmentation(recipe, options.seed) if recipe else None,
            len(dataset),
            options.seed,
        )

    def batches(
        self, dataset: Collection, codec: ClusterCodec, learner: "keras.Model", options: ClusterOptions, epoch: int
    ) -> Batches:
        """All inputs once, shuffled, with the clusters they have so far, now and then found anew in the embedding."""
        from plexus.training.variables import value
        from plexus_clustering.targets import refresh

        method = _method(dataset, codec.encoder, options)
        if epoch in {min(round(share * options.epochs), options.epochs - 1) for share in REFRESHED_AT[method]}:
            refresh(learner, dataset.encode(codec), codec.clusters, options.seed)
        targets = value(learner.targets)
        return Batches.shuffled(dataset.encode(codec), targets, options.batch_size, options.seed, epoch)

    def evaluate(
        self, predictor: "Predictor", dataset: Collection, codec: ClusterCodec, split: str
    ) -> dict[str, float]:
        """Figures without labels; on the test split k-means', stability, and with labels acc, nmi and ari as well."""
        from plexus_clustering.measure import measure_all, measure_sample

        if split == "val":
            return measure_sample(predictor, dataset, codec)
        return measure_all(predictor, dataset, codec, _method(dataset, codec.encoder, dataset.options))

    def calibrate(self, predictor: "Predictor", dataset: Collection, codec: ClusterCodec) -> ClusterCodec:
        """Exemplars of each cluster, how far its members reach, and what sets it apart."""
        return calibrated(predictor, dataset, codec)

    def parse_argument(self, given: str) -> list[tuple[str, Any]]:
        """The rows of a table, the lines of a .txt, the pictures of a folder; a row as JSON; a text; `-`: its lines."""
        return read_inputs(given)

    def parse_request(self, codec: Any, value: Any) -> Any:
        """A row, a text or a picture's bytes."""
        wanted = {"table": dict, "texts": str, "pictures": bytes}[codec.encoder.kind]
        if not isinstance(value, wanted):
            raise InputError(f"{self.request_description} is wanted: here {codec.encoder.kind} were")
        return value

    def table_inputs(self, table: "pl.DataFrame", flags: None) -> "pl.DataFrame":
        """The table itself."""
        return table

    def report(self, predictor: "Predictor", dataset: Collection, codec: ClusterCodec, folder: Path) -> None:
        """A map of the clusters, their sizes, and their exemplars or what sets them apart."""
        from plexus_clustering.report import draw_report

        draw_report(predictor, dataset, codec, folder)

    def explain(self, predictor: "Predictor", codec: ClusterCodec, raw: Any, to: Path) -> Path:
        """What sets the cluster of an input apart: columns, or exemplars beside it."""
        from plexus_clustering.explanation import write_explanation

        return write_explanation(predictor, codec, raw, to)


def _fit_encoder(dataset: Collection, options: ClusterOptions) -> Encoder:
    if dataset.kind == "pictures":
        return PictureEncoder(suitable_shape(dataset.raws, options.size))
    return (
        TextEncoder.fit(dataset.raws) if dataset.kind == "texts" else TableEncoder.fit(dataset.raws, dataset.findings)
    )


def _method(dataset: Collection, encoder: Encoder, options: ClusterOptions) -> str:
    if options.method != "auto":
        return options.method
    wide = len(encoder.shape) == 3 or encoder.shape[0] >= WIDE
    return "deep" if wide and len(dataset) >= MANY else "peaks"


def _recipe(dataset: Collection, codec: ClusterCodec, options: ClusterOptions) -> AugmentationPolicy | None:
    if len(codec.encoder.shape) == 1:
        return None
    if options.augment != "auto":
        return RECIPES[options.augment]
    pictures = dataset.features(codec, dataset.sample(1000)).reshape(-1, *codec.encoder.shape)
    edge = np.concatenate([pictures[:, 0].ravel(), pictures[:, -1].ravel(), pictures[:, :, 0].ravel()])
    plain = np.mean(np.abs(edge - np.median(edge)) < 0.1) > 0.7
    return RECIPES["drawing" if plain and pictures.shape[-1] == 1 else "photo"]
