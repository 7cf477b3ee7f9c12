"""Progress of a training in a terminal."""

import sys
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as RichProgress
from rich.table import Column

from plexus.codec import JsonObject
from plexus.metric import Metric
from plexus.run import Run
from plexus.training.callbacks.progress import Logs, Progress
from plexus.training.state import TrainingState
from plexus.utils.formatting import number

if TYPE_CHECKING:
    from rich.console import Console

MIN_BAR = 8
"""Columns of the bar in a narrow terminal."""


class ProgressBar(Progress):
    """Shows a bar that is updated in place, and prints a line for each epoch that improves the metric.

    The bar has the loss of the epoch so far, the best metric and the remaining time, also of epochs that are not
    evaluated. It is removed at the end of the training.

    Args:
        run: The run.
        state: The progress of the training.
        metric: The metric that ranks the epochs.
        steps: Steps per epoch.
        examples: Examples per epoch.
        console: Where it is shown.

    Example:
        ```python
        bar = ProgressBar(run, state, Metric("accuracy"), 100, 6400, Console(stderr=True))
        ```
    """

    def __init__(
        self, run: Run, state: TrainingState, metric: Metric, steps: int, examples: int, console: "Console"
    ) -> None:
        super().__init__(run, state, metric.name, steps, examples)
        self._ranking = metric
        self._loss, self._best_epoch = "", 0
        self._best: float | None = None
        self._bar = RichProgress(
            TextColumn("epoch {task.fields[epoch]}", markup=False),
            BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=MIN_BAR)),
            TextColumn("{task.percentage:.0f}%", markup=False),
            TextColumn("{task.fields[loss]}", markup=False),
            TextColumn("{task.fields[best]}", markup=False),
            TextColumn("{task.fields[left]}", markup=False),
            console=console,
            transient=True,
            expand=True,
            redirect_stdout=sys.stdout is not None and sys.stdout.isatty(),  # not if it is a file or a pipe
        )

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start the clock and the bar.

        Args:
            logs: Not used.
        """
        super().on_train_begin()
        for line in self.state.evaluated(self.metric):
            self._improves(line)
        self._task = self._bar.add_task("training", total=self.total, completed=self.position, **self._texts())
        self._bar.start()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Show the number of the epoch.

        Args:
            epoch: The epoch.
            logs: Not used.
        """
        super().on_epoch_begin(epoch)
        self._show()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Move the bar.

        Args:
            batch: The last finished step of this call of `fit`.
            logs: The mean loss of the epoch so far.
        """
        super().on_train_batch_end(batch)
        self._loss = f"loss {float((logs or {})['loss']):.4f}"
        self._show()

    def on_epoch_evaluated(self, line: JsonObject) -> None:
        """Print a line if the metric is better than in all epochs before.

        Args:
            line: The epoch as in `log.jsonl`.
        """
        improves = self._improves(line)
        if improves:
            self._bar.console.print(self.describe(line), highlight=False, markup=False, soft_wrap=True)
        self._show(refresh=improves)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Remove the bar.

        Args:
            logs: Not used.
        """
        self._bar.stop()

    def _show(self, refresh: bool = False) -> None:
        self._bar.update(self._task, completed=self.position, refresh=refresh, **self._texts())

    def _improves(self, line: JsonObject) -> bool:
        """Return whether the metric of an epoch is the best so far, and remember it if so."""
        value = float(line[self.metric])
        if self._best is not None and not self._ranking.is_better(value, than=self._best):
            return False
        self._best, self._best_epoch = value, int(line["epoch"]) + 1
        return True

    def _texts(self) -> dict[str, Any]:
        """Return the texts of the columns, so short that the bar fits: Rich would cut all of them off alike."""
        epoch = f"{min(self.state.epoch + 1, self.run.epochs)}/{self.run.epochs}"
        left = f"{self.remaining_time()} left"
        space = self._bar.console.width - len(f"epoch {epoch} {'':{MIN_BAR}} 100%   {left}")
        loss = self._loss if len(self._loss) <= space else ""
        best = next((text for text in self._best_texts() if len(text) <= space - len(loss)), "")
        return {"epoch": epoch, "loss": loss, "best": best, "left": left}

    def _best_texts(self) -> list[str]:
        """Return the best metric, and shorter forms of it."""
        if self._best is None:
            return []
        value = number(self._best)
        text = f"best {self.metric} {value}"
        return [f"{text} (epoch {self._best_epoch})", text, f"best {value}"]
