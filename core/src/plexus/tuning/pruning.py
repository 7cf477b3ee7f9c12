"""Trials that are given up early."""

import math
from typing import TYPE_CHECKING, Any

from plexus.metric import Metric
from plexus.training.callbacks.training_callback import TrainingCallback

if TYPE_CHECKING:
    from optuna import Trial


class Pruning(TrainingCallback):
    """Gives a trial up whose score on the validation split lags behind that of most others at the same epoch.

    Args:
        trial: of Optuna, whose study's pruner decides.
        score: the figure that ranks.
    """

    def __init__(self, trial: "Trial", score: Metric) -> None:
        super().__init__()
        self.trial, self.score = trial, score

    def on_epoch_evaluated(self, line: dict[str, Any]) -> None:
        """Say how good it is, and ask.

        Raises:
            TrialPruned: it lags behind.
        """
        from optuna import TrialPruned

        value = line[self.score.name]
        if math.isfinite(value):
            self.trial.report(value, int(line["epoch"]))
            if self.trial.should_prune():
                raise TrialPruned(f"{self.score.name} {value:.4f} after {line['epoch'] + 1} epochs")
