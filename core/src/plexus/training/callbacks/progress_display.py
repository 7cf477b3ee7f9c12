"""The choice of how a training shows its progress."""

import sys

from plexus.metric import Metric
from plexus.run import Run
from plexus.training.callbacks.progress import Progress
from plexus.training.state import TrainingState


def progress_display(run: Run, state: TrainingState, metric: Metric, steps: int, examples: int) -> Progress:
    """Return the callback that shows the progress of a training where the process runs.

    Args:
        run: The run.
        state: The progress of the training.
        metric: The metric that ranks the epochs.
        steps: Steps per epoch.
        examples: Examples per epoch.

    Returns:
        A display with curves in a notebook, a bar in a terminal, lines for a file or a pipe.
    """
    if _is_notebook():
        from plexus.training.callbacks.notebook_progress import NotebookProgress

        return NotebookProgress(run, state, metric, steps, examples)
    if sys.stderr.isatty():
        from rich.console import Console

        from plexus.training.callbacks.progress_bar import ProgressBar

        console = Console(stderr=True)
        if console.is_terminal and not console.is_dumb_terminal:
            return ProgressBar(run, state, metric, steps, examples, console)
    return Progress(run, state, metric.name, steps, examples)


def _is_notebook() -> bool:
    """Return whether the process is the kernel of a notebook, which has no terminal."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")
