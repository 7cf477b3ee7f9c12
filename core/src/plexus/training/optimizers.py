"""Optimizers and learning rates."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import keras
from keras import ops

from plexus.metric import Metric
from plexus.options import Options, resolved
from plexus.training.fused_adam import FusedAdam, StepRates
from plexus.training.schedules import Schedule

if TYPE_CHECKING:
    from plexus.codec import JsonObject

ONE_CYCLE_WARMUP = 0.3
PLATEAU_PATIENCE, PLATEAU_FACTOR = 3, 0.3
MAX_SAMPLING_INTERVAL = 16
"""Largest number of steps between two computations of all gradient norms, which cost small networks 5 % of a step."""
MIN_SAMPLES = 4
"""Smallest number of these computations per epoch, if it has so many steps."""
NORM_EPSILON = 1e-7
"""Added to the norm of a matrix that is divided by it, as in Keras."""


def make_optimizer(
    options: Options, learner: keras.Model, steps: int, heads: Sequence[str] = ()
) -> keras.optimizers.Optimizer:
    """Create the optimizer of a training and its variables.

    Weight decay does not apply to biases and normalization: variables with fewer than two axes.

    Args:
        options: The resolved options.
        learner: The model to train.
        steps: Steps of the whole training.
        heads: Names of the layers that compute the outputs, which Muon leaves to AdamW.

    Returns:
        The optimizer, which is a `GradientNorms`.
    """
    optimizer = _create_optimizer(options, _learning_rate(options, steps), list(heads))
    variables = learner.trainable_variables
    if options.weight_decay:
        optimizer.exclude_from_weight_decay(var_list=[v for v in variables if len(v.shape) < 2])
    optimizer.build(variables)
    return optimizer


def plateau_learning_rate(options: Options, metric: Metric, history: "Sequence[JsonObject]") -> float:
    """Return the learning rate of the next epoch, lowered whenever the metric has not improved for some epochs.

    It is a function of the history, so that a resumed training uses the same.

    Args:
        options: The resolved options.
        metric: The metric.
        history: The finished epochs; those without the metric are ignored.

    Returns:
        The learning rate.
    """
    rate, best, epochs = resolved(options.learning_rate), None, 0
    for value in (line[metric.name] for line in history if metric.name in line):
        if best is None or metric.is_better(value, best):
            best, epochs = value, 0
            continue
        epochs += 1
        if epochs == PLATEAU_PATIENCE:
            rate, epochs = rate * PLATEAU_FACTOR, 0
    return rate


def penalize_kernels(learner: keras.Model, l1: float, l2: float) -> None:
    """Add L1 and L2 penalties on all kernels, variables with two axes or more, to the losses of a model.

    Args:
        learner: The model.
        l1: Factor of the L1 penalty.
        l2: Factor of the L2 penalty.
    """
    if l1 or l2:
        for variable in learner.trainable_variables:
            if len(variable.shape) > 1:
                variable.regularizer = keras.regularizers.L1L2(l1, l2)


@keras.saving.register_keras_serializable("plexus")
class Muon(FusedAdam, keras.optimizers.Muon):
    """Orthogonalized momentum (Jordan et al. 2024, github.com/KellerJordan/Muon; scaled as in arXiv:2502.16982).

    `keras.optimizers.Muon` applies to matrices only; here the kernel of a convolution is one too, its last axis against
    the others. Vectors, and the layers named in `exclude_layers`, are left to AdamW. Matrices are orthogonalized in the
    precision of the training, bfloat16 say: the iteration corrects the errors of rounding.

    Example:
        ```python
        network.compile(Muon(0.02, exclude_layers=["logits"]), loss="mse")
        ```
    """

    @property
    def betas(self) -> tuple[float, float]:
        """Decay rates of the two moments of Adam."""
        return self.adam_beta_1, self.adam_beta_2

    def _should_use_adamw(self, variable: keras.Variable) -> bool:
        return len(variable.shape) < 2 or not set(self.exclude_layers).isdisjoint(variable.path.split("/"))

    def _update(self, gradient: keras.KerasTensor, variable: keras.Variable, rates: StepRates) -> None:
        index = self._get_variable_index(variable)
        momentum, velocity = self.momentums[index], self.adam_velocities[index]
        if velocity is not None:
            self._apply_adam(gradient, variable, momentum, velocity, rates)
            return
        self._decay(variable, rates)
        self._muon_update_step(gradient, variable, rates.learning_rate, momentum)

    def zeropower_via_newtonschulz5(self, x: keras.KerasTensor, steps: int) -> keras.KerasTensor:
        """Orthogonalize a matrix approximately.

        Args:
            x: The matrix.
            steps: Steps of the Newton-Schulz iteration.

        Returns:
            A matrix of the same type, whose singular values are near 1.
        """
        dtype = _product_dtype()
        if dtype == x.dtype:
            return super().zeropower_via_newtonschulz5(x, steps)
        x = x / (ops.norm(x) + NORM_EPSILON)  # before rounding, since the sum of many squares would lose most of them
        return ops.cast(super().zeropower_via_newtonschulz5(ops.cast(x, dtype), steps), "float32")

    def _muon_update_step(
        self, gradient: keras.KerasTensor, variable: keras.Variable, lr: keras.KerasTensor, m: keras.Variable
    ) -> None:
        self.assign(m, self.momentum * m + gradient)
        direction = gradient + self.momentum * m if self.nesterov else m
        matrix = ops.reshape(direction, (-1, direction.shape[-1]))
        step = self.lr_adjust(lr * self.zeropower_via_newtonschulz5(matrix, self.ns_steps))
        self.assign_sub(variable, ops.reshape(step, direction.shape))


class GradientNorms(keras.optimizers.Optimizer):
    """Mixin of Keras optimizers that computes the norm of each variable's gradient, before it is clipped.

    It is a part of the compiled step, and its results are variables of the optimizer and so of every checkpoint.

    Attributes:
        interval: Steps between two computations; set before the first step.
        norms: Norms of the last computation, one per trainable variable, shape `(n,)`.
        nonfinite_step: First step with a gradient that is not finite, counted from 0; -1 if there is none.
        nonfinite_norms: Norms of that step.

    Example:
        ```python
        class ObservedAdam(GradientNorms, keras.optimizers.Adam):
            pass
        ```
    """

    interval = MAX_SAMPLING_INTERVAL

    def set_sampling_interval(self, steps: int) -> None:
        """Set `interval` so that the norms are computed some times per epoch.

        Args:
            steps: Steps per epoch.
        """
        self.interval = min(max(steps // MIN_SAMPLES, 1), MAX_SAMPLING_INTERVAL)

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Create the variables.

        Args:
            variables: The trainable variables.
        """
        if self.built:
            return
        super().build(variables)
        self.norms = self._add_result("norms", (len(variables),), "float32")
        self.nonfinite_norms = self._add_result("nonfinite_norms", (len(variables),), "float32")
        self.nonfinite_step = self._add_result("nonfinite_step", (), "int32")
        self.nonfinite_step.assign(-1)

    def apply(
        self, grads: Sequence[keras.KerasTensor], trainable_variables: Sequence[keras.Variable] | None = None
    ) -> None:
        """Compute the norms, then update the variables.

        Args:
            grads: The gradients.
            trainable_variables: The variables; None if they were passed to `build`.
        """
        grads = _sum_over_devices(grads)
        step = ops.cast(self.iterations.value, "int32")
        norms = self._sampled_norms(step, grads)
        first_nonfinite = ops.logical_and(self.nonfinite_step < 0, ops.logical_not(ops.all(ops.isfinite(norms))))
        self.norms.assign(norms)
        self.nonfinite_norms.assign(ops.where(first_nonfinite, norms, self.nonfinite_norms.value))
        self.nonfinite_step.assign(ops.where(first_nonfinite, step, self.nonfinite_step.value))
        super().apply(grads, trainable_variables)

    def _add_result(self, name: str, shape: tuple[int, ...], dtype: str) -> keras.Variable:
        """Add a variable that is equal on all devices."""
        return self.add_variable(shape, dtype=dtype, aggregation="only_first_replica", name=name)

    def _all_reduce_sum_gradients(
        self, pairs: Sequence[tuple[keras.KerasTensor, keras.Variable]]
    ) -> Sequence[tuple[keras.KerasTensor, keras.Variable]]:
        """Do nothing: on TensorFlow, Keras would sum gradients after each device has clipped its own."""
        return pairs

    def _sampled_norms(self, step: keras.KerasTensor, gradients: list[keras.KerasTensor]) -> keras.KerasTensor:
        """Return the norms: of every step on XLA, which fuses them; elsewhere of some, and of those not finite."""

        def norms() -> keras.KerasTensor:
            return ops.sqrt(ops.stack([_squared_norm(gradient) for gradient in gradients]))

        if keras.backend.backend() == "jax":
            return norms()
        # A loss that is not finite makes the last gradient not finite.
        nonfinite = ops.logical_not(ops.isfinite(_squared_norm(gradients[-1])))
        return ops.cond(ops.logical_or(step % self.interval == 0, nonfinite), norms, lambda: self.norms.value)


