"""Latency of a prediction: `Bundle.predict` on one image compared with Keras's `predict` and `predict_on_batch`.

Run as: python benchmarks/latency.py [BUNDLE]
"""

import sys
import time

import numpy as np

import plexus
from plexus.runtime.backend import import_keras

ROUNDS = 300


def percentiles(predict):
    """Return the median and the 99th percentile of the latency in milliseconds."""
    for _ in range(10):
        predict()
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        predict()
        seconds.append(time.perf_counter() - started)
    return np.percentile(seconds, [50, 99]) * 1000


def main(folder):
    """Print one line per method."""
    bundle = plexus.load(folder)
    image = np.zeros(bundle.codec.shape, np.uint8)
    rows = {"Bundle.predict": percentiles(lambda: bundle.predict([image]))}
    import_keras()
    import keras

    network = keras.saving.load_model(bundle.folder / "network.keras", compile=False)
    batch = {"image": image[None]}
    rows["model.predict_on_batch"] = percentiles(lambda: network.predict_on_batch(batch))
    rows["model.predict"] = percentiles(lambda: network.predict(batch, verbose=0))
    for name, (median, tail) in rows.items():
        print(f"{name:24} p50 {median:8.3f} ms   p99 {tail:8.3f} ms")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "models/vision.classify/mnist")
