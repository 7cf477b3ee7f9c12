"""How long an answer takes: `Bundle.predict` on one picture against Keras's `predict` and `predict_on_batch`.

Run as: python benchmarks/latency.py [BUNDLE]
"""

import sys
import time

import numpy as np

import plexus
from plexus.runtime.backend import import_keras

ROUNDS = 300


def percentiles(answer):
    """Milliseconds: the median and the 99th percentile."""
    for _ in range(10):
        answer()
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        answer()
        seconds.append(time.perf_counter() - started)
    return np.percentile(seconds, [50, 99]) * 1000


def main(folder):
    """Print a line each."""
    bundle = plexus.load(folder)
    picture = np.zeros(bundle.codec.shape, np.uint8)
    rows = {"Bundle.predict": percentiles(lambda: bundle.predict([picture]))}
    import_keras()
    import keras

    network = keras.saving.load_model(bundle.folder / "network.keras", compile=False)
    batch = {"image": picture[None]}
    rows["model.predict_on_batch"] = percentiles(lambda: network.predict_on_batch(batch))
    rows["model.predict"] = percentiles(lambda: network.predict(batch, verbose=0))
    for name, (median, tail) in rows.items():
        print(f"{name:24} p50 {median:8.3f} ms   p99 {tail:8.3f} ms")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "models/vision.classify/mnist")
