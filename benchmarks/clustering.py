"""Clustering compared with k-means, Gaussian mixtures, spectral clustering and HDBSCAN on 77 labelled tables.

Measures the adjusted Rand index (ARI) on the sets of `clustering_benchmark`, on three tables of scikit-learn and on
the twenty planted tables of the tests: with the true number of clusters and, in the columns "free", without it.
`clustering.deep` runs with its defaults on all sets, none of which it trains a network for. Every method gets the same
encoded columns. The labels of Plexus are those of its network of reference points.

    PLEXUS_DATA=... python benchmarks/clustering.py [part of a set's name]
"""

import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.cluster import HDBSCAN, KMeans, SpectralClustering
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from plexus.plugins.registry import registry
from plexus.training.keras_predictor import KerasPredictor
from plexus_clustering.codec import assigned_clusters
from plexus_clustering.dataset import ClusteringDataset
from plexus_clustering.memory import dataset_in_memory, inputs_in_memory

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins/clustering/tests"))
from test_planted_tables import KINDS, planted_table

TASK = "clustering.deep"
PEERS = ("k-means", "GMM", "spectral", "HDBSCAN")
COLUMNS = (*PEERS, "Plexus", "Plexus, free")
REPEATS = 10_000


def peer_labels(x: np.ndarray, clusters: int) -> dict[str, np.ndarray]:
    """Return the labels by each peer with its usual settings; HDBSCAN takes no number of clusters."""
    return {
        "k-means": KMeans(clusters, n_init=10, random_state=0).fit_predict(x),
        "GMM": GaussianMixture(clusters, n_init=5, random_state=0, reg_covar=1e-4).fit_predict(x),
        "spectral": SpectralClustering(
            clusters, affinity="nearest_neighbors", n_neighbors=10, random_state=0, eigen_tol=1e-4
        ).fit_predict(x),
        "HDBSCAN": HDBSCAN(copy=True).fit_predict(x),
    }


def plexus_labels(dataset: ClusteringDataset, clusters: int | None) -> tuple[np.ndarray, int]:
    """Return the labels, and the number of clusters, of the network of reference points."""
    task = registry().task(TASK)
    options = task.options.parse({"clusters": clusters})
    codec = task.fit_codec(dataset, options)
    predictor = KerasPredictor(task.build_network(codec, options))
    return assigned_clusters(predictor(dataset.encode(codec.encoder))["membership"]), codec.clusters


def datasets() -> Iterator[tuple[str, ClusteringDataset]]:
    """Return the names and data of all sets."""
    task = registry().task(TASK)
    for file in registry().dataset("clustering_benchmark").files:
        name = str(Path(file.name).with_suffix(""))
        yield name, task.load_dataset(task.options.parse({"data": f"clustering_benchmark/{name}"}))
    for name, load in (("iris", load_iris), ("wine", load_wine), ("breast_cancer", load_breast_cancer)):
        yield f"scikit-learn/{name}", in_memory(*load(return_X_y=True))
    for kind in KINDS:
        yield f"planted/{kind.__name__}", in_memory(*planted_table(kind))


def in_memory(table: np.ndarray | pl.DataFrame, labels: np.ndarray) -> ClusteringDataset:
    """Return the dataset of a table with its true classes."""
    dataset = dataset_in_memory(inputs_in_memory(table), registry().task(TASK).options.parse({}))
    dataset.labels = labels
    return dataset


def print_means(group: str, table: np.ndarray, numbers: np.ndarray) -> None:
    """Print the means of a group of sets, and the differences to the peers with intervals of the paired bootstrap."""
    print(f"\n{group}: {len(table)} sets")
    print(f"{'mean':47} " + " ".join(f"{value:13.4f}" for value in table.mean(axis=0)))
    sample = np.random.default_rng(0).integers(len(table), size=(REPEATS, len(table)))
    for place, peer in enumerate(PEERS):
        differences = table[:, COLUMNS.index("Plexus")] - table[:, place]
        low, high = np.quantile(differences[sample].mean(axis=1), (0.025, 0.975))
        print(f"  Plexus - {peer}: {differences.mean():+.3f}, 95 % interval {low:+.3f} to {high:+.3f}")
    errors = np.abs(numbers[:, 0] - numbers[:, 1])
    print(f"  estimated number of clusters: exact {np.mean(errors == 0):.1%}, within one {np.mean(errors <= 1):.1%}")


def main() -> None:
    """Print one line per set, then the means of each group."""
    warnings.filterwarnings("ignore")
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    rows: dict[str, list[tuple[list[float], tuple[int, int]]]] = {}
    print(f"{'set':36} {'rows':>6} {'k':>3} " + " ".join(f"{column:>13}" for column in COLUMNS) + "  k, free")
    for name, dataset in ((name, dataset) for name, dataset in datasets() if part in name):
        encoder = registry().task(TASK).fit_codec(dataset, registry().task(TASK).options.parse({"clusters": 1})).encoder
        x, truth = dataset.features(encoder).astype(np.float64), dataset.labels
        clusters = len(set(truth))
        scores = {method: adjusted_rand_score(truth, labels) for method, labels in peer_labels(x, clusters).items()}
        scores["Plexus"] = adjusted_rand_score(truth, plexus_labels(dataset, clusters)[0])
        started = time.process_time()
        labels, estimate = plexus_labels(dataset, None)
        scores["Plexus, free"] = adjusted_rand_score(truth, labels)
        line = [scores[column] for column in COLUMNS]
        rows.setdefault(name.split("/")[0], []).append((line, (clusters, estimate)))
        columns = " ".join(f"{value:13.3f}" for value in line)
        seconds = time.process_time() - started
        print(f"{name:36} {len(x):6} {clusters:3} {columns}  {estimate:3}  {seconds:.1f} s", flush=True)
    rows["clustering_benchmark"] = rows.get("artificial", []) + rows.get("real-world", [])
    for group, results in rows.items():
        if results:
            print_means(group, np.array([line for line, _ in results]), np.array([pair for _, pair in results]))


if __name__ == "__main__":
    main()
