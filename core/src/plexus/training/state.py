"""The progress of a training."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from plexus.codec import JsonObject
from plexus.utils.files import write_whole


@dataclass
class TrainingState:
    """The mutable part of a training, without the variables of the learner.

    Attributes:
        history: One object per finished epoch: `epoch`, `loss`, `seconds`, `examples`, `gradients`, and the validation
            metrics of epochs that were evaluated.
        step: Finished steps of the current epoch.
        warnings: Warnings about gradients so far.

    Example:
        ```python
        state = TrainingState()
        state.epoch  # 0
        ```
    """

    history: list[JsonObject] = field(default_factory=list)
    step: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """The current epoch, counted from 0."""
        return len(self.history)

    def evaluated(self, metric: str) -> list[JsonObject]:
        """Return the epochs that were evaluated on the validation split.

        Args:
            metric: Name of the metric that ranks models.

        Returns:
            Objects of the history that have the metric.
        """
        return [line for line in self.history if metric in line]

    def write_log(self, folder: Path) -> None:
        """Write the history as `log.jsonl`; without a finished epoch there is none.

        Args:
            folder: Folder of the run.
        """
        if self.history:
            write_whole(folder / "log.jsonl", "".join(json.dumps(line) + "\n" for line in self.history))
