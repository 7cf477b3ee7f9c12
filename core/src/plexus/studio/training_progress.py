"""The progress of a training, as its files describe it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.catalogue.record import RunRecord
from plexus.catalogue.training_log import LOG_FILE, last_lines
from plexus.run import RUN_FILE, read_run
from plexus.utils.formatting import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plexus.codec import JsonObject
    from plexus.metric import Metric

LOG_LINES = 40
MAX_CURVES = 12
"""Curves of other metrics."""
NOT_CURVES = {"epoch", "seconds", "examples", "gradients", "loss"}
RECENT_EPOCHS = 5
"""Epochs whose mean time the remaining time is estimated from."""
Curve = list[tuple[float, float]]


@dataclass(frozen=True)
class TrainingProgress:
    """The progress of a training, or of the stage of it that is trained.

    Args:
        folder: Folder of the run.
        task: Id of the task.
        options: The options; those that were left open are None until the data are read.
        stage: Name of the stage; empty for a training without stages, and for the last one.
        history: One object per finished epoch, as in `log.jsonl`.
        log: The last lines that it has printed.

    Example:
        ```python
        progress = TrainingProgress.read(Path("runs/vision.classify/20261127-101500"))
        f"epoch {progress.epoch} of {progress.epochs}"
        ```
    """

    folder: Path
    task: str
    options: "JsonObject"
    stage: str
    history: "Sequence[JsonObject]"
    log: "Sequence[str]"

    @classmethod
    def read(cls, folder: Path) -> "TrainingProgress":
        """Read the files of a run.

        Args:
            folder: Folder of the run.

        Returns:
            The progress.

        Raises:
            InputError: If the folder is not a run's, or a file of it was changed or cut off.
        """
        content, place = read_run(folder), folder
        if not (folder / "log.jsonl").exists():  # the last stage comes after the others
            stages = sorted(folder.glob(f"stages/*/{RUN_FILE}"), key=lambda file: file.stat().st_mtime_ns)
            place = stages[-1].parent if stages else folder
        options = content["options"] if place == folder else read_run(place)["options"]
        return cls(
            folder,
            content["task"],
            options,
            "" if place == folder else place.name,
            RunRecord.read(place).history(),
            last_lines(folder / LOG_FILE, LOG_LINES),
        )

    @property
    def epoch(self) -> int:
        """Number of finished epochs."""
        return len(self.history)

    @property
    def epochs(self) -> int | None:
        """Number of epochs; None until it is resolved."""
        return self.options.get("epochs")

    @property
    def seconds_left(self) -> float | None:
        """Remaining time, by the mean time of the last epochs; None before the first one has ended."""
        if not self.history or self.epochs is None:
            return None
        recent = self.history[-RECENT_EPOCHS:]
        mean = sum(float(line["seconds"]) for line in recent) / len(recent)
        return mean * (self.epochs - self.epoch)

    def curves(self) -> dict[str, Curve]:
        """Return the curves.

        Returns:
            Pairs of the number of an epoch and a value, by name: the training loss, then each metric on the validation
            split.
        """
        names = [name for line in self.history for name, value in line.items() if isinstance(value, int | float)]
        shown = ["loss", *(name for name in dict.fromkeys(names) if name not in NOT_CURVES)]
        curves = {
            name: [(float(line["epoch"]) + 1, float(line[name])) for line in self.history if name in line]
            for name in shown
        }
        return {name: curve for name, curve in curves.items() if curve}

    def best(self, metric: "Metric") -> str:
        """Describe the best epoch so far.

        Args:
            metric: The metric that ranks models of the task.

        Returns:
            One sentence; empty before the first evaluation.
        """
        best = _best(self.history, metric)
        return f"{metric.label}: best {number(best[1])}, in epoch {best[0]}." if best else ""

    def is_fitted(self, metric: "Metric") -> bool:
        """Return whether no epoch follows: all have ended, or the training stops early. The model is then evaluated.

        Args:
            metric: The metric that ranks models of the task.

        Returns:
            Whether the last epoch has ended; not of a stage that others follow.
        """
        if self.stage:
            return False
        target, patience = self.options.get("stop_at"), self.options.get("patience")
        values = [float(line[metric.name]) for line in self.history if metric.name in line]
        if target is not None and any(not metric.is_better(target, value) for value in values):
            return True
        best = _best(self.history, metric)
        return self.epoch == self.epochs or bool(patience and best and self.epoch - best[0] >= patience)

    def early_stopping(self, metric: "Metric") -> str:
        """Describe how far the training is from early stopping.

        Args:
            metric: The metric that ranks models of the task.

        Returns:
            One sentence.
        """
        patience: int | None = self.options.get("patience")
        if patience is None:
            return "Early stopping is set once the data are read."
        if patience == 0:
            return "Early stopping is off."
        best = _best(self.history, metric)
        if best is None:
            return f"Early stopping: after {patience} epochs without improvement."
        return f"Early stopping: {self.epoch - best[0]} of {patience} epochs without improvement."


def _best(history: "Sequence[JsonObject]", metric: "Metric") -> tuple[int, float] | None:
    """Return the number of the first epoch with the best metric, and the metric."""
    evaluated = [line for line in history if metric.name in line]
    if not evaluated:
        return None
    values = [float(line[metric.name]) for line in evaluated]
    best = values[metric.best_index(values)]
    return int(evaluated[values.index(best)]["epoch"]) + 1, best
