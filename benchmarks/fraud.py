"""Average precision of fraud detection compared with XGBoost and LightGBM on the same transactions and features.

PLEXUS_DATA=... python benchmarks/fraud.py creditcard [seeds]    the last fifth by time
PLEXUS_DATA=... python benchmarks/fraud.py handbook [seeds]      a week, seven days of delay, the week after
PLEXUS_DATA=... python benchmarks/fraud.py speed                 features, bulk scoring, one transaction at a time

The peers need the extra `bench`. Their settings are those that did best on both sets among four each: rates of 0.02 to
0.1, depths of 4 to 6 or 15 to 31 leaves, and the defaults.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

import plexus
from plexus import Bundle, Run
from plexus.plugins.registry import registry
from plexus.training.trainer import Trainer
from plexus_fraud.metrics import average_precision, average_precision_interval

TASK = "fraud.detect"
SETS = {
    "creditcard": {"data": "creditcard"},
    "handbook": {"data": "fraud_handbook", "train_days": 7, "delay_days": 7, "test_days": 7},
}


def fit_peers(x, fraud, seed):
    """Return both peers, fitted."""
    from lightgbm import LGBMClassifier
    from xgboost import XGBClassifier

    shared = {"random_state": seed, "subsample": 0.8, "colsample_bytree": 0.8, "n_jobs": 2}
    return {
        "XGBoost": XGBClassifier(n_estimators=300, max_depth=4, learning_rate=0.05, **shared).fit(x, fraud),
        "LightGBM": LGBMClassifier(
            n_estimators=300, learning_rate=0.02, subsample_freq=1, num_leaves=15, verbose=-1, **shared
        ).fit(x, fraud),
    }


def compare(which: str, seeds: int) -> None:
    """Print one line per seed, then the means with the bootstrap intervals of seed 0."""
    task = registry().task(TASK)
    scores_by_name: dict[str, list[float]] = {}
    intervals = {}
    for seed in range(seeds):
        options = task.options.parse(SETS[which] | {"seed": seed})
        dataset = task.load_dataset(options)
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            result = Trainer(task).train(Run.start(TASK, options, folder=Path(folder) / "run"))
            seconds = time.monotonic() - started
            bundle = plexus.load(result["bundle"])
            x, test = dataset.encode_all(bundle.codec.encoder), dataset.rows("test")
            scores = {"plexus": bundle.codec.probabilities(bundle.predictor({"x": x[test]}))}
        rows = np.concatenate([dataset.rows("train"), dataset.rows("val")])
        for name, model in fit_peers(x[rows], dataset.transactions.fraud[rows], seed).items():
            scores[name] = model.predict_proba(x[test])[:, 1]
        for name, values in scores.items():
            scores_by_name.setdefault(name, []).append(average_precision(values, dataset.fraud("test")))
            if seed == 0:
                intervals[name] = average_precision_interval(values, dataset.fraud("test"))
        line = ", ".join(f"{name} {values[-1]:.4f}" for name, values in scores_by_name.items())
        print(f"{which}, seed {seed}: {line} ({seconds:.0f} s to train plexus)", flush=True)
    for name, values in scores_by_name.items():
        low, high = intervals[name]
        print(f"{name:9} {np.mean(values):.4f} +- {np.std(values):.4f}, interval of seed 0: {low:.4f} to {high:.4f}")


def speed() -> None:
    """Measure throughput and latency with the transactions of the set `handbook`."""
    task = registry().task(TASK)
    options = task.options.parse(SETS["handbook"] | {"epochs": 1})
    dataset = task.load_dataset(options)
    with tempfile.TemporaryDirectory() as folder:
        bundle = plexus.load(Trainer(task).train(Run.start(TASK, options, folder=Path(folder) / "run"))["bundle"])
        print_rates(bundle, dataset)


def print_rates(bundle: Bundle, dataset) -> None:
    """Print the throughput of features and network, and the latency of single transactions."""
    started = time.perf_counter()
    encoder = bundle.codec.encoder
    x = encoder.encode(dataset.transactions, encoder.empty_history())
    print(f"features: {len(x) / (time.perf_counter() - started):,.0f} transactions/s")
    started = time.perf_counter()
    bundle.predictor({"x": x})
    print(f"network: {len(x) / (time.perf_counter() - started):,.0f} rows/s")
    stamp = "2018-08-01 {:02d}:{:02d}:{:02d}"
    columns = {name: values.tail(2000) for name, values in dataset.transactions.columns.items() if name != "TX_FRAUD"}
    rows = pl.DataFrame(columns).to_dicts()
    seconds, state = [], bundle.task.initial_state(bundle.codec)
    for second, row in enumerate(rows):
        row["TX_DATETIME"] = stamp.format(second // 3600, second // 60 % 60, second % 60)
        started = time.perf_counter()
        bundle.predict([row], state=state)
        seconds.append(time.perf_counter() - started)
    median, tail = np.percentile(seconds[50:], [50, 99]) * 1000
    print(f"one transaction, features and score: p50 {median:.2f} ms, p99 {tail:.2f} ms")


if __name__ == "__main__":
    if sys.argv[1:2] == ["speed"]:
        speed()
    else:
        compare(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
