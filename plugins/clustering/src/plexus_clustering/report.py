"""Figures of the clusters."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.report.figure import save_figure
from plexus_clustering.calibration import MAX_EXEMPLARS
from plexus_clustering.codec import ClusterCodec, assigned_clusters
from plexus_clustering.dataset import ClusteringDataset
from plexus_clustering.options import METHODS_WITH_TRAINING
from plexus_clustering.prediction import NOISE

if TYPE_CHECKING:
    from plexus import Predictor

MAP_ROWS, MAX_CLUSTERS = 1500, 30
MAX_FEATURES, FEATURES_PER_CLUSTER = 20, 6
POINT_SCALE, SMALLEST_POINT, LARGEST_POINT = 110.0, 1.8, 5.0
"""Diameters of the points of a map, in points of 1/72 inch: 110 divided by the root of their number, within bounds."""
GREY = "#b9bdc5"

Color = tuple[float, float, float, float]
"""Red, green, blue and opacity, from 0 to 1."""


def write_report(predictor: "Predictor", dataset: ClusteringDataset, codec: ClusterCodec, folder: Path) -> None:
    """Write `map.svg`, `sizes.svg`, and `exemplars.svg` (images) or `profiles.svg` (tables).

    Args:
        predictor: The network.
        dataset: The dataset.
        codec: The codec with profiles.
        folder: Folder to write to.
    """
    outputs = predictor(dataset.encode(codec.encoder, dataset.sample(MAP_ROWS)))
    points = _project_to_plane(outputs["embedding"], codec.method, dataset.seed)
    draw_map(points, assigned_clusters(outputs["membership"]), folder / "map.svg")
    draw_sizes([profile.size for profile in codec.profiles], folder / "sizes.svg")
    if dataset.kind == "images":
        draw_exemplars(codec, folder / "exemplars.svg")
    elif codec.profiles[0].deviations:
        draw_profiles(codec, folder / "profiles.svg")


def cluster_color(cluster: int) -> Color:
    """Return the color of a cluster, the same in all figures.

    Args:
        cluster: Number of the cluster.

    Returns:
        The color.
    """
    from matplotlib import colormaps

    return colormaps["tab10"](cluster) if cluster < 10 else colormaps["tab20b"](cluster % 20)


def draw_map(points: np.ndarray, clusters: np.ndarray, path: Path) -> None:
    """Draw inputs as points in the colors of their clusters.

    Args:
        points: Shape `(n, 2)`.
        clusters: Clusters of shape `(n,)`.
        path: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.subplots()
    noise = clusters == NOISE
    style: dict[str, Any] = {"s": _point_diameter(len(points)) ** 2, "linewidths": 0}
    style["rasterized"] = True  # there may be thousands of points
    if noise.any():
        axes.scatter(points[noise, 0], points[noise, 1], color=GREY, label=f"noise ({noise.mean():.1%})", **style)
        axes.legend(frameon=False)
    for cluster in np.unique(clusters[~noise]).tolist():
        members, color = points[clusters == cluster], cluster_color(cluster)
        axes.scatter(members[:, 0], members[:, 1], color=color, alpha=0.7, **style)
        centre = members[((members - np.median(members, axis=0)) ** 2).sum(axis=1).argmin()]
        box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": color, "alpha": 0.85}
        axes.annotate(str(cluster), tuple(centre), ha="center", va="center", weight="bold", bbox=box)
    axes.set(xticks=[], yticks=[], title=f"{len(points):,} inputs by cluster")
    save_figure(figure, path)


