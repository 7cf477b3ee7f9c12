"""Progress of a training in a notebook."""

import time
from typing import TYPE_CHECKING

from plexus.codec import JsonObject
from plexus.metric import Metric
from plexus.report.figure import as_inline_svg
from plexus.report.learning_curves import learning_curves
from plexus.run import Run
from plexus.training.callbacks.progress import Logs, Progress
from plexus.training.state import TrainingState
from plexus.utils.formatting import number
from plexus.utils.html import render

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

TEXT_SECONDS, CURVE_SECONDS = 0.5, 2.0
"""Time between two updates of the text, and of the curves, which take longer to draw."""


class NotebookProgress(Progress):
    """Shows a bar, the remaining time and the learning curves below a cell, updated in place.

    It is HTML of IPython's display protocol, which every notebook shows, without widgets. The curves remain at the end.

    Args:
        run: The run.
        state: The progress of the training.
        metric: The metric that ranks the epochs.
        steps: Steps per epoch.
        examples: Examples per epoch.

    Example:
        ```python
        progress = NotebookProgress(run, state, Metric("accuracy"), 100, 6400)
        ```
    """

    def __init__(self, run: Run, state: TrainingState, metric: Metric, steps: int, examples: int) -> None:
        super().__init__(run, state, metric.name, steps, examples)
        self._ranking = metric
        self._handle: DisplayHandle | None = None
        self._loss = self._curves = ""
        self._shown_at = self._drawn_at = 0.0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Start the clock and show the bar.

        Args:
            logs: Not used.
        """
        super().on_train_begin()
        self._draw()
        self._show()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Move the bar, if some time has passed.

        Args:
            batch: The last finished step of this call of `fit`.
            logs: The mean loss of the epoch so far.
        """
        super().on_train_batch_end(batch)
        self._loss = f"loss {float((logs or {})['loss']):.4f}"
        if time.monotonic() - self._shown_at >= TEXT_SECONDS:
            self._show()

    def on_epoch_evaluated(self, line: JsonObject) -> None:
        """Draw the curves, if some time has passed.

        Args:
            line: The epoch as in `log.jsonl`.
        """
        if time.monotonic() - self._drawn_at >= CURVE_SECONDS:
            self._draw()
            self._show()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Draw all epochs.

        Args:
            logs: Not used.
        """
        self._draw()
        self._show()

    def _draw(self) -> None:
        if self.state.history:
            values = [line[self._ranking.name] for line in self.state.history if self._ranking.name in line]
            best = self._ranking.best_index(values) if values else None
            self._curves = as_inline_svg(learning_curves(self.state.history, self._ranking, best))
            self._drawn_at = time.monotonic()

    def _show(self) -> None:
        from IPython.display import HTML, display
        from markupsafe import Markup

        page = HTML(  # type: ignore[no-untyped-call]
            render(
                "progress.html",
                total=self.total,
                position=self.position,
                texts=self._texts(),
                curves=Markup(self._curves),  # noqa: S704 - matplotlib escapes the text in its SVG
            )
        )
        if self._handle is None:
            self._handle = display(page, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(page)  # type: ignore[no-untyped-call]
        self._shown_at = time.monotonic()

    def _texts(self) -> list[str]:
        texts = [f"epoch {min(self.state.epoch + 1, self.run.epochs)} of {self.run.epochs}", self._loss]
        evaluated = self.state.evaluated(self.metric)
        if evaluated:
            values = [line[self.metric] for line in evaluated]
            best = self._ranking.best_index(values)
            texts.append(f"best {self.metric} {number(values[best])} (epoch {evaluated[best]['epoch'] + 1})")
        return [*filter(None, texts), f"{self.remaining_time()} left"]
