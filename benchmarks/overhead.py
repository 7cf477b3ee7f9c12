"""What the trainer costs: `plexus train` against the best hand-written `model.fit`.

Same network, same arrays, alternated in one process, an epoch each; prints the median rates and their ratio, for the
default network and for a narrow one, where every millisecond between the steps shows.

Run as: python benchmarks/overhead.py [ROUNDS]; KERAS_BACKEND=jax for JAX.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from plexus import Run
from plexus.plugins.registry import registry
from plexus.training.trainer import Trainer

EXAMPLES, WIDTHS = 20_000, (1.0, 0.25)
PLAIN = {"optimizer": "adamw", "augment": "none", "label_smoothing": 0.0, "epochs": 100, "patience": 0}


def ours(folder, width):
    """A session, as `plexus train` makes it, and a function that fits one epoch of it."""
    task = registry().task("vision.classify")
    options = task.options.parse({"data": "mnist", "width": width, **PLAIN})
    run = Run.start(task.id, options, folder=folder / "run")
    session = Trainer(task, quiet=True).begin(run, task.load_dataset(options))
    session.callbacks.begin()
    return session, session._fit_epoch


def by_hand(session, x, y, steps_per_execution):
    """A function that fits one epoch as anyone would write it."""
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
    """Examples a second."""
    started = time.perf_counter()
    fit()
    return examples / (time.perf_counter() - started)


def compare(width, rounds):
    """Alternate and print."""
    with tempfile.TemporaryDirectory() as folder:
        session, fit = ours(Path(folder), width)
        batch = session.run.options.batch_size
        rows = EXAMPLES - EXAMPLES % batch
        session.parts.dataset.splits["train"] = session.parts.dataset["train"].take(range(rows))
        x = session.parts.dataset["train"].encode(session.parts.codec)
        y = session.parts.codec.label_indices(session.parts.dataset["train"].targets)
        session._first = None
        candidates = {steps: by_hand(session, x, y, steps) for steps in (1, 8, 32)}
        fit()
        for hand in candidates.values():
            hand()
        best = max(candidates, key=lambda steps: rate(candidates[steps], rows))
        mine, theirs = [], []
        for _ in range(rounds):
            fit()
            line = session.state.history[-1]
            mine.append(line["examples"] / line["seconds"])
            theirs.append(rate(candidates[best], rows))
            print(f"plexus {mine[-1]:,.0f}  by hand {theirs[-1]:,.0f} examples/s  ratio {mine[-1] / theirs[-1]:.3f}")
    ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
    print(f"best by hand: steps_per_execution={best}; plexus: {session.parts.learner.steps_per_execution}")
    rates = f"plexus {statistics.median(mine):,.0f}, by hand {statistics.median(theirs):,.0f}"
    print(f"width {width}, median: {rates}; ratio {ratio:.3f}")


if __name__ == "__main__":
    for width in WIDTHS:
        compare(width, rounds=int(sys.argv[1]) if len(sys.argv) > 1 else 7)
