"""The false match rate on new persons of a threshold that is fitted on few persons of the ORL faces.

    PLEXUS_DATA=... python benchmarks/face_thresholds.py [--rate 0.001] [--draws 30]

Persons are drawn for the calibration, and the others are compared with each other. `dlib` is the bundle
`faces.recognize/orl`, whose network has seen none of them; `none` is the network of `--weights none`, fitted on 16
other persons. It prints a Markdown table: the mean and the largest false match rate, and the mean false non-match rate.
"""

import argparse
import os
from pathlib import Path

import numpy as np

import plexus
from plexus.metrics.verification import compare_all, match_rate
from plexus.plugins.registry import registry
from plexus_faces.calibration import fit_calibration
from plexus_faces.codec import unit_rows
from plexus_faces.embedder import build_embedder
from plexus_faces.face_finder import find_faces
from plexus_faces.whitening import fit_whitening

TRAINED_ON = 16
SIZES = {"dlib": (4, 5, 6, 8, 10, 12, 15, 20), "none": (4, 5, 6, 8)}


def read_embeddings(files: list[Path]) -> tuple[np.ndarray, np.ndarray]:
    """Return the embeddings of dlib's network, and the features of that of `--weights none`."""
    chips = np.stack([faces[0].chip for faces in find_faces(files)])
    task = registry().task("faces.recognize")
    network = build_embedder(task.options.parse({"data": "orl_faces", "weights": "none"}), task.package)
    features = np.concatenate([np.asarray(network.get_layer("features")(chips[i : i + 50])) for i in range(0, 300, 50)])
    return unit_rows(plexus.load("faces.recognize/orl").predictor({"face": chips})["embedding"]), features


def measure(
    embeddings: np.ndarray, persons: np.ndarray, is_calibration: np.ndarray, rate: float
) -> tuple[float, float]:
    """Return false match rate and false non-match rate on the other persons."""
    threshold = fit_calibration(embeddings[is_calibration], persons[is_calibration], rate).threshold
    pairs = compare_all(embeddings[~is_calibration], persons[~is_calibration])
    false_matches = match_rate(pairs.similarities[~pairs.genuine], threshold)
    return false_matches, 1 - match_rate(pairs.similarities[pairs.genuine], threshold)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=1e-3, help="stated false match rate")
    parser.add_argument("--draws", type=int, default=30, help="draws of persons")
    arguments = parser.parse_args()
    files = sorted((Path(os.environ["PLEXUS_DATA"]) / "orl_faces").glob("s*/*.pgm"))
    persons = np.array([file.parent.name for file in files])
    embeddings, features = read_embeddings(files)
    print("| weights | persons of the calibration | mean FMR | largest FMR | mean FNMR |\n|---|---|---|---|---|")
    for weights, sizes in SIZES.items():
        for size in sizes:
            rates = []
            for draw in range(arguments.draws):
                order = np.random.default_rng(draw).permutation(np.unique(persons))
                rows, used = np.ones(len(persons), bool), embeddings
                if weights == "none":
                    rows = ~np.isin(persons, order[:TRAINED_ON])
                    kernel, bias = fit_whitening(features[~rows], persons[~rows])
                    used = unit_rows(features @ kernel + bias)
                is_calibration = np.isin(persons[rows], order[-size:])
                rates.append(measure(used[rows], persons[rows], is_calibration, arguments.rate))
            (mean, miss), largest = 100 * np.mean(rates, axis=0), 100 * np.max(rates, axis=0)[0]
            print(f"| {weights} | {size} | {mean:.2f} % | {largest:.1f} % | {miss:.1f} % |", flush=True)


if __name__ == "__main__":
    main()
