"""Time and peak memory of clustering a table of millions of rows, and of predicting the cluster of each row.

Run as: python benchmarks/large_table.py [ROWS]; Linux only.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

COLUMNS, GROUPS, CHUNK_ROWS = 10, 8, 500_000


def write_table(file: Path, rows: int) -> None:
    """Write a CSV file with rows around some centres, one chunk at a time."""
    generator = np.random.default_rng(0)
    centres = generator.normal(0, 6, (GROUPS, COLUMNS))
    with file.open("wb") as stream:
        for start in range(0, rows, CHUNK_ROWS):
            count = min(CHUNK_ROWS, rows - start)
            x = centres[generator.integers(0, GROUPS, count)] + generator.normal(size=(count, COLUMNS))
            pl.DataFrame(x.round(4), schema=[f"c{i}" for i in range(COLUMNS)]).write_csv(
                stream, include_header=not start
            )


def run(*arguments: object) -> tuple[float, float]:
    """Run a `plexus` command; returns its time in seconds and its peak memory in GB."""
    started, peak = time.monotonic(), 0
    process = subprocess.Popen([sys.executable, "-m", "plexus", *map(str, arguments)])
    while process.poll() is None:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        peak = max([peak, *(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))])
        time.sleep(0.2)
    if process.returncode:
        raise SystemExit(process.returncode)
    return time.monotonic() - started, peak / 1e6


def main() -> None:
    """Print time and memory of a training and of a prediction for each row."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    with tempfile.TemporaryDirectory() as folder:
        table, bundle = Path(folder) / "table.csv", Path(folder) / "bundle"
        write_table(table, rows)
        training = run("train", "clustering.deep", "--data", table, "--out", bundle)
        prediction = run("predict", bundle, table, "--out", Path(folder) / "predictions.csv")
    print(f"{rows:,} rows: clustered in {training[0]:.0f} s and {training[1]:.1f} GB, ", end="")
    print(f"predicted in {prediction[0]:.0f} s and {prediction[1]:.1f} GB")


if __name__ == "__main__":
    main()
