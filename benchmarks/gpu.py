"""How well a GPU is used: a CIFAR-10 network in bfloat16, by `plexus` on JAX.

Prints images/s, the share of the card's own matrix rate that this is, the ratio to a hand-written loop on the same
network, and, where all 50,000 pictures are there, the seconds to 94 % (2.67 s on an A100 by the record, airbench).
Run as: python benchmarks/gpu.py [ROUNDS]; needs the extra `jax` with its GPU plugin. Where there is no GPU it says so.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

ALL, GOAL = 50_000, 0.94
OPTIONS = {"data": "cifar10", "backend": "jax", "precision": "bfloat16", "batch_size": 500, "augment": "object"}


def matrix_rate(size=8192, rounds=20):
    """FLOPS of products of bfloat16 matrices, as many as the card gives."""
    import jax
    import jax.numpy as jnp

    multiply = jax.jit(lambda a, b: a @ b)
    a = b = jnp.ones((size, size), jnp.bfloat16)
    multiply(a, b).block_until_ready()
    started = time.perf_counter()
    for _ in range(rounds):
        a = multiply(a, b)
    a.block_until_ready()
    return 2 * size**3 * rounds / (time.perf_counter() - started)


def create_session(folder, **options):
    """A session on the data set's own training pictures."""
    from plexus.plugins.registry import registry
    from plexus.run import Run
    from plexus.training.trainer import Trainer

    task = registry().task("vision.classify")
    run = Run.start(task.id, task.options.parse(OPTIONS | options), folder=folder)
    return Trainer(task, quiet=True).begin(run, task.load_dataset(run.options))


def by_hand(session):
    """A function that fits an epoch of the same network and arrays as one would write it in Keras on JAX."""
    import jax
    import keras

    network = keras.models.clone_model(session.parts.network)
    options = session.run.options
    network.compile(
        keras.optimizers.AdamW(options.learning_rate, weight_decay=options.weight_decay),
        {"logits": keras.losses.SparseCategoricalCrossentropy(from_logits=True)},
        steps_per_execution=session.parts.learner.steps_per_execution,
    )
    train = session.parts.dataset["train"]
    x, y = train.encode(session.parts.codec), session.parts.codec.label_indices(train.targets)
    x = jax.device_put(x)
    return lambda: network.fit(x, y, batch_size=options.batch_size, epochs=1, verbose=0)


def compare(rounds):
    """Alternate, and print rates, their ratio, and the share of the card's."""
    from plexus.training.complexity import complexity

    peak = matrix_rate()
    with tempfile.TemporaryDirectory() as folder:
        session = create_session(Path(folder) / "run", augment="none", optimizer="adamw", label_smoothing=0, patience=0)
        hand = by_hand(session)
        session.callbacks.begin()
        examples = len(session.parts.dataset["train"])
        session.fit_epoch()
        hand()
        mine, theirs = [], []
        for _ in range(rounds):
            session.fit_epoch()
            line = session.state.history[-1]
            mine.append(line["examples"] / line["seconds"])
            started = time.perf_counter()
            hand()
            theirs.append(examples / (time.perf_counter() - started))
        flops = 3 * complexity(session.parts.network, None, 1).flops * statistics.median(mine)
    ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
    print(
        f"plexus {statistics.median(mine):,.0f} images/s, by hand {statistics.median(theirs):,.0f}; ratio {ratio:.3f}"
    )
    print(f"matrices {peak / 1e12:.1f} TFLOPS, the training {flops / 1e12:.2f}: {flops / peak:.1%} of them")
    return examples


def seconds_to_goal():
    """Train until the validation split is right so often; the clock runs from the first step, which compiles."""
    with tempfile.TemporaryDirectory() as folder:
        session = create_session(Path(folder) / "run", stop_at=GOAL, epochs=40)
        started = time.perf_counter()
        session.fit()
        seconds, last = time.perf_counter() - started, session.state.history[-1]
    print(f"accuracy {last['accuracy']:.4f} after {len(session.state.history)} epochs and {seconds:.1f} s")


if __name__ == "__main__":
    from plexus.runtime.backend import import_keras
    from plexus.runtime.placement import accelerators

    import_keras("jax")
    if "gpu" not in accelerators():
        raise SystemExit("there is no GPU that JAX can use here: nothing is measured (pip install 'jax[cuda12]')")
    if compare(int(sys.argv[1]) if len(sys.argv) > 1 else 5) >= 0.9 * ALL:
        seconds_to_goal()
    else:
        print(f"fewer than {ALL:,} pictures are there: the seconds to {GOAL:.0%} are not measured")
