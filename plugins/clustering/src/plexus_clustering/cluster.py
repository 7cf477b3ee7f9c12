"""The task: groups in data that nobody labelled."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import Batches, InputError, Score, Task
from plexus.data.augmentation import Recipe
from plexus.data.images import suitable_shape
from plexus.utils.messages import note
from plexus_clustering.calibration import calibrated
from plexus_clustering.codec import ClusterCodec
from plexus_clustering.encoders import Encoder, PictureEncoder, TableEncoder, TextEncoder
from plexus_clustering.inputs import read_inputs
from plexus_clustering.options import ClusterOptions
from plexus_clustering.source import Collection, read_source

if TYPE_CHECKING:
    import keras
    import polars as pl

    from plexus.task import Predict

WIDE, MANY = 50, 1000
"""Features and rows from which on a deep network is worth it."""
RECIPES = {
    "none": None,
    "drawing": Recipe(rotate=0.17, shear=0.1, scale=0.1, shift=0.08),
    "object": Recipe(rotate=0.05, shear=0.05, scale=0.05, shift=0.04),
    "photo": Recipe(flip=True, rotate=0.1, scale=0.1, shift=0.08, colour=0.2, fill="reflect"),
}
STEPS, FEWEST_EPOCHS, MOST_EPOCHS = 4500, 12, 40
REFRESHED_AT = {"deep": (0.6, 0.8), "manifold": (0.6,)}
"""When, as shares of the epochs, clusters are found anew in the embedding."""


class Cluster(Task):
    """`clustering.deep`."""

    options = ClusterOptions
    codec = ClusterCodec
    score = Score("neighbour_agreement", baseline="kmeans_neighbour_agreement")
    keeps_best = False
    protocol = "on all of the data that was clustered, whose labels, if it has any, nothing but these figures saw"
    received_as = "a row, as an object of its columns; a text; or the bytes of a picture: what was clustered"
    trial = {"data": "digits", "clusters": 10, "epochs": 8}

    def source(self, options: ClusterOptions) -> Collection:
        """Rows, pictures or texts."""
        return read_source(options)

    def fit_codec(self, source: Collection, options: ClusterOptions) -> ClusterCodec:
        """How inputs become arrays, and how many clusters there are."""
        from plexus_clustering.start import find_start

        encoder = _fit_encoder(source, options)
        start = find_start(source, ClusterCodec(encoder, 0), options, _method(source, encoder, options))
        if start.sureness is not None:
            note(f"{start.clusters} clusters; as many are found in {start.sureness:.0%} of resamples")
        return ClusterCodec(encoder, start.clusters, start.sureness, start.references)

    def choose(self, source: Collection, codec: ClusterCodec, options: ClusterOptions) -> dict[str, Any]:
        """The number of clusters found; epochs, none where nothing is trained."""
        steps = max(len(source) // options.batch_size, 1)
        epochs = 0 if codec.references else min(max(round(STEPS / steps), FEWEST_EPOCHS), MOST_EPOCHS)
        return {"clusters": codec.clusters, "epochs": epochs, "patience": 0}

    def network(self, codec: ClusterCodec, options: ClusterOptions) -> "keras.Model":
        """Inputs to an embedding and memberships."""
        from plexus_clustering import networks
        from plexus_clustering.start import projected_features

        shape = codec.encoder.shape
        if codec.references:
            return networks.by_references(shape, projected_features(shape), codec.references, codec.clusters)
        return networks.encoder(shape, options.embedding, codec.clusters)

    def learner(
        self, network: "keras.Model", source: Collection, codec: ClusterCodec, options: ClusterOptions
    ) -> "keras.Model":
        """An autoencoder around a deep network; of one that goes by references, the network, which now knows them."""
        from plexus.nets.augmentation import Augmentation
        from plexus_clustering import networks
        from plexus_clustering.learner import ClusterLearner
        from plexus_clustering.start import assign_start, find_start

        method = _method(source, codec.encoder, options)
        if codec.references:
            assign_start(network, find_start(source, codec, options, method))
            return network
        recipe = None if method == "manifold" else _recipe(source, codec, options)
        return ClusterLearner(
            network,
            networks.decoder(codec.encoder.shape, options.embedding),
            Augmentation(recipe, options.seed) if recipe else None,
            len(source),
            options.seed,
        )

    def batches(
        self, source: Collection, codec: ClusterCodec, learner: "keras.Model", options: ClusterOptions, epoch: int
    ) -> Batches:
        """All inputs once, shuffled, with the clusters they have so far, now and then found anew in the embedding."""
        from plexus.training.state import value
        from plexus_clustering.targets import refresh

        method = _method(source, codec.encoder, options)
        if epoch in {min(round(share * options.epochs), options.epochs - 1) for share in REFRESHED_AT[method]}:
            refresh(learner, source.encode(codec), codec.clusters, options.seed)
        targets = value(learner.targets)
        return Batches.shuffled(source.encode(codec), targets, options.batch_size, options.seed, epoch)

    def measure(self, predict: "Predict", source: Collection, codec: ClusterCodec, split: str) -> dict[str, float]:
        """Figures without labels; on the test split k-means', stability, and with labels acc, nmi and ari as well."""
        from plexus_clustering.measure import measure_all, measure_sample

        if split == "val":
            return measure_sample(predict, source, codec)
        return measure_all(predict, source, codec, _method(source, codec.encoder, source.options))

    def calibrate(self, predict: "Predict", source: Collection, codec: ClusterCodec) -> ClusterCodec:
        """Exemplars of each cluster, how far its members reach, and what sets it apart."""
        return calibrated(predict, source, codec)

    def inputs(self, given: str) -> list[tuple[str, Any]]:
        """The rows of a table, the lines of a .txt, the pictures of a folder; a row as JSON; a text; `-`: its lines."""
        return read_inputs(given)

    def received(self, codec: Any, value: Any) -> Any:
        """A row, a text or a picture's bytes."""
        wanted = {"table": dict, "texts": str, "pictures": bytes}[codec.encoder.kind]
        if not isinstance(value, wanted):
            raise InputError(f"{self.received_as} is wanted: here {codec.encoder.kind} were")
        return value

    def rows(self, table: "pl.DataFrame", flags: None) -> "pl.DataFrame":
        """The table itself."""
        return table

    def report(self, predict: "Predict", source: Collection, codec: ClusterCodec, folder: Path) -> None:
        """A map of the clusters, their sizes, and their exemplars or what sets them apart."""
        from plexus_clustering.report import draw_report

        draw_report(predict, source, codec, folder)

    def explain(self, predict: "Predict", codec: ClusterCodec, raw: Any, to: Path) -> Path:
        """What sets the cluster of an input apart: columns, or exemplars beside it."""
        from plexus_clustering.explanation import write_explanation

        return write_explanation(predict, codec, raw, to)


def _fit_encoder(source: Collection, options: ClusterOptions) -> Encoder:
    if source.kind == "pictures":
        return PictureEncoder(suitable_shape(source.raws, options.size))
    return TextEncoder.fit(source.raws) if source.kind == "texts" else TableEncoder.fit(source.raws, source.findings)


def _method(source: Collection, encoder: Encoder, options: ClusterOptions) -> str:
    if options.method != "auto":
        return options.method
    wide = len(encoder.shape) == 3 or encoder.shape[0] >= WIDE
    return "deep" if wide and len(source) >= MANY else "peaks"


def _recipe(source: Collection, codec: ClusterCodec, options: ClusterOptions) -> Recipe | None:
    if len(codec.encoder.shape) == 1:
        return None
    if options.augment != "auto":
        return RECIPES[options.augment]
    pictures = source.features(codec, source.sample(1000)).reshape(-1, *codec.encoder.shape)
    edge = np.concatenate([pictures[:, 0].ravel(), pictures[:, -1].ravel(), pictures[:, :, 0].ravel()])
    plain = np.mean(np.abs(edge - np.median(edge)) < 0.1) > 0.7
    return RECIPES["drawing" if plain and pictures.shape[-1] == 1 else "photo"]
