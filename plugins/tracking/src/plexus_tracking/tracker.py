"""What all trackers are."""

from typing import Any

from plexus import Run, TrainingCallback, TrainingState


class Tracker(TrainingCallback):
    """Keeps a record of a training.

    Args:
        run: The run.
        state: Its progress.

    Example:
        ```python
        class PrintLog(Tracker):
            def on_epoch_evaluated(self, line):
                print(self.run.task, line)
        ```
    """

    def __init__(self, run: Run, state: TrainingState) -> None:
        super().__init__()
        self.run, self.state = run, state


def figures(line: dict[str, Any]) -> dict[str, float]:
    """The numbers of a line of the log, those of a layer under its name: `gradients/dense_1`."""
    found: dict[str, float] = {}
    for name, value in line.items():
        if isinstance(value, dict):
            found |= {f"{name}/{part}": float(number) for part, number in value.items()}
        else:
            found[name] = float(value)
    return found
