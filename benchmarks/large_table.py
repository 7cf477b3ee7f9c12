"""How long, and in how much memory, a table of millions of rows is clustered and answered.

python benchmarks/large_table.py [rows]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

COLUMNS, GROUPS, PIECE = 10, 8, 500_000


def write_table(file: Path, rows: int) -> None:
    """Rows around some centres, written a piece at a time."""
    generator = np.random.default_rng(0)
    centres = generator.normal(0, 6, (GROUPS, COLUMNS))
    with file.open("wb") as stream:
        for start in range(0, rows, PIECE):
            count = min(PIECE, rows - start)
            x = centres[generator.integers(0, GROUPS, count)] + generator.normal(size=(count, COLUMNS))
            pl.DataFrame(x.round(4), schema=[f"c{i}" for i in range(COLUMNS)]).write_csv(
                stream, include_header=not start
            )


def run(*arguments: object) -> tuple[float, float]:
    """Seconds, and the most memory at once in GB."""
    started, most = time.monotonic(), 0
    process = subprocess.Popen([sys.executable, "-m", "plexus", *map(str, arguments)])
    while process.poll() is None:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        most = max([most, *(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))])
        time.sleep(0.2)
    if process.returncode:
        raise SystemExit(process.returncode)
    return time.monotonic() - started, most / 1e6


def main() -> None:
    """Train on it, then answer for each row."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    with tempfile.TemporaryDirectory() as place:
        table, bundle = Path(place) / "table.csv", Path(place) / "bundle"
        write_table(table, rows)
        trained = run("train", "clustering.deep", "--data", table, "--out", bundle)
        answered = run("predict", bundle, table, "--out", Path(place) / "answers.csv")
    print(f"{rows:,} rows: clustered in {trained[0]:.0f} s and {trained[1]:.1f} GB, ", end="")
    print(f"answered in {answered[0]:.0f} s and {answered[1]:.1f} GB")


if __name__ == "__main__":
    main()
