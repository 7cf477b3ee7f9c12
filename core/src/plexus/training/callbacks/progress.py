"""Progress of a training on standard error."""

import time

from plexus.codec import JsonObject
from plexus.run import Run
from plexus.training.callbacks.training_callback import TrainingCallback
from plexus.training.state import TrainingState
from plexus.utils.formatting import number
from plexus.utils.messages import note

Logs = dict[str, float]


class Progress(TrainingCallback):
    """Prints one line per evaluated epoch on standard error: what a file and a pipe get.

    Args:
        run: The run.
        state: The progress of the training.
        metric: Name of the metric to print.
        steps: Steps per epoch.
        examples: Examples per epoch.

    Example:
        ```python
        progress = Progress(run, state, "accuracy", steps=100, examples=6400)
        ```
    """

    def __init__(self, run: Run, state: TrainingState, metric: str, steps: int, examples: int) -> None:
        super().__init__()
        self.run, self.state, self.metric, self.steps, self.examples = run, state, metric, steps, examples
        self._finished_here = 0

    @property
    def position(self) -> int:
        """Steps that are finished."""
        return self._epoch_position + self._finished_in_fit

    @property
    def total(self) -> int:
        """Steps of the whole training."""
        return self.run.epochs * self.steps

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start the clock.

        Args:
            logs: Not used.
        """
        self._started = time.monotonic()
        self._epoch_position, self._finished_in_fit = self.state.epoch * self.steps + self.state.step, 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Restart the count of steps: Keras counts those of one call of `fit`.

        Args:
            epoch: The epoch.
            logs: Not used.
        """
        self._epoch_position, self._finished_in_fit = self.state.epoch * self.steps + self.state.step, 0

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Count the finished steps.

        Args:
            batch: The last finished step of this call of `fit`.
            logs: The mean loss of the epoch so far.
        """
        self._finished_here += batch + 1 - self._finished_in_fit
        self._finished_in_fit = batch + 1

    def on_epoch_evaluated(self, line: JsonObject) -> None:
        """Print loss, metric, speed and remaining time.

        Args:
            line: The epoch as in `log.jsonl`.
        """
        note(f"{self.describe(line)}  {self.remaining_time()} left")

    def describe(self, line: JsonObject) -> str:
        """Describe an epoch that was evaluated.

        Args:
            line: The epoch as in `log.jsonl`.

        Returns:
            Its number, loss, metric and the speed.
        """
        return (
            f"epoch {self.state.epoch}/{self.run.epochs}  loss {line['loss']:.4f}  "
            f"{self.metric} {number(line[self.metric])}  {self.speed()}"
        )

    def speed(self) -> str:
        """Return the training speed since this process began, evaluations included.

        Returns:
            Examples per second, with the unit.
        """
        examples = self._finished_here / self.steps * self.examples
        return f"{examples / (time.monotonic() - self._started):,.0f} examples/s"

    def remaining_time(self) -> str:
        """Return the time that the remaining steps will take at the speed so far.

        Returns:
            The time as `HH:MM:SS`, longer than a day with more hours; `-:--:--` as long as no step is finished.
        """
        if not self._finished_here:
            return "-:--:--"
        seconds = (time.monotonic() - self._started) / self._finished_here * max(self.total - self.position, 0)
        minutes, seconds = divmod(round(seconds), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
