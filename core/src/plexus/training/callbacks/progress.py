"""Progress of a training on standard error."""

import sys
import time
from typing import TYPE_CHECKING

from plexus.codec import JsonObject
from plexus.run import Run
from plexus.training.callbacks.training_callback import TrainingCallback
from plexus.training.state import TrainingState
from plexus.utils.formatting import number
from plexus.utils.messages import note

if TYPE_CHECKING:
    import rich.progress

Logs = dict[str, float]


class Progress(TrainingCallback):
    """Shows a progress bar in a terminal, and prints one line per evaluated epoch; always on standard error.

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
        self._bar: rich.progress.Progress | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start the clock, and the bar in a terminal.

        Args:
            logs: Not used.
        """
        self._started = time.monotonic()
        if sys.stderr.isatty():
            self._bar = _create_bar()
            total = self.run.epochs * self.steps
            self._bar_task = self._bar.add_task("training", total=total, completed=self._position(), note="")
            self._bar.start()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Restart the count of steps: Keras counts those of one call of `fit`.

        Args:
            epoch: The epoch.
            logs: Not used.
        """
        self._epoch_position, self._finished_in_fit = self._position(), 0

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Move the bar.

        Args:
            batch: The last finished step.
            logs: The loss.
        """
        self._finished_here += batch + 1 - self._finished_in_fit
        self._finished_in_fit = batch + 1
        if self._bar is not None:
            loss = float((logs or {})["loss"])
            text = f"epoch {self.state.epoch + 1}/{self.run.epochs}  loss {loss:.4f}  {self._speed()}"
            self._bar.update(self._bar_task, completed=self._epoch_position + batch + 1, note=text)

    def on_epoch_evaluated(self, line: JsonObject) -> None:
        """Print loss, metric, speed and remaining time.

        Args:
            line: The epoch as in `log.jsonl`.
        """
        remaining = (self.run.epochs - self.state.epoch) * self._seconds_per_epoch()
        text = (
            f"epoch {self.state.epoch}/{self.run.epochs}  loss {line['loss']:.4f}  "
            f"{self.metric} {number(line[self.metric])}  {self._speed()}  "
            f"{time.strftime('%H:%M:%S', time.gmtime(remaining))} left"
        )
        if self._bar is not None:
            self._bar.console.print(text, highlight=False)
        else:
            note(text)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Remove the bar.

        Args:
            logs: Not used.
        """
        if self._bar is not None:
            self._bar.stop()

    def _position(self) -> int:
        return self.state.epoch * self.steps + self.state.step

    def _seconds_per_epoch(self) -> float:
        return (time.monotonic() - self._started) * self.steps / max(self._finished_here, 1)

    def _speed(self) -> str:
        examples = self._finished_here / self.steps * self.examples
        return f"{examples / (time.monotonic() - self._started):,.0f} examples/s"


def _create_bar() -> "rich.progress.Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = BarColumn(), TextColumn("{task.percentage:>3.0f}%  {task.fields[note]}"), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)
