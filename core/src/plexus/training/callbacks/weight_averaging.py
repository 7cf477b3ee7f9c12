"""Moving average of the weights."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from plexus.training.variables import assign, synchronize, value, values

INTERVAL = 16
"""Steps between updates, at least: an average over hundreds of steps does not change with it."""


class WeightAveraging(keras.callbacks.Callback):
    """Keeps an exponential moving average of the weights (Polyak & Juditsky 1992), which is evaluated and exported.

    The moving statistics of batch normalization are averaged too. Keras's own average (`use_ema`) replaces the weights
    at the end of every call of `fit`, which here is every epoch.

    Args:
        network: The network whose weights are averaged.
        decay: Decay per step, from 0 (off) to below 1. A young average decays faster: (1 + n) / (10 + n) after n steps.

    Attributes:
        average: The averaged arrays.
        steps: Steps in the average.
        pending: Steps since the last update.

    Example:
        ```python
        averaging = WeightAveraging(network, decay=0.998)
        learner.fit(x, y, callbacks=[averaging])
        with averaging.applied():
            network.evaluate(x, y)
        ```
    """

    def __init__(self, network: keras.Model, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.variables = [v for v in network.variables if v.dtype == "float32"] if decay else []
        self.average = values(self.variables)
        self.steps = self.pending = 0
        self._learner: keras.Model | None = None

    def set_model(self, model: keras.Model) -> None:
        """Keep the learner: reading `Callback.model` on JAX synchronizes all state.

        Args:
            model: The learner.
        """
        super().set_model(model)
        self._learner = model

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Restart the count of steps: Keras counts those of one call of `fit`.

        Args:
            epoch: The epoch.
            logs: Not used.
        """
        self._seen = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Update the average once enough steps have passed.

        Args:
            batch: The last finished step.
            logs: Not used.
        """
        self.pending += batch + 1 - self._seen
        self._seen = batch + 1
        if self.variables and self.pending >= INTERVAL:
            self._update()

    def _update(self) -> None:
        self.steps += self.pending
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps)) ** self.pending
        self.pending = 0
        synchronize(self._learner)
        for mean, variable in zip(self.average, self.variables, strict=True):
            mean += (1 - decay) * (value(variable) - mean)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Assign the averaged weights to the network within the block.

        Yields:
            Nothing.
        """
        current = values(self.variables)
        if self.steps:
            assign(self.variables, self.average)
        try:
            yield
        finally:
            assign(self.variables, current)
