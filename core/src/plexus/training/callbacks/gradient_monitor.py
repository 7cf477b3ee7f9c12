"""Norms of the gradients, layer by layer."""

import math
from collections.abc import Sequence

import keras
import numpy as np

from plexus.errors import InputError
from plexus.run import Run
from plexus.training.state import TrainingState
from plexus.training.variables import optimizer_value, value
from plexus.utils.messages import note

VANISHED = 1e-5
"""A layer whose gradient is smaller than this fraction of the largest layer's hardly learns."""
VANISHED_SHARE = 0.2
"""Share of the epochs for which a gradient has to be that small: a block that starts as the identity needs some."""
GROWTH = 2.0
"""A gradient that has grown by this factor since it was too small first is about to recover."""
EXPLODED = 100.0
"""A gradient larger than this multiple of the layer's weights moves them further than they are from zero."""
MIN_EPOCHS = 2
"""Epochs for which a problem has to last."""
VANISH_REMEDY = (
    "it hardly learns; residual connections, normalization, or ReLU or GELU instead of sigmoid and tanh help"
)
EXPLODE_REMEDY = (
    "one step moves it further than it is from zero; try --clip-norm 1, a lower --learning-rate, more --warmup"
)


class GradientMonitor(keras.callbacks.Callback):
    """Warns when gradients vanish or explode, and stops the training when they are not finite.

    Vanishing and exploding gradients make deep networks hard to train (Bengio et al. 1994; Glorot & Bengio 2010). Only
    kernels (two axes or more) are judged: a bias before a normalization has no gradient.

    Args:
        optimizer: An optimizer of `plexus.training.optimizers`, built on the variables.
        variables: The learner's trainable variables.
        run: The run.
        state: The progress of the training, which gets the warnings.

    Attributes:
        norms: Norm of each layer in the last epoch: the median over the steps that were sampled.

    Example:
        ```python
        monitor = GradientMonitor(learner.optimizer, learner.trainable_variables, run, state)
        learner.fit(x, y, callbacks=[monitor])
        monitor.end_epoch()
        ```
    """

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        variables: Sequence[keras.Variable],
        run: Run,
        state: TrainingState,
    ) -> None:
        super().__init__()
        self.optimizer, self.variables, self.run, self.state = optimizer, variables, run, state
        self._learner: keras.Model | None = None
        self._kernels: dict[str, list[int]] = {}
        for index, variable in enumerate(variables):
            if len(variable.shape) > 1:
                self._kernels.setdefault(layer_path(variable), []).append(index)
        self._samples: list[np.ndarray] = []
        self._series: dict[str, dict[str, list[float]]] = {"vanish": {}, "explode": {}}
        self.norms: dict[str, float] = {}

    def set_model(self, model: keras.Model) -> None:
        """Keep the learner: reading `Callback.model` on JAX synchronizes all state.

        Args:
            model: The learner.
        """
        super().set_model(model)
        self._learner = model

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Sample the norms, and stop if a gradient or the loss is not finite.

        Args:
            batch: The last finished step.
            logs: The loss.

        Raises:
            InputError: If a gradient or the loss is not finite.
        """
        step = int(self._current(self.optimizer.nonfinite_step))
        loss = float((logs or {}).get("loss", 0.0))
        if step >= 0 or not math.isfinite(loss):
            raise InputError(self._not_finite(step))
        self._samples.append(self._current(self.optimizer.norms))

    def end_epoch(self) -> dict[str, float]:
        """Summarize the epoch and warn once of each problem.

        Returns:
            Norm of each layer; empty if no step was sampled.
        """
        if not self._samples:
            return {}
        # The second half: a block that starts as the identity passes nothing back at first, by design. While the
        # learning rate rises, it stays near the identity.
        median = np.median(self._samples[len(self._samples) // 2 :], axis=0)
        self._samples = []
        self.norms = {layer: float(np.linalg.norm(median[rows])) for layer, rows in self._kernels.items()}
        if self.state.epoch >= self.run.options.warmup * self.run.epochs:
            epochs = max(round(VANISHED_SHARE * self.run.epochs), MIN_EPOCHS)
            self._warn("vanish", self._vanished(), epochs, VANISH_REMEDY)
        self._warn("explode", self._exploded(), MIN_EPOCHS, EXPLODE_REMEDY)
        return self.norms

    def _current(self, variable: keras.Variable) -> np.ndarray:
        return np.array(optimizer_value(self._learner, variable))

    def _vanished(self) -> dict[str, str]:
        largest = max(self.norms.values(), default=0.0)
        return {
            layer: f"{norm:.1e}, another layer has {largest:.1e}"
            for layer, norm in self.norms.items()
            if 0 < norm < VANISHED * largest  # exactly 0: the loss does not depend on the layer, for now
        }

    def _exploded(self) -> dict[str, str]:
        problems = {}
        for layer, rows in self._kernels.items():
            norm, weights = self.norms[layer], math.hypot(*(np.linalg.norm(value(self.variables[i])) for i in rows))
            if weights and norm > EXPLODED * weights:
                problems[layer] = f"{norm:.1e}, its weights have {weights:.1e}"
        return problems

    def _warn(self, problem: str, layers: dict[str, str], epochs: int, remedy: str) -> None:
        """Warn once of a problem that a layer has had for some epochs, unless its gradient grows."""
        series = self._series[problem]
        series = {layer: [*series.get(layer, []), self.norms[layer]] for layer in layers}
        self._series[problem] = series
        lasting = [layer for layer, norms in series.items() if len(norms) >= epochs]
        if problem == "vanish":
            lasting = [layer for layer in lasting if series[layer][-1] < GROWTH * series[layer][0]]
        if not lasting or any(f"gradients {problem}" in warning for warning in self.state.warnings):
            return
        worst = min(lasting, key=lambda layer: self.norms[layer] * (1 if problem == "vanish" else -1))
        others = f" and {len(lasting) - 1} more layers" if len(lasting) > 1 else ""
        warning = f"gradients {problem} in {worst}{others} (norm {layers[worst]}): {remedy}"
        self.state.warnings.append(warning)
        note(f"warning: {warning}")

    def _not_finite(self, step: int) -> str:
        norms = self._current(self.optimizer.nonfinite_norms)
        layers = [layer for layer, rows in self._kernels.items() if not np.isfinite(norms[rows]).all()]
        first = f", first in {layers[-1]}" if layers and len(layers) < len(self._kernels) else ""
        problem = f"the gradients are no longer finite numbers at step {step + 1:,}{first}"
        if step < 0:
            iterations = int(self._current(self.optimizer.iterations))
            problem = f"the loss is no longer a finite number by step {iterations:,}"
        options = self.run.options
        return (
            f"{problem} (epoch {self.state.epoch + 1}): a lower --learning-rate than {options.learning_rate:g} or "
            "--clip-norm 1 keeps them small"
            + (", or --precision bfloat16, which has float32's range" if options.precision == "float16" else "")
        )


def layer_path(variable: keras.Variable) -> str:
    """Return the path of the layer that a variable belongs to.

    Args:
        variable: The variable.

    Returns:
        Its path without its own name.
    """
    return "/".join(variable.path.split("/")[:-1])
