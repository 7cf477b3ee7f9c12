"""The estimated time of a training, before it starts."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plexus.utils.duration import duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plexus.catalogue.record import RunRecord
    from plexus.codec import JsonObject

SAME_TIME = {
    *("seed", "epochs", "learning_rate", "schedule", "warmup", "momentum", "beta_2", "epsilon", "weight_decay"),
    *("l1", "l2", "averaging", "patience", "stop_at", "clip_norm", "checkpoint_minutes", "from_", "strict"),
}
"""Options that do not change the time of an epoch, or hardly."""
NO_ESTIMATE = "No estimate: "


@dataclass(frozen=True)
class PlannedTraining:
    """A training that a form describes.

    Args:
        task: Id of the task.
        options: The options; None stands for those that are left open.
        is_upload: Whether the data are uploaded, so that no earlier training had them.
        examples: Number of training examples; 0 before the data are read.
        defaults: Values that follow from the data for options that are left open; empty before they are computed.

    Example:
        ```python
        options = task.options.parse({"data": "digits"}).model_dump(mode="json")
        PlannedTraining("vision.classify", options).estimate(run_cache.records())
        ```
    """

    task: str
    options: "JsonObject"
    is_upload: bool = False
    examples: int = 0
    defaults: "Mapping[str, object]" = field(default_factory=dict)

    def estimate(self, records: "Sequence[RunRecord]") -> str:
        """Describe the time that the training will take, by the trainings that have finished.

        Args:
            records: The runs, the last one first.

        Returns:
            One sentence, which says so if there is no estimate.
        """
        chosen = {name: value for name, value in self.options.items() if value is not None}
        record = None if self.is_upload else similar_run(records, self.task, {**self.defaults, **chosen})
        if record is not None:
            reason = "as in the last training with these data and options"
            return self._describe("At most about", record.seconds / record.epochs, reason)
        if not self.examples:
            if self.is_upload:
                return f"{NO_ESTIMATE}uploaded data are read when the training starts. The page Data reads them before."
            return f"{NO_ESTIMATE}no training of {self.task} with these data and options has finished yet."
        seconds = seconds_by_examples(records, self.task, self.examples)
        if seconds is None:
            return f"{NO_ESTIMATE}no training of {self.task} has finished yet."
        reason = "at the speed of the last training of this task, with other data or options"
        return self._describe("Very roughly", seconds, reason)

    def _describe(self, degree: str, seconds: float, reason: str) -> str:
        epochs = self.options["epochs"] or self.defaults.get("epochs")
        if epochs is None:
            return f"About {seconds:.2g} s per epoch, {reason}; the number of epochs is computed from the data."
        return f"{degree} {duration(seconds * int(str(epochs)))}: {epochs} epochs of {seconds:.2g} s, {reason}."


def similar_run(records: "Sequence[RunRecord]", task: str, options: "Mapping[str, object]") -> "RunRecord | None":
    """Return the last finished training whose epochs took as long as those of a new one will.

    Args:
        records: The runs, the last one first.
        task: Id of the task.
        options: The options of the new one; None stands for those that are left open.

    Returns:
        The run; None if there is none. One whose options differ does not count, except for numbers of epochs, seeds,
        learning rates and the like.
    """
    fixed = {name: value for name, value in options.items() if value is not None and name not in SAME_TIME}
    for record in records:
        same = all(record.options.get(name) == value for name, value in fixed.items())
        if record.task == task and record.status == "finished" and record.epochs and same:
            return record
    return None


def seconds_by_examples(records: "Sequence[RunRecord]", task: str, examples: int) -> float | None:
    """Estimate the time of an epoch by the last finished training of a task, with other data or options.

    Args:
        records: The runs, the last one first.
        task: Id of the task.
        examples: Number of training examples.

    Returns:
        Seconds of an epoch, in proportion to the examples; None if there is no such training.
    """
    for record in records:
        trained_on = record.manifest.get("data", {}).get("examples", {}).get("train", 0)
        if record.task == task and record.epochs and trained_on:
            return record.seconds / record.epochs * examples / int(trained_on)
    return None
