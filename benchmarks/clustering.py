"""Plexus against k-means, Gaussian mixtures, spectral clustering and HDBSCAN on the 54 sets of clustering_benchmark.

One fixed setting for all sets: `clustering.deep` with its defaults, the number of clusters given or not. Every method
gets the same standardised columns. Ours are the answers of the bundle's ONNX network.

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


def peers(x: np.ndarray, number: int) -> dict[str, np.ndarray]:
    """Each peer with its usual settings; HDBSCAN cannot be given a number."""
    return {
        "k-means": KMeans(number, n_init=10, random_state=0).fit_predict(x),
        "GMM": GaussianMixture(number, n_init=5, random_state=0, reg_covar=1e-4).fit_predict(x),
        "spectral": SpectralClustering(
            number, affinity="nearest_neighbors", n_neighbors=10, random_state=0, eigen_tol=1e-4
        ).fit_predict(x),
        "HDBSCAN": HDBSCAN(copy=True).fit_predict(x),
    }


def ours(name: str, folder: Path, clusters: int | None) -> tuple[float, int]:
    """ARI, and the number of clusters found."""
    task = registry().task(TASK)
    options = task.options.parse({"data": name, "clusters": clusters})
    result = Trainer(task).train(Run.start(TASK, options, folder=folder / f"run-{clusters}"))
    return plexus.load(result["bundle"]).metrics["ari"], round(result["scores"]["clusters"])


def main() -> None:
    """One line a set, then the means."""
    warnings.filterwarnings("ignore")
    task, part = registry().task(TASK), sys.argv[1] if len(sys.argv) > 1 else ""
    names = [
        f"clustering_benchmark/{Path(f.name).with_suffix('')}" for f in registry().dataset("clustering_benchmark").files
    ]
    table, numbers = [], []
    print(f"{'set':36} {'rows':>6} {'k':>3} " + " ".join(f"{c:>13}" for c in COLUMNS) + "  found")
    for name in (name for name in names if part in name):
        started = time.monotonic()
        options = task.options.parse({"data": name})
        dataset = task.load_dataset(options)
        codec = task.fit_codec(dataset, options)
        x, truth = dataset.features(codec).astype(np.float64), dataset.truth
        number = len(set(truth))
        found = {method: adjusted_rand_score(truth, labels) for method, labels in peers(x, number).items()}
        with tempfile.TemporaryDirectory() as folder:
            found["Plexus"], _ = ours(name, Path(folder), number)
            found["Plexus, free"], free = ours(name, Path(folder), None)
        found["HDBSCAN, free"] = found["HDBSCAN"]
        table.append([found[column] for column in COLUMNS])
        numbers.append((number, free))
        figures = " ".join(f"{value:13.3f}" for value in table[-1])
        print(
            f"{name[21:]:36} {len(x):6} {number:3} {figures}  {free:3}  {time.monotonic() - started:.0f} s", flush=True
        )
    print(f"{'mean':47} " + " ".join(f"{value:13.4f}" for value in np.mean(table, axis=0)))
    near = np.mean([abs(true - found) <= 1 for true, found in numbers])
    print(f"number of clusters right within one: {near:.1%} of {len(numbers)} sets")


if __name__ == "__main__":
    main()
