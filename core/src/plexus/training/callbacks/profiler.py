"""Where the time within an epoch goes."""

import time
from pathlib import Path
from typing import Any

import keras

from plexus.training.timing import Stopwatch
from plexus.utils.messages import note

STEPS, LOOP = "steps (on TensorFlow, and their input)", "input and Keras's loop"
CALLBACKS = "callbacks"
TRACED = 10
"""Executions that the trace has, after the first, which compiles."""


class Profiler(keras.callbacks.Callback):
    """Measures steps and what is between them, and writes a trace of some of them that TensorBoard can show.

    Args:
        clock: where the time is added.
        folder: for the trace.
    """

    def __init__(self, clock: Stopwatch, folder: Path) -> None:
        super().__init__()
        self.clock, self.folder = clock, folder
        self._executions = 0
        self._stops = None
        self._ended: float | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Between two epochs the session measures."""
        self._ended = time.monotonic()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """A step begins: until now it was its input's turn."""
        if self._executions == 1:
            self._trace()
        self._began = time.monotonic()
        if self._ended is not None:
            self.clock.add(LOOP, self._began - self._ended)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """A step has ended, once its results are there."""
        for figure in (logs or {}).values():
            float(figure)
        now = time.monotonic()
        self.clock.add(STEPS if self._executions else "the first steps, compiled", now - self._began)
        self._ended = now
        self._executions += 1
        if self._stops and self._executions == 1 + TRACED:
            self._end_trace()

    def enclose(self, callbacks: list[Any]) -> list[Any]:
        """The callbacks, with this one before them, and one that says when they are done behind."""
        last = keras.callbacks.LambdaCallback(on_train_batch_end=self._callbacks_ended)
        return [self, *callbacks, last]

    def _callbacks_ended(self, batch: int, logs: Any = None) -> None:
        now = time.monotonic()
        if self._ended is not None:
            self.clock.add(CALLBACKS, now - self._ended)
        self._ended = now

    def on_train_end(self, logs: Any = None) -> None:
        """Say it."""
        self._end_trace()
        for line in self.clock.table():
            note(line)
        note(f"trace: tensorboard --logdir {self.folder}")

    def _trace(self) -> None:
        start, self._stops = _tracer(self.folder)
        start()

    def _end_trace(self) -> None:
        if self._stops:
            self._stops()
        self._stops = None


def _tracer(folder: Path) -> tuple[Any, Any]:
    """The backend's own: how to begin and how to end a trace."""
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            return lambda: tf.profiler.experimental.start(str(folder)), tf.profiler.experimental.stop
        case "jax":
            import jax

            return lambda: jax.profiler.start_trace(str(folder)), jax.profiler.stop_trace
        case _:
            return lambda: None, None
