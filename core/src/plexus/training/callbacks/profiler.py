"""Time within an epoch."""

import time
from collections.abc import Callable
from pathlib import Path

import keras

from plexus.training.timing import Stopwatch
from plexus.utils.messages import note

FIRST_STEPS, STEPS = "the first steps, compiled", "steps (on TensorFlow, and their input)"
LOOP, CALLBACKS = "input and Keras's loop", "callbacks"
TRACED_EXECUTIONS = 10
"""Executions in the trace, after the first, which compiles."""

Logs = dict[str, float]


class Profiler(keras.callbacks.Callback):
    """Measures the steps and the time between them, and writes a trace of some steps for TensorBoard.

    Args:
        stopwatch: Gets the times.
        folder: Folder of the trace.

    Example:
        ```python
        profiler = Profiler(Stopwatch(), Path("trace"))
        learner.fit(x, y, callbacks=profiler.enclose([checkpoint]))
        ```
    """

    def __init__(self, stopwatch: Stopwatch, folder: Path) -> None:
        super().__init__()
        self.stopwatch, self.folder = stopwatch, folder
        self._executions = 0
        self._stop_trace: Callable[[], object] | None = None
        self._ended: float | None = None

    def enclose(self, callbacks: list[keras.callbacks.Callback]) -> list[keras.callbacks.Callback]:
        """Return the callbacks with this one before them and one after them, which measures their time.

        Args:
            callbacks: The callbacks.

        Returns:
            The new list.
        """
        return [self, *callbacks, keras.callbacks.LambdaCallback(on_train_batch_end=self._end_callbacks)]

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Restart: the session measures the time between two epochs.

        Args:
            epoch: The epoch.
            logs: Not used.
        """
        self._ended = time.monotonic()

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Add the time since the last step, which input took.

        Args:
            batch: The step.
            logs: Not used.
        """
        if self._executions == 1:
            start_trace, self._stop_trace = _tracer(self.folder)
            start_trace()
        self._began = time.monotonic()
        if self._ended is not None:
            self.stopwatch.add(LOOP, self._began - self._ended)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Wait for the result of the step and add its time.

        Args:
            batch: The step.
            logs: The loss.
        """
        for value in (logs or {}).values():
            float(value)
        now = time.monotonic()
        self.stopwatch.add(STEPS if self._executions else FIRST_STEPS, now - self._began)
        self._ended = now
        self._executions += 1
        if self._executions == 1 + TRACED_EXECUTIONS:
            self._end_trace()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Print the times.

        Args:
            logs: Not used.
        """
        self._end_trace()
        for line in self.stopwatch.table():
            note(line)
        note(f"trace: tensorboard --logdir {self.folder}")

    def _end_callbacks(self, batch: int, logs: Logs | None = None) -> None:
        now = time.monotonic()
        if self._ended is not None:
            self.stopwatch.add(CALLBACKS, now - self._ended)
        self._ended = now

    def _end_trace(self) -> None:
        if self._stop_trace:
            self._stop_trace()
        self._stop_trace = None


def _tracer(folder: Path) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return the functions of the backend that start and stop a trace."""
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            return lambda: tf.profiler.experimental.start(str(folder)), tf.profiler.experimental.stop
        case "jax":
            import jax

            return lambda: jax.profiler.start_trace(str(folder)), jax.profiler.stop_trace
        case _:
            return lambda: None, lambda: None
