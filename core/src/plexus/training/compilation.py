"""A learner, ready to learn."""

from collections.abc import Callable
from typing import Any

import keras

from plexus.data.batches import Batches
from plexus.errors import InputError
from plexus.run import Run
from plexus.runtime.placement import Placement
from plexus.task import Task
from plexus.training.complexity import Complexity, complexity
from plexus.training.heuristics import steps_per_execution
from plexus.training.optimizers import make_optimizer, penalize_kernels

APART = 2**20
"""Between the seeds of two devices."""


def compile_learner(
    task: Task, run: Run, network: keras.Model, learner: keras.Model, first: Batches, placement: Placement
) -> tuple[keras.optimizers.Optimizer, Complexity]:
    """Compile the learner as the options say.

    Args:
        first: the first epoch's batches, not yet divided among processes.

    Returns:
        Its optimizer (within the learner, that of float16 is wrapped in one that scales the loss), and the network's
        cost.

    Raises:
        InputError: the batches cannot be divided among the devices.
    """
    options, steps, count = run.options, len(first), len(placement.devices)
    if first.rows_per_step % count:
        fitting = max(first.rows_per_step // count, 1) * count
        raise InputError(
            f"{first.rows_per_step} examples a step cannot be divided among {count} devices: --batch-size {fitting} can"
        )
    heads = [tensor._keras_history.operation.name for tensor in network.outputs]
    penalize_kernels(learner, options.l1, options.l2)
    if count > 1 and keras.backend.backend() == "tensorflow":
        synchronize_normalization(learner, True)
        _divide_loss(learner, count)
        draw_apart(learner)
    optimizer = make_optimizer(options, learner, steps * run.epochs, heads)
    optimizer.look_in_epochs_of(steps)
    cost = complexity(network, optimizer, first.rows_per_step, first.shapes())
    learner.compile(
        optimizer=optimizer,
        loss=task.loss(options),
        steps_per_execution=steps_per_execution(cost.flops, first.rows_per_step, steps),
        jit_compile=_by_xla(options.compile),
    )
    return optimizer, cost


def _by_xla(wanted: bool | None) -> bool | str:
    if wanted is not None:
        return wanted
    return "auto" if keras.backend.backend() == "jax" else False


def _divide_loss(learner: keras.Model, count: int) -> None:
    """Keras sums what each device finds, and divides its own losses by their number; one that a learner computes is
    the mean over the examples that it sees, and has to be divided too."""
    computed = learner.compute_loss
    if getattr(computed, "__func__", None) is not keras.Model.compute_loss:
        learner.compute_loss = lambda *given, **named: computed(*given, **named) / count


def draw_apart(learner: keras.Model) -> None:
    """Have each TensorFlow device draw random numbers of its own: Keras gives the same to all."""
    generators = {id(g): g for layer in learner._flatten_layers() for g in layer._seed_generators}
    for generator in generators.values():
        generator.next = _apart(generator.next)


def _apart(draw: Callable[..., Any]) -> Callable[..., Any]:
    """The seeds that it gives, another one on each device."""

    def drawn(ordered: bool = True) -> Any:
        import tensorflow as tf

        context = tf.distribute.get_replica_context()
        seed = draw(ordered)
        return seed + keras.ops.cast([APART * context.replica_id_in_sync_group, 0], seed.dtype) if context else seed

    return drawn


def synchronize_normalization(learner: keras.Model, wanted: bool) -> None:
    """Have batch normalization take its statistics over all devices together, as it does on one; or no longer.

    On JAX it always does. A network is saved without: Keras loads it on TensorFlow alone otherwise.
    """
    for layer in learner._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = wanted
