"""Adam with one operation per variable."""

from collections.abc import Sequence
from typing import NamedTuple

import keras
from keras import ops


class StepRates(NamedTuple):
    """Factors of one step, which are the same for all variables; scalars.

    Args:
        learning_rate: The learning rate.
        decay: The learning rate times the weight decay; None without weight decay.
        beta_1_power: Decay rate of the first moment to the power of the step, counted from 1.
        beta_2_power: Decay rate of the second moment to the power of the step.

    Example:
        ```python
        StepRates(rate, rate * weight_decay, beta_1**step, beta_2**step)
        ```
    """

    learning_rate: keras.KerasTensor
    decay: keras.KerasTensor | None
    beta_1_power: keras.KerasTensor
    beta_2_power: keras.KerasTensor


class FusedAdam(keras.optimizers.Optimizer):
    """Mixin of Keras optimizers whose step of Adam is one operation per variable on TensorFlow.

    Keras computes it from many small operations, and evaluates the schedule again for the weight decay of each
    variable, which takes seconds to trace. On JAX, XLA fuses these operations.

    Example:
        ```python
        class FastAdam(FusedAdam, keras.optimizers.Adam):
            pass
        ```
    """

    @property
    def betas(self) -> tuple[float, float]:
        """Decay rates of the two moments of Adam."""
        return self.beta_1, self.beta_2

    def update_step(
        self, gradient: keras.KerasTensor, variable: keras.Variable, learning_rate: keras.KerasTensor | StepRates
    ) -> None:
        """Update one variable.

        Args:
            gradient: Its gradient.
            variable: The variable.
            learning_rate: The learning rate, and on TensorFlow the other factors of the step.
        """
        if isinstance(learning_rate, StepRates):
            self._update(gradient, variable, learning_rate)
        else:
            super().update_step(gradient, variable, learning_rate)

    def _update(self, gradient: keras.KerasTensor, variable: keras.Variable, rates: StepRates) -> None:
        """Update one variable on TensorFlow."""
        index = self._get_variable_index(variable)
        self._decay(variable, rates)
        self._apply_adam(gradient, variable, self._momentums[index], self._velocities[index], rates)

    def _decay(self, variable: keras.Variable, rates: StepRates) -> None:
        if rates.decay is not None and self._use_weight_decay(variable):
            variable.assign_sub(variable * rates.decay)

    def _apply_adam(
        self,
        gradient: keras.KerasTensor,
        variable: keras.Variable,
        momentum: keras.Variable,
        velocity: keras.Variable,
        rates: StepRates,
    ) -> None:
        """Compute `ResourceApplyAdam`, whose formula is that of `keras.optimizers.Adam`."""
        import tensorflow as tf

        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=momentum.value.handle,
            v=velocity.value.handle,
            beta1_power=rates.beta_1_power,
            beta2_power=rates.beta_2_power,
            lr=rates.learning_rate,
            beta1=self.betas[0],
            beta2=self.betas[1],
            epsilon=self.epsilon,
            grad=tf.convert_to_tensor(gradient),
        )

    def _apply_weight_decay(self, variables: Sequence[keras.Variable]) -> None:
        if keras.backend.backend() != "tensorflow":
            super()._apply_weight_decay(variables)

    def _backend_update_step(
        self,
        grads: Sequence[keras.KerasTensor],
        trainable_variables: Sequence[keras.Variable],
        learning_rate: keras.KerasTensor,
    ) -> None:
        if keras.backend.backend() == "tensorflow":
            rate, step = ops.cast(learning_rate, "float32"), ops.cast(self.iterations + 1, "float32")
            powers = [ops.power(ops.cast(beta, "float32"), step) for beta in self.betas]
            learning_rate = StepRates(rate, rate * self.weight_decay if self.weight_decay else None, *powers)
        super()._backend_update_step(grads, trainable_variables, learning_rate)