def _create_optimizer(options: Options, rate: "float | Schedule", heads: list[str]) -> keras.optimizers.Optimizer:
    common = {"weight_decay": options.weight_decay or None, "global_clipnorm": options.clip_norm}
    momentum, epsilon = options.momentum, options.epsilon
    match options.optimizer:
        case "adamw":
            common["weight_decay"] = options.weight_decay
            return _with_norms(FusedAdam, keras.optimizers.AdamW)(
                rate, beta_2=options.beta_2, epsilon=epsilon, **common
            )
        case "muon":
            common["weight_decay"] = options.weight_decay
            return _with_norms(Muon)(rate, adam_weight_decay=None, exclude_layers=heads, **common)
        case "adam":
            return _with_norms(FusedAdam, keras.optimizers.Adam)(rate, beta_2=options.beta_2, epsilon=epsilon, **common)
        case "lion":
            return _with_norms(keras.optimizers.Lion)(rate, **common)
        case "rmsprop":
            return _with_norms(keras.optimizers.RMSprop)(rate, momentum=momentum, epsilon=epsilon, **common)
        case "sgd":
            return _with_norms(keras.optimizers.SGD)(rate, momentum=momentum, nesterov=momentum > 0, **common)


def _product_dtype() -> str:
    """Return the type of the products in training; float32 instead of float16, whose range is too small."""
    dtype: str = keras.config.dtype_policy().compute_dtype
    return dtype if dtype == "bfloat16" else "float32"


