"""Fitting of the codec: encoder, number of clusters, and the reference points of methods without training."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast, get_args

import numpy as np

from plexus import InputError
from plexus.utils.messages import note
from plexus_clustering.codec import ClusterCodec
from plexus_clustering.dataset import ClusteringDataset
from plexus_clustering.image_encoder import ImageEncoder
from plexus_clustering.input_encoder import InputEncoder
from plexus_clustering.moment_normalizer import Direction
from plexus_clustering.options import METHODS_WITH_TRAINING, ClusterOptions
from plexus_clustering.projection import Projection
from plexus_clustering.reference_points import ReferencePoints
from plexus_clustering.table_encoder import TableEncoder
from plexus_clustering.text_encoder import TextEncoder

if TYPE_CHECKING:
    import polars as pl

    from plexus.codec import Input

MIN_COLUMNS_FOR_DEEP, MIN_INPUTS_FOR_DEEP = 50, 1000
MAX_FEATURES, PROJECTED_FEATURES = 50, 16
"""Inputs with more features are projected before they are compared."""
EMBEDDED_ROWS = 5000
MAX_REFERENCES, MAX_REFERENCE_NUMBERS = 8192, 500_000
LARGE_DATASET, LARGE_DATASET_REFERENCES = 50_000, 2048


def fit_codec(dataset: ClusteringDataset, options: ClusterOptions) -> ClusterCodec:
    """Fit the codec, with the number of clusters if the user left it open.

    Args:
        dataset: The dataset.
        options: The options.

    Returns:
        The codec.

    Raises:
        InputError: If the data cannot be clustered by the method.
    """
    encoder = _fit_encoder(dataset, options)
    if isinstance(encoder, ImageEncoder) and encoder.normalizer is not None:
        direction = encoder.normalizer.direction
        note(f"the images are normalized as drawings with a {direction} slant; --normalize no leaves them as they are")
    method = _resolve_method(options.method, encoder, len(dataset))
    if method in METHODS_WITH_TRAINING:
        codec = _fit_for_training(dataset, encoder, method, options)
    else:
        codec = _fit_references(dataset, encoder, method, options)
    if codec.count_stability is not None:
        note(f"{codec.clusters} clusters; {codec.count_stability:.0%} of resamples have the same number")
    if codec.second_count not in {None, codec.clusters}:
        note(
            f"the number of clusters is uncertain: a second criterion estimates {codec.second_count}; "
            "--clusters sets the number"
        )
    return codec


def check_inputs(dataset: ClusteringDataset, options: ClusterOptions) -> None:
    """Check that inputs can be encoded and that there are enough different ones; nothing is clustered.

    Args:
        dataset: The dataset.
        options: The options.

    Raises:
        InputError: If the data cannot be clustered by the method.
    """
    encoder = _fit_encoder(dataset, options)
    method = _resolve_method(options.method, encoder, len(dataset))
    if method not in METHODS_WITH_TRAINING:
        from plexus_clustering.clusters import require_distinct

        require_distinct(dataset.features(encoder, dataset.sample(MAX_REFERENCES)), options.clusters)


def complete_features(dataset: ClusteringDataset, encoder: InputEncoder, rows: np.ndarray) -> np.ndarray:
    """Return features whose missing numbers are the mean of similar rows: a median in many rows looks like a cluster.

    Args:
        dataset: The dataset.
        encoder: The encoder.
        rows: Indices of the inputs.

    Returns:
        Floats of shape `(rows, features)`.
    """
    from sklearn.impute import KNNImputer

    points = dataset.features(encoder, rows)
    if not isinstance(encoder, TableEncoder):
        return points
    missing = encoder.missing(cast("pl.DataFrame", dataset.inputs)[rows])
    return np.asarray(KNNImputer().fit_transform(np.where(missing, np.nan, points))) if missing.any() else points


def _fit_encoder(dataset: ClusteringDataset, options: ClusterOptions) -> InputEncoder:
    if dataset.kind != "images" and options.normalize in get_args(Direction):
        raise InputError(f"--normalize {options.normalize}: expected images, found {dataset.kind}: omit the option")
    if dataset.kind == "table":
        if not dataset.columns:
            raise InputError(f"--data {options.data}: no column distinguishes the rows: {'; '.join(dataset.dropped)}")
        return TableEncoder(dataset.columns)
    inputs = cast("Sequence[Input]", dataset.inputs)
    if dataset.kind == "images":
        return ImageEncoder.fit(inputs, options.size, options.normalize)
    return TextEncoder.fit(inputs)


def _resolve_method(method: str, encoder: InputEncoder, inputs: int) -> str:
    if method != "auto":
        return method
    columns = len(encoder.columns) if isinstance(encoder, TableEncoder) else encoder.shape[0]
    wide = len(encoder.shape) == 3 or columns >= MIN_COLUMNS_FOR_DEEP
    return "deep" if wide and inputs >= MIN_INPUTS_FOR_DEEP else "tomato"


def _fit_for_training(
    dataset: ClusteringDataset, encoder: InputEncoder, method: str, options: ClusterOptions
) -> ClusterCodec:
    if options.clusters is not None:
        return ClusterCodec(encoder, method, options.clusters)
    from plexus_clustering.clusters import estimate_embedded_count
    from plexus_clustering.manifold import embed

    embedded = embed(dataset.features(encoder, dataset.sample(EMBEDDED_ROWS)), options.seed)
    return ClusterCodec(encoder, method, *estimate_embedded_count(embedded, options.seed))


def _fit_references(
    dataset: ClusteringDataset, encoder: InputEncoder, method: str, options: ClusterOptions
) -> ClusterCodec:
    """Cluster a sample: its rows become the reference points, or their centroids for k-means."""
    from plexus_clustering.clusters import find_clusters

    features = int(np.prod(encoder.shape))
    max_rows = MAX_REFERENCES if len(dataset) <= LARGE_DATASET else LARGE_DATASET_REFERENCES
    rows = dataset.sample(min(max_rows, MAX_REFERENCE_NUMBERS // min(features, MAX_FEATURES)))
    points, projection = dataset.features(encoder, rows), None
    complete = complete_features(dataset, encoder, rows)
    fields = encoder.fields
    if features > MAX_FEATURES:
        projection, fields = _principal_components(complete), ()
        points, complete = projection.apply(points), projection.apply(complete)
    clustering = find_clusters(complete, method, options.clusters, options.seed, fields)
    labels = clustering.labels
    if method == "kmeans":
        points = np.stack([complete[labels == cluster].mean(axis=0) for cluster in range(clustering.clusters)])
        labels = np.arange(clustering.clusters)
    references = ReferencePoints(points.astype(np.float32), labels, projection)
    return ClusterCodec(
        encoder,
        method,
        clustering.clusters,
        clustering.count_stability,
        references,
        second_count=clustering.second_count,
    )


def _principal_components(x: np.ndarray) -> Projection:
    """Return the projection on the first principal components, scaled so that the first has unit variance."""
    from sklearn.decomposition import PCA

    pca = PCA(min(PROJECTED_FEATURES, *x.shape), svd_solver="full").fit(x)
    weights = pca.components_.T / max(pca.singular_values_[0] / np.sqrt(len(x)), 1e-9)
    return Projection(weights.astype(np.float32), (-pca.mean_ @ weights).astype(np.float32))
