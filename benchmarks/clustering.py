"""Deep clustering compared with k-means, Gaussian mixtures, spectral clustering and HDBSCAN on 54 data sets.

Measures the adjusted Rand index (ARI) on the sets of `clustering_benchmark`, with the true number of clusters and,
in the columns "free", without it. `clustering.deep` runs with its defaults on all sets. Every method gets the same
standardized columns. The labels of Plexus are computed by the bundle's ONNX network.

    PLEXUS_DATA=... python benchmarks/clustering.py [part of a set's name]
"""

import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.cluster import HDBSCAN, KMeans, SpectralClustering
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

import plexus
from plexus import Run
from plexus.plugins.registry import registry
from plexus.training.trainer import Trainer

TASK = "clustering.deep"
COLUMNS = ("k-means", "GMM", "spectral", "HDBSCAN", "Plexus", "HDBSCAN, free", "Plexus, free")


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


def evaluate_plexus(name: str, folder: Path, clusters: int | None) -> tuple[float, int]:
    """Train on a set; returns the ARI and the number of clusters in the result."""
    task = registry().task(TASK)
    options = task.options.parse({"data": name, "clusters": clusters})
    result = Trainer(task).train(Run.start(TASK, options, folder=folder / f"run-{clusters}"))
    return plexus.load(result["bundle"]).metrics["ari"], round(result["scores"]["clusters"])


def main() -> None:
    """Print one line per set, then the means."""
    warnings.filterwarnings("ignore")
    task, part = registry().task(TASK), sys.argv[1] if len(sys.argv) > 1 else ""
    names = [
        f"clustering_benchmark/{Path(f.name).with_suffix('')}" for f in registry().dataset("clustering_benchmark").files
    ]
    table, numbers = [], []
    print(f"{'set':36} {'rows':>6} {'k':>3} " + " ".join(f"{c:>13}" for c in COLUMNS) + "  k, free")
    for name in (name for name in names if part in name):
        started = time.monotonic()
        options = task.options.parse({"data": name})
        dataset = task.load_dataset(options)
        codec = task.fit_codec(dataset, options)
        x, truth = dataset.features(codec).astype(np.float64), dataset.labels
        clusters = len(set(truth))
        scores = {method: adjusted_rand_score(truth, labels) for method, labels in peer_labels(x, clusters).items()}
        with tempfile.TemporaryDirectory() as folder:
            scores["Plexus"], _ = evaluate_plexus(name, Path(folder), clusters)
            scores["Plexus, free"], estimate = evaluate_plexus(name, Path(folder), None)
        scores["HDBSCAN, free"] = scores["HDBSCAN"]
        table.append([scores[column] for column in COLUMNS])
        numbers.append((clusters, estimate))
        columns = " ".join(f"{value:13.3f}" for value in table[-1])
        print(
            f"{name[21:]:36} {len(x):6} {clusters:3} {columns}  {estimate:3}  {time.monotonic() - started:.0f} s",
            flush=True,
        )
    print(f"{'mean':47} " + " ".join(f"{value:13.4f}" for value in np.mean(table, axis=0)))
    near = np.mean([abs(true - estimate) <= 1 for true, estimate in numbers])
    print(f"estimated number of clusters off by at most one: {near:.1%} of {len(numbers)} sets")


if __name__ == "__main__":
    main()
