"""The optimizer that the options describe."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from plexus.metric import Metric
from plexus.options import Options
from plexus.training.schedules import Schedule

ONE_CYCLE_RISE = 0.3
PLATEAU_EPOCHS, PLATEAU_FACTOR = 3, 0.3


def make_optimizer(
    options: Options, learner: keras.Model, steps: int, heads: Sequence[str] = ()
) -> keras.optimizers.Optimizer:
    """The optimizer for a training of that many steps, its variables made.

    Weight decay spares biases and normalisation: what has fewer than two axes. Muon spares the `heads`, the layers
    that give the outputs.
    """
    optimizer = _bare(options, _learning_rate(options, steps), list(heads))
    variables = learner.trainable_variables
    if options.weight_decay:
        optimizer.exclude_from_weight_decay(var_list=[v for v in variables if len(v.shape) < 2])
    optimizer.build(variables)
    return optimizer


def _bare(options: Options, rate: Any, heads: list[str]) -> keras.optimizers.Optimizer:
    common = {"weight_decay": options.weight_decay or None, "global_clipnorm": options.clip_norm}
    match options.optimizer:
        case "adamw":
            common["weight_decay"] = options.weight_decay
            return watched(keras.optimizers.AdamW, rate, epsilon=options.epsilon, **common)
        case "muon":
            common["weight_decay"] = options.weight_decay
            return watched(Muon, rate, adam_weight_decay=None, exclude_layers=heads, **common)
        case "adam":
            return watched(keras.optimizers.Adam, rate, epsilon=options.epsilon, **common)
        case "lion":
            return watched(keras.optimizers.Lion, rate, **common)
        case "rmsprop":
            return watched(keras.optimizers.RMSprop, rate, momentum=options.momentum, epsilon=options.epsilon, **common)
        case "sgd":
            return watched(
                keras.optimizers.SGD, rate, momentum=options.momentum, nesterov=options.momentum > 0, **common
            )


def _learning_rate(options: Options, steps: int) -> Any:
    if options.schedule == "plateau":
        return options.learning_rate  # a variable, set between epochs
    rise = max(options.warmup, ONE_CYCLE_RISE) if options.schedule == "one_cycle" else options.warmup
    return Schedule(options.schedule, options.learning_rate, steps, rise)


def plateau_learning_rate(options: Options, score: Metric, history: list[dict[str, Any]]) -> float:
    """The learning rate of the next epoch: lowered whenever the score has stood still for some epochs.

    A function of the history, so that a resumed training has the same one.
    """
    rate, best, waited = options.learning_rate, None, 0
    for line in history:
        if score.name not in line:
            continue
        value = line[score.name]
        if best is None or score.is_better(value, best):
            best, waited = value, 0
            continue
        waited += 1
        if waited == PLATEAU_EPOCHS:
            rate, waited = rate * PLATEAU_FACTOR, 0
    return rate


def penalize_kernels(learner: keras.Model, l1: float, l2: float) -> None:
    """Add an L1 and L2 penalty on every kernel (what has two axes or more) to the learner's losses."""
    if l1 or l2:
        for variable in learner.trainable_variables:
            if len(variable.shape) > 1:
                variable.regularizer = keras.regularizers.L1L2(l1, l2)


@keras.saving.register_keras_serializable("plexus")
class Muon(keras.optimizers.Muon):
    """Momentum made orthogonal (Jordan et al. 2024, github.com/KellerJordan/Muon; scaled as in arXiv:2502.16982).

    Keras's own gives only matrices to Muon; here a convolution's kernel is one too, its last axis against the others.
    Vectors and the layers named in `exclude_layers` get AdamW.
    """

    def _should_use_adamw(self, variable: Any) -> bool:
        return len(variable.shape) < 2 or not set(self.exclude_layers).isdisjoint(variable.path.split("/"))

    def _muon_update_step(self, gradient: Any, variable: Any, lr: Any, m: Any) -> None:
        self.assign(m, self.momentum * m + gradient)
        direction = gradient + self.momentum * m if self.nesterov else m
        matrix = ops.reshape(direction, (-1, direction.shape[-1]))
        step = self.lr_adjust(lr * self.zeropower_via_newtonschulz5(matrix, self.ns_steps))
        self.assign_sub(variable, ops.reshape(step, direction.shape))


