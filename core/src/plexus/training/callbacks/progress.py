"""How far a training is, for the one who waits."""

import sys
import time
from typing import Any

from plexus.run import Run
from plexus.training.callbacks.training_callback import TrainingCallback
from plexus.training.state import TrainingState
from plexus.utils.messages import note


class Progress(TrainingCallback):
    """A live line in a terminal, a plain line an epoch elsewhere; always on standard error.

    Args:
        run: how far it is.
        score: the figure to show for each epoch.
        steps: in an epoch.
        examples: in an epoch, for the rate.
    """

    def __init__(self, run: Run, state: TrainingState, metric: str, steps: int, examples: int) -> None:
        super().__init__()
        self.run, self.state, self.metric, self.steps, self.examples = run, state, metric, steps, examples
        self._done_here = 0
        self._bar: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Start the clock, and the bar where there is a terminal."""
        self._started = time.monotonic()
        if sys.stderr.isatty():
            self._bar = _bar()
            total = self.run.epochs * self.steps
            self._line = self._bar.add_task("training", total=total, completed=self._position(), note="")
            self._bar.start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Keras counts the steps of one `fit`."""
        self._epoch_begun, self._in_fit = self._position(), 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the bar."""
        self._done_here += batch + 1 - self._in_fit
        self._in_fit = batch + 1
        if self._bar is not None:
            note = f"epoch {self.state.epoch + 1}/{self.run.epochs}  loss {float((logs or {})['loss']):.4f}  "
            self._bar.update(self._line, completed=self._epoch_begun + batch + 1, note=note + self._rate())

    def on_epoch_evaluated(self, line: dict[str, Any]) -> None:
        """Say what the epoch gave."""
        left = self.run.epochs - self.state.epoch
        wait = time.strftime("%H:%M:%S", time.gmtime(left * self._seconds_an_epoch()))
        text = (
            f"epoch {self.state.epoch}/{self.run.epochs}  loss {line['loss']:.4f}  "
            f"{self.metric} {line[self.metric]:.4f}  {self._rate()}  {wait} left"
        )
        if self._bar is not None:
            self._bar.console.print(text, highlight=False)
        else:
            note(text)

    def on_train_end(self, logs: Any = None) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def _position(self) -> int:
        return self.state.epoch * self.steps + self.state.step

    def _seconds_an_epoch(self) -> float:
        return (time.monotonic() - self._started) * self.steps / max(self._done_here, 1)

    def _rate(self) -> str:
        examples = self._done_here / self.steps * self.examples
        return f"{examples / (time.monotonic() - self._started):,.0f} examples/s"


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = BarColumn(), TextColumn("{task.percentage:>3.0f}%  {task.fields[note]}"), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)
