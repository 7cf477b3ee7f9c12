"""What all trackers are."""

from typing import Any

from plexus.run import Run
from plexus.training.callbacks.training_callback import TrainingCallback


class Tracker(TrainingCallback):
    """Keeps a record of a training.

    Args:
        run: what is trained.
    """

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run


def figures(line: dict[str, Any]) -> dict[str, float]:
    """The numbers of a line of the log, those of a layer under its name: `gradients/dense_1`."""
    found: dict[str, float] = {}
    for name, value in line.items():
        if isinstance(value, dict):
            found |= {f"{name}/{part}": float(number) for part, number in value.items()}
        else:
            found[name] = float(value)
    return found
