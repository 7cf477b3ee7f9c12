"""Chest X-rays of PneumoniaMNIST: out-of-fold metrics of several seeds.

    PLEXUS_DATA=... python benchmarks/medical.py rates --out FOLDER [--seeds 3]

It prints a Markdown table. One bundle per seed is trained into FOLDER with the default options; one that is there
already is evaluated again. Repeats are removed before the folds are made, so that no image is learned by the member
that predicts it.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import plexus
from plexus.metrics.clinical import clinical_metrics

METRICS = {
    "roc_auc": "AUC",
    "sensitivity_at_specificity_90": "sensitivity at specificity 0.90",
    "sensitivity_at_specificity_95": "at 0.95",
    "calibration_slope": "calibration slope",
}


def rates(folder: Path, seeds: int) -> Iterator[tuple[str, ...]]:
    """Yield the out-of-fold metrics of each seed with 95 % intervals over images, and their means."""
    rows = []
    for seed in range(seeds):
        place, started = folder / f"seed{seed}", time.perf_counter()
        if not place.exists():
            plexus.train("medical.classify", out=place, run=folder / f"run{seed}", data="pneumoniamnist", seed=seed)
        minutes = (time.perf_counter() - started) / 60
        metrics = out_of_fold_metrics(plexus.load(place))
        rows.append([metrics[name] for name in (*METRICS, "accuracy")])
        texts = (
            f"{metrics[name]:.4f} ({metrics[f'{name}_low']:.4f} to {metrics[f'{name}_high']:.4f})" for name in METRICS
        )
        yield f"seed {seed}", *texts, f"{metrics['accuracy']:.4f}", f"{minutes:.1f}"
    yield "mean", *(f"{value:.4f}" for value in np.mean(rows, axis=0)), ""


def out_of_fold_metrics(bundle: plexus.Bundle) -> dict[str, float]:
    """Return the clinical metrics of out-of-fold predictions for the training images, and the accuracy at 0.5."""
    task, codec = bundle.task, bundle.codec
    dataset = task.load_dataset(task.options.parse(bundle.manifest["options"]))
    outputs, outcomes = task.split_outputs(bundle.predictor, dataset, codec, "val")
    risks = codec.risks(outputs)
    metrics = clinical_metrics(risks, outcomes, specificity=(0.9, 0.95), threshold=codec.threshold)
    return metrics | {"accuracy": float(np.mean((risks >= 0.5) == outcomes))}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    train = parser.add_subparsers(dest="command", required=True).add_parser("rates")
    train.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder of the bundles")
    train.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    columns = ("", *METRICS.values(), "accuracy at 0.5", "minutes")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rates(options.out, options.seeds):
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
