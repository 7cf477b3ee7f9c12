"""Overhead of the trainer: `plexus train` compared with `keras.Model.fit` on the same network and arrays.

Both are alternated in one process, an epoch each, for the default network and for a narrow one. Prints the median
speeds and the median of their ratios.

Run as: python benchmarks/overhead.py [ROUNDS]; KERAS_BACKEND=jax for JAX.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from plexus import Run
from plexus.plugins.registry import registry
from plexus.training.trainer import Trainer

EXAMPLES, BATCH_SIZE, WIDTHS = 20_000, 128, (1.0, 0.25)
OPTIONS = {
    "optimizer": "adamw",
    "augment": "none",
    "label_smoothing": 0.0,
    "epochs": 100,
    "patience": 0,
    "batch_size": BATCH_SIZE,
}


def begin(folder, width):
    """Begin a training as `plexus train` does, on the first examples."""
    task = registry().task("vision.classify")
    options = task.options.parse({"data": "mnist", "width": width, **OPTIONS})
    dataset = task.load_dataset(options)
    rows = np.arange(EXAMPLES - EXAMPLES % BATCH_SIZE)
    dataset = dataset.replace_train(dataset["train"].take(rows))
    run = Run.start(task.id, options, folder=folder / "run")
    session = Trainer(task, quiet=True).begin(run, dataset)
    session.callbacks.begin()
    return session


def keras_baseline(session, x, y, steps_per_execution):
    """Return a function that fits one epoch of the same network with Keras alone."""
    import keras

    network = keras.models.clone_model(session.parts.network)
    options = session.run.options
    network.compile(
        keras.optimizers.AdamW(options.learning_rate, weight_decay=options.weight_decay),
        {"logits": keras.losses.SparseCategoricalCrossentropy(from_logits=True)},
        steps_per_execution=steps_per_execution,
        jit_compile="auto" if keras.backend.backend() == "jax" else False,
    )
    return lambda: network.fit(x, y, batch_size=options.batch_size, epochs=1, verbose=0)


def rate(fit, examples):
    """Return the speed in examples per second."""
    started = time.perf_counter()
    fit()
    return examples / (time.perf_counter() - started)


def compare(width, rounds):
    """Alternate both and print their speeds."""
    with tempfile.TemporaryDirectory() as folder:
        session = begin(Path(folder), width)
        train, codec, fit = session.parts.dataset["train"], session.parts.codec, session.fit_epoch
        rows, x, y = len(train), train.encode(codec), codec.label_indices(train.targets)
        candidates = {steps: keras_baseline(session, x, y, steps) for steps in (1, 8, 32)}
        fit()
        for fit_keras in candidates.values():
            fit_keras()
        best = max(candidates, key=lambda steps: rate(candidates[steps], rows))
        plexus_rates, keras_rates = [], []
        for _ in range(rounds):
            fit()
            line = session.state.history[-1]
            plexus_rates.append(line["examples"] / line["seconds"])
            keras_rates.append(rate(candidates[best], rows))
            ratio = plexus_rates[-1] / keras_rates[-1]
            print(f"plexus {plexus_rates[-1]:,.0f}  Keras {keras_rates[-1]:,.0f} examples/s  ratio {ratio:.3f}")
    ratio = statistics.median(a / b for a, b in zip(plexus_rates, keras_rates, strict=True))
    print(f"steps_per_execution: best for Keras {best}, plexus {session.parts.learner.steps_per_execution}")
    rates = f"plexus {statistics.median(plexus_rates):,.0f}, Keras {statistics.median(keras_rates):,.0f}"
    print(f"width {width}, median: {rates}; ratio {ratio:.3f}")


if __name__ == "__main__":
    for width in WIDTHS:
        compare(width, rounds=int(sys.argv[1]) if len(sys.argv) > 1 else 7)
