"""Callbacks over many calls of `fit`."""

from pathlib import Path
from typing import Any

import keras

from plexus.training.callbacks.training_callback import TrainingCallback


class Callbacks(keras.callbacks.CallbackList):
    """A callback list whose training begins and ends once, however many `fit` calls (one an epoch) it is given to."""

    def on_train_begin(self, logs: Any = None) -> None:
        """Ignored: see `begin`."""

    def on_train_end(self, logs: Any = None) -> None:
        """Ignored: see `end`."""

    def begin(self) -> None:
        """The training begins."""
        super().on_train_begin()

    def end(self) -> None:
        """The training has ended."""
        super().on_train_end()

    def epoch_measured(self, line: dict[str, Any]) -> None:
        """An epoch was measured."""
        for watcher in self._watchers():
            watcher.epoch_measured(line)

    def bundle_written(self, bundle: Path, scores: dict[str, float]) -> None:
        """The bundle is written, and scores so on the test split."""
        for watcher in self._watchers():
            watcher.bundle_written(bundle, scores)

    def _watchers(self) -> list[TrainingCallback]:
        return [callback for callback in self.callbacks if isinstance(callback, TrainingCallback)]
