"""Time to train a table task, to predict one row, and to predict a million rows of a table in memory.

The table is synthetic: four fifths of its columns are numbers, the others have five categories. Prediction is timed in
the process that trained, after a first prediction, without an object per row (`Bundle.predict_columns`).

Run as: python benchmarks/table_speed.py [--rows 1000] [--columns 20] [--models auto student linear]
    [--predicted 1000000]
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
SINGLE_ROUNDS = 300


def table(rows: int, columns: int, seed: int) -> pl.DataFrame:
    """Return a table whose label depends on an interaction, a wave, a sum and two categories."""
    generator, weights = np.random.default_rng(seed), np.random.default_rng(7)
    categorical = columns // 5
    numbers = generator.normal(size=(rows, columns - categorical)).astype(np.float32)
    codes = generator.integers(0, 5, size=(rows, categorical))
    logit = numbers[:, 0] * numbers[:, 1] + np.sin(2 * numbers[:, 2]) + numbers[:, 3:10] @ weights.normal(size=7) / 2
    logit += 1.0 * (codes[:, 0] == 1) - 0.7 * (codes[:, 1] == 3)
    label = np.where(generator.random(rows) < 1 / (1 + np.exp(-logit)), "yes", "no")
    texts = np.array(list("abcde"))[codes]
    return pl.DataFrame(
        {f"number{i}": values for i, values in enumerate(numbers.T)}
        | {f"category{i}": values for i, values in enumerate(texts.T)}
        | {"target": label}
    )


def train(rows: int, columns: int, model: str, folder: Path) -> tuple[Path, float, float]:
    """Train `tables.classify`; return the bundle, the seconds, and the log loss of the test split."""
    from plexus.plugins.registry import registry
    from plexus.run import Run
    from plexus.training.trainer import Trainer

    data = folder / "table.parquet"
    table(rows, columns, seed=0).write_parquet(data)
    task = registry().task("tables.classify")
    options = task.options.parse({"data": str(data), "target": "target", "model": model})
    started = time.perf_counter()
    result = Trainer(task, quiet=True).train(Run.start(task.id, options, folder=folder / "run"))
    return result["bundle"], time.perf_counter() - started, result["scores"]["log_loss"]


def main(options: argparse.Namespace) -> None:
    """Print one line per model."""
    import plexus

    new = table(options.predicted, options.columns, seed=1).drop("target")
    row = new[0].to_dicts()
    for model in options.models:
        with tempfile.TemporaryDirectory(prefix="plexus-benchmark-") as folder:
            file, seconds, loss = train(options.rows, options.columns, model, Path(folder))
            bundle = plexus.load(file)
            bundle.predict_columns(new[:10_000])
            started = time.perf_counter()
            bundle.predict_columns(new)
            rate = len(new) / (time.perf_counter() - started)
            times = []
            for _ in range(SINGLE_ROUNDS):
                started = time.perf_counter()
                bundle.predict(row)
                times.append(time.perf_counter() - started)
        latency = 1000 * np.median(times)
        print(f"{model}: training {seconds:.0f} s, log loss {loss:.4f}, one row {latency:.2f} ms, {rate:,.0f} rows/s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--models", nargs="+", default=["auto", "student", "linear"])
    parser.add_argument("--predicted", type=int, default=1_000_000, help="rows of the table that is predicted")
    main(parser.parse_args())
