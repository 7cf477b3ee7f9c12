"""Callbacks over many calls of `fit`."""

from typing import Any

import keras


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
