"""Pruning of trials."""

import math
from typing import TYPE_CHECKING

from plexus.codec import JsonObject
from plexus.metric import Metric
from plexus.training.callbacks.training_callback import TrainingCallback
from plexus.utils.formatting import number

if TYPE_CHECKING:
    from optuna import Trial


class Pruning(TrainingCallback):
    """Stops a trial whose validation metric is worse than that of most others at the same epoch.

    Args:
        trial: The Optuna trial, whose study's pruner decides.
        metric: The metric.

    Example:
        ```python
        session = trainer.begin(run, dataset, [Pruning(trial, task.metric)])
        ```
    """

    def __init__(self, trial: "Trial", metric: Metric) -> None:
        super().__init__()
        self.trial, self.metric = trial, metric

    def on_epoch_evaluated(self, line: JsonObject) -> None:
        """Report the metric, and stop the trial if the pruner says so.

        Args:
            line: The epoch as in `log.jsonl`.

        Raises:
            TrialPruned: If the trial is pruned.
        """
        from optuna import TrialPruned

        value = line[self.metric.name]
        if math.isfinite(value):
            self.trial.report(value, int(line["epoch"]))
            if self.trial.should_prune():
                raise TrialPruned(f"{self.metric.name} {number(value)} after {line['epoch'] + 1} epochs")
