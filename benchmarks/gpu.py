"""GPU utilization of the training of a CIFAR-10 network in bfloat16 on JAX.

Prints images/s, the ratio to Keras's `fit` with the same network, and the model FLOPS as a share of the rate of large
matrix products on the same GPU. With all 50,000 training images, it also prints the seconds to an accuracy of 94 %
(the record of airbench is 2.67 s on an A100).

Run as: python benchmarks/gpu.py [ROUNDS]; needs the extra `jax` with its GPU plugin. Exits with an error without a GPU.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

TRAINING_IMAGES, TARGET_ACCURACY = 50_000, 0.94
OPTIONS = {"data": "cifar10", "backend": "jax", "precision": "bfloat16", "batch_size": 500, "augment": "object"}


def matrix_rate(size=8192, rounds=20):
    """Measure the FLOP/s of products of large bfloat16 matrices."""
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
    """Begin a training on CIFAR-10."""
    from plexus.plugins.registry import registry
    from plexus.run import Run
    from plexus.training.trainer import Trainer

    task = registry().task("vision.classify")
    run = Run.start(task.id, task.options.parse(OPTIONS | options), folder=folder)
    return Trainer(task, quiet=True).begin(run, task.load_dataset(run.options))


def keras_baseline(session):
    """Return a function that fits one epoch of the same network on the same arrays with Keras alone."""
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
    """Alternate both; print their speeds, the ratio and the share of the matrix rate."""
    from plexus.training.complexity import complexity

    peak = matrix_rate()
    with tempfile.TemporaryDirectory() as folder:
        session = create_session(Path(folder) / "run", augment="none", optimizer="adamw", label_smoothing=0, patience=0)
        fit_keras = keras_baseline(session)
        session.callbacks.begin()
        examples = len(session.parts.dataset["train"])
        session.fit_epoch()
        fit_keras()
        plexus_rates, keras_rates = [], []
        for _ in range(rounds):
            session.fit_epoch()
            line = session.state.history[-1]
            plexus_rates.append(line["examples"] / line["seconds"])
            started = time.perf_counter()
            fit_keras()
            keras_rates.append(examples / (time.perf_counter() - started))
        flops = 3 * complexity(session.parts.network, None, 1).flops * statistics.median(plexus_rates)
    ratio = statistics.median(a / b for a, b in zip(plexus_rates, keras_rates, strict=True))
    rates = f"plexus {statistics.median(plexus_rates):,.0f} images/s, Keras {statistics.median(keras_rates):,.0f}"
    print(f"{rates}; ratio {ratio:.3f}")
    print(f"matrix products {peak / 1e12:.1f} TFLOP/s, training {flops / 1e12:.2f}: utilization {flops / peak:.1%}")
    return examples


def print_seconds_to_target():
    """Train until the validation accuracy reaches the target; print the seconds, compilation included."""
    with tempfile.TemporaryDirectory() as folder:
        session = create_session(Path(folder) / "run", stop_at=TARGET_ACCURACY, epochs=40)
        started = time.perf_counter()
        session.fit()
        seconds, last = time.perf_counter() - started, session.state.history[-1]
    print(f"accuracy {last['accuracy']:.4f} after {len(session.state.history)} epochs and {seconds:.1f} s")


if __name__ == "__main__":
    from plexus.runtime.backend import import_keras
    from plexus.runtime.placement import accelerators

    import_keras("jax")
    if "gpu" not in accelerators():
        raise SystemExit("JAX finds no GPU: install its GPU plugin (pip install 'jax[cuda12]') on a machine with a GPU")
    if compare(int(sys.argv[1]) if len(sys.argv) > 1 else 5) >= 0.9 * TRAINING_IMAGES:
        print_seconds_to_target()
    else:
        print(f"fewer than {TRAINING_IMAGES:,} training images: the time to {TARGET_ACCURACY:.0%} is not measured")
