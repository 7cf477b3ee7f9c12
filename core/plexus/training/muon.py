"""Muon for networks with convolutions."""

from typing import Any

import keras
from keras import ops


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
