"""Compilation of the learner."""

from collections.abc import Callable

import keras

from plexus.data.batches import Batches
from plexus.errors import InputError
from plexus.run import Run
from plexus.runtime.placement import Placement
from plexus.task import AnyTask
from plexus.training.complexity import Complexity, complexity
from plexus.training.heuristics import steps_per_execution
from plexus.training.optimizers import make_optimizer, penalize_kernels

REPLICA_SEED_OFFSET = 2**20
"""Difference between the seeds of two devices."""


def compile_learner(
    task: AnyTask, run: Run, network: keras.Model, learner: keras.Model, first: Batches, placement: Placement
) -> tuple[keras.optimizers.Optimizer, Complexity]:
    """Compile the learner as the options say.

    Args:
        task: The task.
        run: The run, its options resolved.
        network: The inference graph.
        learner: The training graph.
        first: The batches of the first epoch, not divided among processes.
        placement: The devices.

    Returns:
        The optimizer, which `learner.optimizer` wraps for float16 in one that scales the loss; and the cost of the
        network.

    Raises:
        InputError: If the batches cannot be divided among the devices.
    """
    options, steps, devices = run.options, len(first), len(placement.devices)
    _check_divisible(first.rows_per_step, devices)
    penalize_kernels(learner, options.l1, options.l2)
    if devices > 1 and keras.backend.backend() == "tensorflow":
        synchronize_normalization(learner, True)
        _divide_loss(learner, devices)
        use_replica_seeds(learner)
    heads = [tensor._keras_history.operation.name for tensor in network.outputs]
    optimizer = make_optimizer(options, learner, steps * run.epochs, heads)
    optimizer.set_sampling_interval(steps)
    cost = complexity(network, optimizer, first.rows_per_step, first.shapes())
    learner.compile(
        optimizer=optimizer,
        loss=task.loss(options),
        steps_per_execution=steps_per_execution(cost.flops, first.rows_per_step, steps),
        jit_compile=_jit_compile(options.compile),
    )
    return optimizer, cost


def use_replica_seeds(learner: keras.Model) -> None:
    """Give each TensorFlow device random numbers of its own: with Keras, all of them draw the same.

    Args:
        learner: The training graph.
    """
    generators = {id(g): g for layer in learner._flatten_layers() for g in layer._seed_generators}
    for generator in generators.values():
        generator.next = _with_replica_offset(generator.next)


def synchronize_normalization(learner: keras.Model, synchronized: bool) -> None:
    """Set whether batch normalization computes its statistics over all devices together. On JAX it always does.

    Networks are saved without it: Keras loads synchronized layers on TensorFlow only.

    Args:
        learner: The model.
        synchronized: Whether statistics are computed over all devices.
    """
    for layer in learner._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = synchronized


def _check_divisible(rows: int, devices: int) -> None:
    if rows % devices:
        divisible = max(rows // devices, 1) * devices
        raise InputError(
            f"{rows} examples per step cannot be divided among {devices} devices: pass --batch-size {divisible}"
        )


def _jit_compile(option: bool | None) -> bool | str:
    if option is not None:
        return option
    return "auto" if keras.backend.backend() == "jax" else False


def _divide_loss(learner: keras.Model, devices: int) -> None:
    """Divide a loss that the learner computes by the number of devices.

    Keras sums the losses of all devices, and divides only those that it computes itself.
    """
    compute_loss = learner.compute_loss
    if getattr(compute_loss, "__func__", None) is not keras.Model.compute_loss:
        learner.compute_loss = lambda *arguments, **keywords: compute_loss(*arguments, **keywords) / devices


def _with_replica_offset(next_seed: Callable[[bool], keras.KerasTensor]) -> Callable[[bool], keras.KerasTensor]:
    def next_replica_seed(ordered: bool = True) -> keras.KerasTensor:
        import tensorflow as tf

        context, seed = tf.distribute.get_replica_context(), next_seed(ordered)
        if context is None:
            return seed
        return seed + keras.ops.cast([REPLICA_SEED_OFFSET * context.replica_id_in_sync_group, 0], seed.dtype)

    return next_replica_seed