def _with_norms(*bases: type[keras.optimizers.Optimizer]) -> Callable[..., keras.optimizers.Optimizer]:
    return type(bases[-1].__name__, (GradientNorms, *bases), {})


def _learning_rate(options: Options, steps: int) -> "float | Schedule":
    peak = resolved(options.learning_rate)
    if options.schedule == "plateau":
        return peak  # a variable, which is assigned between epochs
    warmup = max(options.warmup, ONE_CYCLE_WARMUP) if options.schedule == "one_cycle" else options.warmup
    return Schedule(options.schedule, peak, steps, warmup)


def _sum_over_devices(gradients: Sequence[keras.KerasTensor]) -> list[keras.KerasTensor]:
    """Sum gradients over all TensorFlow devices; on JAX they are summed already."""
    if keras.backend.backend() != "tensorflow":
        return list(gradients)
    import tensorflow as tf

    context, present = tf.distribute.get_replica_context(), [g for g in gradients if g is not None]
    if context is None or context.num_replicas_in_sync == 1 or not present:
        return list(gradients)
    sums = iter(context.all_reduce(tf.distribute.ReduceOp.SUM, present))
    return [None if gradient is None else next(sums) for gradient in gradients]


def _squared_norm(gradient: keras.KerasTensor | None) -> keras.KerasTensor:
    if gradient is None:
        return ops.zeros((), "float32")
    # TensorFlow's gradient of an embedding holds the used rows only: the others are zero.
    values = ops.cast(gradient.values if hasattr(gradient, "dense_shape") else gradient, "float32")
    return ops.sum(ops.square(values))
