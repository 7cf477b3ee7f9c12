"""Classification and regression on tables: Plexus compared with tuned gradient-boosted trees and simpler models.

Every model sees the same outer folds and may use the same time on each: `--seconds`, hyperparameter search included.
Results are appended to a file of JSON lines, one for each set, model and fold; a run that was ended goes on where it
stood. `summary` prints Markdown tables.

    PLEXUS_DATA=... python benchmarks/tables.py run [--sets NAME ...] [--models NAME ...] [--folds 10] [--repeats 3]
        [--seconds 120] [--trials 50] [--threads 1] [--results FILE]
    python benchmarks/tables.py summary [--models NAME ...] [--reference plexus] [--results FILE]

The peers and most sets need the extra `bench`. The sets and their licences: `python benchmarks/table_sets.py`.
"""

import argparse
import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import metrics
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold
from table_boosting import LIBRARIES, BoostedEnsemble, BoostedTrees
from table_models import Budget, SklearnModel, build_ebm, build_forest, build_linear
from table_plexus import PlexusModel
from table_sets import SETS, TableSet
from table_summary import print_summary
from threadpoolctl import threadpool_limits

PROTOCOL = ("folds", "seconds", "trials", "threads")
MODELS = {
    "plexus": PlexusModel,
    "linear": partial(SklearnModel, build=build_linear),
    "forest": partial(SklearnModel, build=build_forest),
    "ebm": partial(SklearnModel, build=build_ebm),
    **{f"{name}-default": partial(BoostedTrees, library=each, searches=False) for name, each in LIBRARIES.items()},
    **{name: partial(BoostedTrees, library=each) for name, each in LIBRARIES.items()},
    "boosted-ensemble": BoostedEnsemble,
}


def outer_folds(each: TableSet, target: np.ndarray, options: argparse.Namespace) -> Iterator[tuple]:
    """Split a set; the folds depend on nothing but the set and the number of folds."""
    kind = RepeatedStratifiedKFold if each.classifies else RepeatedKFold
    splitter = kind(n_splits=options.folds, n_repeats=options.repeats, random_state=0)
    return enumerate(splitter.split(target, target))


