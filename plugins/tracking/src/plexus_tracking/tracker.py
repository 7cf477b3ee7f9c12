"""The base class of experiment trackers."""

from plexus import Run, TrainingCallback, TrainingState
from plexus.codec import JsonObject


class Tracker(TrainingCallback):
    """Records a training.

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


def flatten_metrics(line: JsonObject) -> dict[str, float]:
    """Return the numbers of an epoch, those of nested objects under joined names: `gradients/dense_1`.

    Args:
        line: The epoch as in `log.jsonl`.

    Returns:
        Numbers by name.
    """
    metrics: dict[str, float] = {}
    for name, value in line.items():
        if isinstance(value, dict):
            metrics |= {f"{name}/{key}": float(number) for key, number in value.items()}
        else:
            metrics[name] = float(value)
    return metrics