INTERVAL = 16
"""Steps from one look at all gradients to the next, at most: each look costs small networks a twentieth of a step."""
LOOKS = 4
"""In an epoch, at the least, if it has so many steps."""


class Watched:
    """Mixed into a Keras optimizer: the norm of each variable's gradient, before it is clipped, on every backend.

    All of it is part of the compiled step, and of the optimizer's variables, so that a training that goes on from a
    checkpoint watches on.

    Attributes:
        interval: steps from one look to the next, to be set before the first step.
        norms: of the last step that was looked at, one a trainable variable `(n,)`.
        broken_at: the first step with a gradient that is not a finite number, counted from 0; -1: none.
        broken: the norms of that step.
    """

    interval = INTERVAL

    def look_in_epochs_of(self, steps: int) -> None:
        """Look some times in each epoch of that many steps."""
        self.interval = min(max(steps // LOOKS, 1), INTERVAL)

    def build(self, variables: Sequence[Any]) -> None:
        """Make the variables."""
        if self.built:  # type: ignore[attr-defined]
            return
        super().build(variables)  # type: ignore[misc]
        self.norms, self.broken = (self._seen(name, (len(variables),), "float32") for name in ("norms", "broken"))
        self.broken_at = self._seen("broken_at", (), "int32")
        self.broken_at.assign(-1)

    def _seen(self, name: str, shape: tuple[int, ...], dtype: str) -> Any:
        """A variable of which all devices have the same."""
        return self.add_variable(shape, dtype=dtype, aggregation="only_first_replica", name=name)  # type: ignore[attr-defined]

    def apply(self, grads: Sequence[Any], trainable_variables: Any = None) -> None:
        """Look at the gradients, then take the step."""
        grads = _summed(grads)
        step = ops.cast(self.iterations.value, "int32")  # type: ignore[attr-defined]
        norms = self._looked_at(step, grads)
        breaks = ops.logical_and(self.broken_at < 0, ops.logical_not(ops.all(ops.isfinite(norms))))
        self.norms.assign(norms)
        self.broken.assign(ops.where(breaks, norms, self.broken.value))
        self.broken_at.assign(ops.where(breaks, step, self.broken_at.value))
        super().apply(grads, trainable_variables)  # type: ignore[misc]

    def _all_reduce_sum_gradients(self, pairs: Any) -> Any:
        """They are summed already: TensorFlow's Keras would only do so after each device has clipped its own share."""
        return pairs

    def _looked_at(self, step: Any, gradients: list[Any]) -> Any:
        """The norms; on XLA, which fuses them into the step, of every step, elsewhere of some and of broken ones."""

        def norms() -> Any:
            return ops.stack([_norm(gradient) for gradient in gradients])

        if keras.backend.backend() == "jax":
            return norms()
        # What is not a number in the loss is none in the last gradient either.
        broken = ops.logical_not(ops.isfinite(_norm(gradients[-1])))
        return ops.cond(ops.logical_or(step % self.interval == 0, broken), norms, lambda: self.norms.value)


def watched(kind: type[keras.optimizers.Optimizer], *arguments: Any, **settings: Any) -> keras.optimizers.Optimizer:
    """An optimizer of that kind that keeps an eye on the gradients."""
    return type(kind.__name__, (Watched, kind), {})(*arguments, **settings)


def _summed(gradients: Sequence[Any]) -> list[Any]:
    """Over all of TensorFlow's devices; on JAX they come summed."""
    if keras.backend.backend() != "tensorflow":
        return list(gradients)
    import tensorflow as tf

    context, there = tf.distribute.get_replica_context(), [one for one in gradients if one is not None]
    if context is None or context.num_replicas_in_sync == 1 or not there:
        return list(gradients)
    summed = iter(context.all_reduce(tf.distribute.ReduceOp.SUM, there))
    return [None if one is None else next(summed) for one in gradients]


def _norm(gradient: Any) -> Any:
    if gradient is None:
        return ops.zeros((), "float32")
    # Of an embedding on TensorFlow only the rows that were used are there: no need to fill in the others.
    values = ops.cast(gradient.values if hasattr(gradient, "dense_shape") else gradient, "float32")
    return ops.sqrt(ops.sum(ops.square(values)))
