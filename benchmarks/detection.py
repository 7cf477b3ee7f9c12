"""Object detection on the blood cells of BCCD: average precision of several seeds, counting errors, time.

    PLEXUS_DATA=... python benchmarks/detection.py rates --out FOLDER [--seeds 3]    train, and evaluate by pycocotools
    PLEXUS_DATA=... python benchmarks/detection.py speed BUNDLE                      a picture on one core, a process

Each prints a Markdown table. `rates` trains one bundle per seed into FOLDER with the default options, on the official
training split, and evaluates it on the official test split; a bundle that is there already is evaluated again.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

import plexus
from plexus.inference.onnx import OnnxPredictor

METRICS = {
    "map50": "mAP50",
    "map": "mAP50:95",
    "ap50_RBC": "AP50 RBC",
    "ap50_WBC": "AP50 WBC",
    "ap50_Platelets": "AP50 platelets",
    "count_error_RBC": "count error RBC",
    "count_error_WBC": "count error WBC",
    "count_error_Platelets": "count error platelets",
    "calibration_error": "calibration error",
}
PICTURES, PROCESSES = 50, 5


def rates(folder: Path, seeds: int) -> Iterator[tuple[str, ...]]:
    """Yield the metrics of each seed, their means, and intervals over the images of the last seed."""
    rows = []
    for seed in range(seeds):
        place, started = folder / f"seed{seed}", time.perf_counter()
        if not place.exists():
            plexus.train("vision.detect", out=place, run=folder / f"run{seed}", data="bccd", seed=seed)
        minutes = (time.perf_counter() - started) / 60
        metrics = plexus.load(place).metrics
        rows.append([metrics[name] for name in METRICS])
        yield f"seed {seed}", *(f"{value:.4f}" for value in rows[-1]), f"{minutes:.1f}"
    yield "mean", *(f"{value:.4f}" for value in np.mean(rows, axis=0)), ""
    yield f"95 % interval over images, seed {seed}", *(interval(metrics, name) for name in METRICS), ""


def interval(metrics: dict[str, float], name: str) -> str:
    """Format the bounds of a metric that has some."""
    return f"{metrics[f'{name}_low']:.3f} to {metrics[f'{name}_high']:.3f}" if f"{name}_low" in metrics else ""


def speed(name: str) -> Iterator[tuple[str, str]]:
    """Yield the time from a picture to its objects on one core, and that of `plexus predict` in a new process."""
    bundle = plexus.load(name)
    files = sorted((Path(os.environ["PLEXUS_DATA"]) / "bccd").glob("BCCD/JPEGImages/*.jpg"))[:PICTURES]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    predictor = OnnxPredictor({"network": bundle.folder / "network.onnx"}, threads=1)

    def seconds(raw: Path | np.ndarray) -> float:
        started = time.perf_counter()
        bundle.task.predict(predictor, bundle.codec, [raw])
        return time.perf_counter() - started

    seconds(files[0])
    yield "file of 640 x 480 to objects, one core", milliseconds([seconds(file) for file in files])
    frames = [cv2.resize(cv2.imread(str(file))[..., ::-1], (320, 240)) for file in files]
    times = [seconds(frame) for frame in frames]
    yield "frame of 320 x 240 to objects, one core", f"{milliseconds(times)}, {1 / np.mean(times):.0f} frames/s"
    starts, modules = zip(*(cold_prediction(bundle, files[0]) for _ in range(PROCESSES)), strict=True)
    yield "`plexus predict` in a new process, one core", f"{np.median(starts):.2f} s, loads {modules[0] or 'none'}"


def milliseconds(times: list[float]) -> str:
    """Format the median and the 99th percentile."""
    median, tail = 1e3 * np.percentile(times, [50, 99])
    return f"{median:.1f} ms (p99 {tail:.1f})"


def cold_prediction(bundle: plexus.Bundle, file: Path) -> tuple[float, str]:
    """Return the seconds of a prediction in a new process, and which training framework it has imported."""
    command = [sys.executable, "-c", COLD, "predict", str(bundle.folder), str(file), "--json"]
    started = time.perf_counter()
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, result.stderr.splitlines()[-1]


def print_table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    """Print a Markdown table, each row when it is known."""
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def main() -> None:
    """Print the table of a command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("rates")
    train.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder of the bundles")
    train.add_argument("--seeds", type=int, default=3)
    commands.add_parser("speed").add_argument("bundle", help="folder or name of a bundle of vision.detect")
    options = parser.parse_args()
    if options.command == "rates":
        print_table(("", *METRICS.values(), "minutes"), rates(options.out, options.seeds))
    else:
        print_table(("", "time"), speed(options.bundle))


COLD = """
import sys
from plexus.cli import main
status = main()
print(*sorted({"tensorflow", "keras", "torch", "jax"} & set(sys.modules)), file=sys.stderr)
sys.exit(status)
"""

if __name__ == "__main__":
    main()
