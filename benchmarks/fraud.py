"""Average precision of fraud detection compared with XGBoost and LightGBM on the same transactions and features.

PLEXUS_DATA=... python benchmarks/fraud.py creditcard [seeds]    the last fifth by time
PLEXUS_DATA=... python benchmarks/fraud.py handbook [seeds]      a week, seven days of delay, the week after
python benchmarks/fraud.py claims [seeds]                        simulated insurance claims, a table per seed, no times
PLEXUS_DATA=... python benchmarks/fraud.py speed                 features, bulk scoring, one transaction at a time
python benchmarks/fraud.py latency                               one payment at a time, by the bundle `simulated`

The peers need the extra `bench`. Their settings are those that did best on both sets among four each: rates of 0.02 to
0.1, depths of 4 to 6 or 15 to 31 leaves, and the defaults; of claims they get the columns themselves, categories as
numbers, and have their defaults too. Differences of two models are given with the 95 % interval of a paired bootstrap.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from fraud_claims import simulate_claims

import plexus
from plexus import Bundle, Run
from plexus.metrics.intervals import bootstrap_interval
from plexus.plugins.registry import registry
from plexus.training.trainer import Trainer
from plexus_fraud.metrics import average_precision, average_precision_interval
from plexus_fraud.simulation import Simulation, simulate

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


def fit_default_peers(dataset, rows):
    """Return the probabilities of both peers with their defaults, from the columns themselves."""
    from lightgbm import LGBMClassifier
    from xgboost import XGBClassifier

    frame = pl.DataFrame(dict(dataset.transactions.columns)).drop(dataset.roles.label)
    texts = [name for name in frame.columns if frame[name].dtype == pl.String]
    codes = frame.with_columns(pl.col(texts).cast(pl.Categorical).to_physical()).to_numpy().astype(float)
    categorical = [frame.columns.index(name) for name in texts]
    fraud = dataset.transactions.fraud[rows]
    light = LGBMClassifier(n_jobs=2, verbose=-1)
    models = {
        "LightGBM, defaults": light.fit(codes[rows], fraud, categorical_feature=categorical),
        "XGBoost, defaults": XGBClassifier(n_jobs=2).fit(codes[rows], fraud),
    }
    test = dataset.rows("test")
    return {name: model.predict_proba(codes[test])[:, 1] for name, model in models.items()}


def scores_of(which: str, seed: int, folder: str):
    """Train all models, and return the labels of the test split and the probabilities by model."""
    task = registry().task(TASK)
    place = SETS.get(which)
    if place is None:
        simulate_claims(seed).write_csv(Path(folder) / "claims.csv")
        place = {"data": str(Path(folder) / "claims.csv")}
    options = task.options.parse(place | {"seed": seed})
    dataset = task.load_dataset(options)
    started = time.monotonic()
    result = Trainer(task).train(Run.start(TASK, options, folder=Path(folder) / "run"))
    print(f"{time.monotonic() - started:.0f} s; flagged: {result['scores']['flagged_share']:.3f}")
    bundle = plexus.load(result["bundle"])
    x, test = dataset.encode_all(bundle.codec.encoder), dataset.rows("test")
    scores = {"plexus": bundle.codec.probabilities(bundle.predictor({"x": x[test]}))}
    rows = np.concatenate([dataset.rows("train"), dataset.rows("val")])
    for name, model in fit_peers(x[rows], dataset.transactions.fraud[rows], seed).items():
        scores[name] = model.predict_proba(x[test])[:, 1]
    return dataset.fraud("test"), scores | (fit_default_peers(dataset, rows) if which == "claims" else {})


def compare(which: str, seeds: int) -> None:
    """Print one line per seed and model, then the means."""
    values_by_name: dict[str, list[float]] = {}
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            fraud, scores = scores_of(which, seed, folder)
        for name, values in scores.items():
            values_by_name.setdefault(name, []).append(average_precision(values, fraud))
            low, high = average_precision_interval(values, fraud)
            line = f"{which}, seed {seed}: {name:19} {values_by_name[name][-1]:.4f} ({low:.4f} to {high:.4f})"
            print(line + ("" if name == "plexus" else f"; plexus {difference(scores['plexus'], values, fraud)}"))
    for name, values in values_by_name.items():
        print(f"{name:19} {np.mean(values):.4f} +- {np.std(values):.4f}", flush=True)


def difference(ours, theirs, fraud) -> str:
    """Return the difference of the average precision, with the interval of a paired bootstrap."""
    groups = [np.flatnonzero(fraud == 1), np.flatnonzero(fraud == 0)]
    low, high = bootstrap_interval(
        lambda rows: average_precision(ours[rows], fraud[rows]) - average_precision(theirs[rows], fraud[rows]), groups
    )
    change = average_precision(ours, fraud) - average_precision(theirs, fraud)
    return f"{change:+.4f} ({low:+.4f} to {high:+.4f})"


def latency() -> None:
    """Measure single payments that follow the history of the shipped bundle, in CPU time of the thread too."""
    bundle = plexus.load("fraud.detect/simulated")
    payments, start = simulate(Simulation(seed=1, days=4)), bundle.codec.history.latest_time
    state, seconds, cpu = bundle.task.initial_state(bundle.codec), [], []
    for place in range(2000):
        row = {name: payments[name][place].item() for name in ("customer", "terminal", "amount")}
        row["time"] = start + 10 * (place + 1)
        started, cpu_started = time.perf_counter(), time.thread_time()
        bundle.predict([row], state=state)
        seconds.append(time.perf_counter() - started)
        cpu.append(time.thread_time() - cpu_started)
    for name, values in {"elapsed": seconds, "CPU of the thread": cpu}.items():
        median, tail = np.percentile(values[50:], [50, 99]) * 1000
        print(f"one payment, {name}: p50 {median:.2f} ms, p99 {tail:.2f} ms")


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
    elif sys.argv[1:2] == ["latency"]:
        latency()
    else:
        compare(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
