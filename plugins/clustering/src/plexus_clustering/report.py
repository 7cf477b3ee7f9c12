"""Pictures of clusters."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.report.figure import save_figure
from plexus_clustering.calibration import EXEMPLARS
from plexus_clustering.codec import NOISE, ClusterCodec, clusters_of
from plexus_clustering.dataset import Collection
from plexus_clustering.thumbnails import thumbnail

if TYPE_CHECKING:
    from plexus.task import Predictor

MAPPED, MOST_SHOWN = 1500, 30
GREY = "#b9bdc5"


def draw_report(predictor: "Predictor", dataset: Collection, codec: ClusterCodec, folder: Path) -> None:
    """Write `map.png`, `sizes.png`, and `exemplars.png` (pictures) or `profiles.png` (tables)."""
    rows = dataset.sample(MAPPED)
    outputs = predictor({name: values[rows] for name, values in dataset.encode(codec).items()})
    found = clusters_of(outputs["membership"])
    draw_map(_flattened(outputs["embedding"], codec, dataset.options.seed), found, folder / "map.png")
    draw_sizes([profile.size for profile in codec.profiles], folder / "sizes.png")
    if dataset.kind == "pictures":
        draw_exemplars(codec, folder / "exemplars.png")
    elif codec.profiles[0].differences:
        draw_profiles(codec, folder / "profiles.png")


def _flattened(places: np.ndarray, codec: ClusterCodec, seed: int) -> np.ndarray:
    """Two dimensions: as they are, by t-SNE of a learned embedding, or by principal components."""
    if places.shape[1] == 1:
        return np.column_stack([places, np.random.default_rng(seed).normal(size=len(places))])
    if places.shape[1] == 2:
        return places
    if not codec.references:
        from plexus_clustering.manifold import embed

        return embed(places, seed)
    from sklearn.decomposition import PCA

    return np.asarray(PCA(2, random_state=seed).fit_transform(places))


def draw_map(flat: np.ndarray, found: np.ndarray, file: Path) -> None:
    """Draw each input as a point in the colour of its cluster, with the cluster's number in its midst."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.subplots()
    noise = found == NOISE
    if noise.any():
        axes.scatter(*flat[noise].T, s=5, color=GREY, label=f"noise ({noise.mean():.1%})")
        axes.legend(frameon=False)
    for cluster in np.unique(found[~noise]):
        points = flat[found == cluster]
        axes.scatter(*points.T, s=5, color=colour(cluster), alpha=0.7, linewidths=0)
        middle = points[((points - np.median(points, axis=0)) ** 2).sum(axis=1).argmin()]
        box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": colour(cluster), "alpha": 0.85}
        axes.annotate(str(cluster), middle, ha="center", va="center", weight="bold", bbox=box)
    axes.set(xticks=[], yticks=[], title=f"{len(flat):,} inputs, by cluster")
    save_figure(figure, file)


def colour(cluster: int) -> Any:
    """A cluster's colour, the same in every picture."""
    from matplotlib import colormaps

    return colormaps["tab10" if cluster < 10 else "tab20b"](int(cluster) % 20 if cluster >= 10 else int(cluster))


def draw_sizes(sizes: list[float], file: Path) -> None:
    """Draw the share of the inputs that is in each cluster."""
    from matplotlib.figure import Figure

    shown = sizes[:MOST_SHOWN]
    figure = Figure(figsize=(7, 0.6 + 0.3 * len(shown)), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(range(len(shown)), [100 * size for size in shown], color=[colour(c) for c in range(len(shown))])
    axes.bar_label(bars, fmt="%.1f %%", padding=3)
    axes.set_yticks(range(len(shown)), [f"cluster {cluster}" for cluster in range(len(shown))])
    axes.invert_yaxis()
    axes.set(xticks=[], title="Share of the inputs")
    save_figure(figure, file)


def draw_exemplars(codec: ClusterCodec, file: Path) -> None:
    """Draw a row of typical pictures for each cluster."""
    from matplotlib.figure import Figure

    clusters = range(min(codec.clusters, MOST_SHOWN))
    rows = [[exemplar for exemplar in codec.exemplars if exemplar.cluster == cluster] for cluster in clusters]
    figure = Figure(figsize=(7, 0.7 * len(rows) + 0.5), layout="constrained")
    figure.suptitle("Exemplars of each cluster")
    for cluster, (axes, row) in enumerate(zip(figure.subplots(len(rows), 1, squeeze=False)[:, 0], rows, strict=True)):
        axes.imshow(
            _side_by_side([thumbnail(exemplar) for exemplar in row]), cmap="gray", vmin=0, vmax=255, aspect="equal"
        )
        axes.set(xticks=[], yticks=[], anchor="W")
        axes.spines[:].set_visible(False)
        axes.set_ylabel(str(cluster), rotation=0, ha="right", va="center", weight="bold", color=colour(cluster))
    figure.savefig(file, dpi=110)


def _side_by_side(pictures: list[np.ndarray]) -> np.ndarray:
    """One picture of several, with white between them; always of `EXEMPLARS` places, so that rows are alike."""
    blank = np.full_like(pictures[0], 255)
    cells = [*pictures, *[blank] * (EXEMPLARS - len(pictures))]
    gap = np.full_like(blank[:, : max(blank.shape[1] // 10, 1)], 255)
    return np.concatenate([part for cell in cells for part in (cell, gap)][:-1], axis=1)


def draw_profiles(codec: ClusterCodec, file: Path) -> None:
    """Draw what sets each cluster apart: its largest differences from the mean of all, in standard deviations."""
    from matplotlib.figure import Figure

    clusters = codec.profiles[: min(codec.clusters, MOST_SHOWN)]
    names = list(dict.fromkeys(name for profile in clusters for name in list(profile.differences)[:6]))[:20]
    table = np.array([[profile.differences.get(name, 0.0) for name in names] for profile in clusters])
    figure = Figure(figsize=(3.5 + 0.5 * len(names), 2.8 + 0.35 * len(clusters)), layout="constrained")
    axes = figure.subplots()
    most = max(np.abs(table).max(), 1.0)
    image = axes.imshow(table, cmap="RdBu_r", vmin=-most, vmax=most, aspect="auto")
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(clusters)), [f"cluster {cluster}" for cluster in range(len(clusters))])
    axes.set_title("What sets clusters apart from the mean of all")
    figure.colorbar(image, label="standard deviations")
    save_figure(figure, file)