def draw_sizes(sizes: Sequence[float], path: Path) -> None:
    """Draw the fraction of the inputs in each cluster.

    Args:
        sizes: Fractions by cluster.
        path: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    shown = range(min(len(sizes), MAX_CLUSTERS))
    figure = Figure(figsize=(7, 0.6 + 0.3 * len(shown)), layout="constrained")
    axes = figure.subplots()
    colors = [cluster_color(cluster) for cluster in shown]
    bars = axes.barh(shown, [100 * sizes[cluster] for cluster in shown], color=colors)
    axes.bar_label(bars, fmt="%.1f %%", padding=3)
    axes.set_yticks(shown, [f"cluster {cluster}" for cluster in shown])
    axes.invert_yaxis()
    axes.set(xticks=[], title="Percentage of the inputs")
    save_figure(figure, path)


def draw_exemplars(codec: ClusterCodec, path: Path) -> None:
    """Draw the exemplars of each cluster in a row.

    Args:
        codec: The codec with exemplars of images.
        path: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    shown = range(min(codec.clusters, MAX_CLUSTERS))
    figure = Figure(figsize=(7, 0.7 * len(shown) + 0.5), layout="constrained")
    figure.suptitle("Exemplars of each cluster")
    for cluster, axes in zip(shown, figure.subplots(len(shown), 1, squeeze=False)[:, 0], strict=True):
        images = [exemplar.image() for exemplar in codec.exemplars if exemplar.cluster == cluster]
        axes.imshow(_join_images(images), cmap="gray", vmin=0, vmax=255, aspect="equal")
        axes.set(xticks=[], yticks=[], anchor="W")
        axes.spines[:].set_visible(False)
        color = cluster_color(cluster)
        axes.set_ylabel(str(cluster), rotation=0, ha="right", va="center", weight="bold", color=color)
    save_figure(figure, path, dpi=110)


def draw_profiles(codec: ClusterCodec, path: Path) -> None:
    """Draw the largest deviations of each cluster from the mean, as a heat map.

    Args:
        codec: The codec with profiles of a table.
        path: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    profiles = codec.profiles[:MAX_CLUSTERS]
    names = list(
        dict.fromkeys(name for profile in profiles for name in list(profile.deviations)[:FEATURES_PER_CLUSTER])
    )[:MAX_FEATURES]
    table = np.array([[profile.deviations.get(name, 0.0) for name in names] for profile in profiles])
    figure = Figure(figsize=(3.5 + 0.5 * len(names), 2.8 + 0.35 * len(profiles)), layout="constrained")
    axes = figure.subplots()
    limit = max(np.abs(table).max(), 1.0)
    image = axes.imshow(table, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(profiles)), [f"cluster {cluster}" for cluster in range(len(profiles))])
    axes.set_title("Deviation of each cluster from the mean of all inputs")
    figure.colorbar(image, label="standard deviations")
    save_figure(figure, path)


def _point_diameter(count: int) -> float:
    """Return the diameter of the points of a map: the more points, the smaller, so that they cover each other less."""
    return min(max(POINT_SCALE / math.sqrt(count), SMALLEST_POINT), LARGEST_POINT)


def _project_to_plane(embedding: np.ndarray, method: str, seed: int) -> np.ndarray:
    """Project by t-SNE for a learned embedding, else by principal components."""
    if embedding.shape[1] == 1:
        return np.column_stack([embedding, np.random.default_rng(seed).normal(size=len(embedding))])
    if embedding.shape[1] == 2:
        return embedding
    if method in METHODS_WITH_TRAINING:
        from plexus_clustering.manifold import embed

        return embed(embedding, seed)
    from sklearn.decomposition import PCA

    return np.asarray(PCA(2, random_state=seed).fit_transform(embedding))


def _join_images(images: Sequence[np.ndarray]) -> np.ndarray:
    """Join images side by side, with white gaps, filled up to `MAX_EXEMPLARS` so that all rows have one width."""
    blank = np.full_like(images[0], 255)
    gap = np.full_like(blank[:, : max(blank.shape[1] // 10, 1)], 255)
    cells = [*images, *[blank] * (MAX_EXEMPLARS - len(images))]
    return np.concatenate([part for cell in cells for part in (cell, gap)][:-1], axis=1)
