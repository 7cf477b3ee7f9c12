"""Callbacks over many calls of `fit`."""

from pathlib import Path

import keras

from plexus.codec import JsonObject
from plexus.training.callbacks.training_callback import TrainingCallback


class CallbackList(keras.callbacks.CallbackList):
    """A callback list whose training begins and ends once, however many calls of `fit` (one per epoch) it is passed to.

    Example:
        ```python
        callbacks = CallbackList([Progress(...)], model=learner)
        callbacks.begin()
        learner.fit(x, y, callbacks=callbacks)
        callbacks.end()
        ```
    """

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Do nothing: `begin` starts the training.

        Args:
            logs: Not used.
        """

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Do nothing: `end` ends the training.

        Args:
            logs: Not used.
        """

    def begin(self) -> None:
        """Call `on_train_begin` of all callbacks."""
        super().on_train_begin()

    def end(self) -> None:
        """Call `on_train_end` of all callbacks."""
        super().on_train_end()

    def epoch_evaluated(self, line: JsonObject) -> None:
        """Call `on_epoch_evaluated` of all training callbacks.

        Args:
            line: The epoch as in `log.jsonl`.
        """
        for callback in self._training_callbacks():
            callback.on_epoch_evaluated(line)

    def bundle_written(self, bundle: Path, metrics: dict[str, float]) -> None:
        """Call `on_bundle_written` of all training callbacks.

        Args:
            bundle: The bundle's folder.
            metrics: The metrics on the test split.
        """
        for callback in self._training_callbacks():
            callback.on_bundle_written(bundle, metrics)

    def _training_callbacks(self) -> list[TrainingCallback]:
        return [callback for callback in self.callbacks if isinstance(callback, TrainingCallback)]
