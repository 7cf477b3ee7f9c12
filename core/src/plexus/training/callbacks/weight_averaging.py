"""A moving average of the weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from plexus.training.variables import assign, value, values

INTERVAL = 16
"""Steps between updates at the least: an average over hundreds of steps does not see the difference."""


class WeightAveraging(keras.callbacks.Callback):
    """Keeps an exponential moving average of the weights (Polyak & Juditsky 1992), which measures and answers.

    Batch normalisation's moving statistics are averaged along. Keras's own average (`use_ema`) is not used: it
    replaces the weights at the end of every `fit`, here every epoch.

    Args:
        network: whose weights are averaged.
        decay: a step; while the training is young the average forgets faster, (1 + n) / (10 + n) after n steps.

    Attributes:
        average: the averaged arrays; steps, pending: steps in the average, and those since its last update.
    """

    def __init__(self, network: keras.Model, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.variables = [v for v in network.variables if v.dtype == "float32"] if decay else []
        self.average = values(self.variables)
        self.steps = self.pending = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Keras counts the steps of one `fit`."""
        self._seen = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Update once enough steps have passed; `batch` is the last step done."""
        self.pending += batch + 1 - self._seen
        self._seen = batch + 1
        if self.variables and self.pending >= INTERVAL:
            self._update()

    def _update(self) -> None:
        self.steps += self.pending
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps)) ** self.pending
        self.pending = 0
        synchronize(self.model)
        for mean, variable in zip(self.average, self.variables, strict=True):
            mean += (1 - decay) * (value(variable) - mean)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The network has the averaged weights within the block."""
        own = values(self.variables)
        if self.steps:
            assign(self.variables, self.average)
        try:
            yield
        finally:
            assign(self.variables, own)


def synchronize(learner: keras.Model) -> None:
    """Bring the variables up to date: the JAX trainer keeps them elsewhere within an epoch."""
    if hasattr(learner, "jax_state_sync"):
        learner.jax_state_sync()