def quality(each: TableSet, target: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """Return the metrics of the test rows; the Brier score of several classes is a sum over the classes."""
    if not each.classifies:
        return {
            "rmse": metrics.root_mean_squared_error(target, prediction),
            "r2": metrics.r2_score(target, prediction),
        }
    positive = prediction[:, 1] if each.task == "binary" else prediction
    return {
        "auc": metrics.roc_auc_score(target, positive, multi_class="ovr"),
        "log_loss": metrics.log_loss(target, prediction),
        "brier": metrics.brier_score_loss(target, positive),
    }


def cost_per_case(target: np.ndarray, probability: np.ndarray, thresholds: np.ndarray, miss_cost: float) -> np.ndarray:
    """Return the mean cost at each threshold: `miss_cost` for a missed positive, 1 for a false alarm."""
    alarm = probability[:, None] >= thresholds
    positive = target[:, None] == 1
    return (miss_cost * (positive & ~alarm) + (~positive & alarm)).mean(axis=0)


def decision_cost(miss_cost: float, train: tuple, test: tuple) -> dict[str, float]:
    """Return the cost of the test rows at two thresholds.

    `cost` is that at the threshold which is cheapest for the out-of-fold predictions. `expected_cost` is that at
    `1 / (1 + miss_cost)`, which is the cheapest one for calibrated probabilities (Elkan 2001) and the rule of
    `tables.risk`.

    Args:
        miss_cost: Cost of a missed positive where a false alarm costs 1.
        train: Target and out-of-fold probabilities of the training rows.
        test: Target and probabilities of the test rows.

    Returns:
        `cost`, its `threshold`, and `expected_cost`.
    """
    thresholds = np.unique(train[1])
    best = thresholds[[np.argmin(cost_per_case(*train, thresholds, miss_cost))]]
    expected = cost_per_case(*test, np.array([1 / (1 + miss_cost)]), miss_cost)
    return {
        "cost": cost_per_case(*test, best, miss_cost).item(),
        "threshold": best.item(),
        "expected_cost": expected.item(),
    }


def run_fold(each: TableSet, name: str, budget: Budget, data: tuple, rows: tuple) -> dict[str, Any]:
    """Fit a model on an outer fold's training rows and evaluate it on its test rows."""
    (columns, target), (train, test) = data, rows
    model, started = MODELS[name](budget), time.monotonic()
    model.fit(columns.iloc[train].reset_index(drop=True), target[train])
    middle = time.monotonic()
    prediction = model.predict(columns.iloc[test])
    seconds = {"fit_seconds": middle - started, "predict_seconds": time.monotonic() - middle}
    scores = quality(each, target[test], prediction)
    if each.miss_cost:
        training = target[train], model.out_of_fold()[:, 1]
        scores |= decision_cost(each.miss_cost, training, (target[test], prediction[:, 1]))
    if not each.classifies and hasattr(model, "intervals"):
        low, high = model.intervals(columns.iloc[test])
        scores["coverage"] = np.mean((low <= target[test]) & (target[test] <= high)).item()
    return seconds | {"trial_count": getattr(model, "trials", None), "metrics": scores}


def read_keys(results: Path, protocol: dict[str, float]) -> set[tuple]:
    """Return the set, model and fold of each line; all of them must come from one protocol."""
    lines = map(json.loads, results.read_text().splitlines()) if results.exists() else ()
    keys = set()
    for number, line in enumerate(lines, 1):
        other = {key: line[key] for key in PROTOCOL}
        if other != protocol:
            raise SystemExit(
                f"{results}:{number}: expected the protocol {protocol}, got {other}; name another --results"
            )
        keys.add((line["set"], line["model"], line["fold"]))
    return keys


def run(options: argparse.Namespace) -> None:
    """Run all models on all sets, fold by fold."""
    protocol = {key: getattr(options, key) for key in PROTOCOL}
    keys = read_keys(options.results, protocol)
    for each in (each for each in SETS if each.name in options.sets):
        data = each.load()
        for fold, rows in outer_folds(each, data[1], options):
            budget = Budget(each.task, options.seconds, options.trials, options.threads, seed=fold)
            for name in (name for name in options.models if (each.name, name, fold) not in keys):
                with threadpool_limits(options.threads):
                    line = run_fold(each, name, budget, data, rows)
                key = {"set": each.name, "task": each.task, "model": name, "fold": fold}
                with options.results.open("a") as stream:
                    stream.write(json.dumps(key | protocol | line) + "\n")
                scores = ", ".join(f"{metric} {value:.4f}" for metric, value in line["metrics"].items())
                print(f"{each.name}, fold {fold}, {name}: {scores} ({line['fit_seconds']:.1f} s)", flush=True)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--results", type=Path, default=Path("tables.jsonl"), help="file of JSON lines")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    names = [each.name for each in SETS]
    command = commands.add_parser("run", parents=[shared])
    command.add_argument("--sets", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    command.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS), metavar="NAME")
    command.add_argument("--folds", type=int, default=10)
    command.add_argument("--repeats", type=int, default=3, help="more may be asked for later, with the same file")
    command.add_argument("--seconds", type=float, default=120, help="time for a model to fit on a fold")
    command.add_argument("--trials", type=int, default=50, help="most trials of a search")
    command.add_argument("--threads", type=int, default=1)
    command = commands.add_parser("summary", parents=[shared])
    command.add_argument("--models", nargs="+", choices=MODELS, metavar="NAME", help="default: all in the file")
    command.add_argument("--reference", default="plexus", choices=MODELS, help="model that the tests compare")
    return parser.parse_args()


if __name__ == "__main__":
    options = parse()
    if options.command == "run":
        run(options)
    else:
        print_summary(options.results, options.models, options.reference)
