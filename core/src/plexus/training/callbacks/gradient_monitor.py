"""How learning gets through the layers."""

import math
from typing import Any

import keras
import numpy as np

from plexus.errors import InputError
from plexus.run import Run
from plexus.training.variables import optimizer_value, value
from plexus.utils.messages import note

VANISHED = 1e-5
"""Of the largest layer's gradient: a layer that gets less hardly learns beside it."""
EXPLODED = 100.0
"""Times the layer's own weights: a gradient larger than that moves them further than they are from zero."""


class GradientHealth(keras.callbacks.Callback):
    """Watches the norm of each layer's gradient: warns where gradients vanish or explode, and stops at NaN.

    Vanishing and exploding gradients are what makes deep networks hard to train (Bengio et al. 1994; Glorot & Bengio
    2010). Only kernels, what has two axes or more, are judged: a bias before normalization has no gradient by right.

    Args:
        optimizer: a `plexus.training.optimizers` one, built on the learner's variables.
        run: what is trained.

    Attributes:
        norms: of the layers in the last epoch, the median over the steps that were looked at, one an execution.
    """

    def __init__(self, optimizer: Any, variables: list[Any], run: Run) -> None:
        super().__init__()
        self.optimizer, self.run = optimizer, run
        self._kernels: dict[str, list[int]] = {}
        for index, variable in enumerate(variables):
            if len(variable.shape) > 1:
                self._kernels.setdefault(layer_of(variable), []).append(index)
        self.variables = variables
        self._seen: list[np.ndarray] = []
        self._before: dict[str, dict[str, str]] = {}
        self.norms: dict[str, float] = {}

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look at the last step, and stop if there was one that was not finite.

        Raises:
            InputError: a gradient or the loss is not a finite number.
        """
        step = int(self._now(self.optimizer.broken_at))
        loss = float((logs or {}).get("loss", 0.0))
        if step >= 0 or not math.isfinite(loss):
            raise InputError(self._broken(step))
        self._seen.append(self._now(self.optimizer.norms))

    def epoch_ended(self) -> dict[str, float]:
        """The layers' norms over the epoch; what is wrong with them is said once."""
        if not self._seen:
            return {}
        # The latter half: a block that begins as the identity passes nothing back at first, by design.
        median = np.median(self._seen[len(self._seen) // 2 :], axis=0)
        self._seen = []
        self.norms = {layer: float(np.linalg.norm(median[own])) for layer, own in self._kernels.items()}
        self._judge("vanish", self._vanished(), VANISH_REMEDY)
        self._judge("explode", self._exploded(), EXPLODE_REMEDY)
        return self.norms

    def _now(self, variable: Any) -> np.ndarray:
        return np.array(optimizer_value(self.model, variable))

    def _vanished(self) -> dict[str, str]:
        largest = max(self.norms.values(), default=0.0)
        return {
            layer: f"{norm:.1e} beside {largest:.1e} in another"
            for layer, norm in self.norms.items()
            if 0 < norm < VANISHED * largest  # none at all: the loss leaves the layer out, for now
        }

    def _exploded(self) -> dict[str, str]:
        found = {}
        for layer, own in self._kernels.items():
            norm, weights = self.norms[layer], math.hypot(*(np.linalg.norm(value(self.variables[i])) for i in own))
            if weights and norm > EXPLODED * weights:
                found[layer] = f"{norm:.1e}, its weights' is {weights:.1e}"
        return found

    def _judge(self, what: str, layers: dict[str, str], remedy: str) -> None:
        """Warn, once, of what has lasted for two epochs."""
        lasting = layers.keys() & self._before.get(what, {}).keys()
        self._before[what] = layers
        if not lasting or any(f"gradients {what}" in warning for warning in self.run.warnings):
            return
        layers = {layer: layers[layer] for layer in lasting}
        worst = min(layers, key=lambda layer: self.norms[layer] * (1 if what == "vanish" else -1))
        others = f" and {len(layers) - 1} more layers" if len(layers) > 1 else ""
        warning = f"gradients {what} in {worst}{others} (norm {layers[worst]}): {remedy}"
        self.run.warnings.append(warning)
        note(f"warning: {warning}")

    def _broken(self, step: int) -> str:
        norms = self._now(self.optimizer.broken)
        layers = [layer for layer, own in self._kernels.items() if not np.isfinite(norms[own]).all()]
        first = f", first in {layers[-1]}" if layers and len(layers) < len(self._kernels) else ""
        what = f"the gradients are no longer finite numbers at step {step + 1:,}{first}"
        if step < 0:
            what = f"the loss is no longer a finite number by step {int(self._now(self.optimizer.iterations)):,}"
        options = self.run.options
        return (
            f"{what} (epoch {self.run.epoch + 1}): a lower --learning-rate than {options.learning_rate:g} or "
            "--clip-norm 1 keeps them small"
            + (", or --precision bfloat16, which has float32's range" if options.precision == "float16" else "")
        )


VANISH_REMEDY = (
    "it hardly learns; residual connections, normalization, or ReLU or GELU instead of sigmoid and tanh let gradients "
    "through"
)
EXPLODE_REMEDY = (
    "one step moves it further than it is from zero; --clip-norm 1, a lower --learning-rate or more --warmup"
)


def layer_of(variable: Any) -> str:
    """The layer that a variable belongs to, by its path."""
    return "/".join(variable.path.split("/")[:-1])
