"""Where a training goes on after it was cut off."""

import json
import time
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from plexus.codec import Arrays
from plexus.errors import InputError
from plexus.run import Run
from plexus.training.callbacks.weight_averaging import WeightAveraging, synchronize
from plexus.training.variables import assign, load_list, save_arrays, values, variables_of

SHARE_OF_TIME = 0.05
"""That saving at the ends of epochs may take: where epochs are short or the state is large, not every end is saved."""


@dataclass(frozen=True)
class _State:
    """All that a training changes: variables, their average and how far that is, and the source's own."""

    variables: list[np.ndarray]
    average: list[np.ndarray]
    averaged: tuple[int, int]
    dataset: Arrays


class Checkpoint(keras.callbacks.Callback):
    """Saves all of a training's state: at the ends of epochs, every so many minutes, and when the training stops.

    A checkpoint within an epoch also holds the state at the epoch's beginning, because an epoch's data may depend on
    the learner as it was then: resuming makes the data anew from that state, then skips the steps already done.
    A source that changes while it is learned from (an environment) has `state` and `restore`, and is saved along.

    Args:
        run: whose checkpoint it is.
        source: what is learned from.
        averaging: its average is saved along.
        steps: in an epoch.
        minutes: between checkpoints within an epoch.
    """

    def __init__(self, run: Run, dataset: Any, averaging: WeightAveraging, steps: int, minutes: float) -> None:
        super().__init__()
        self.run, self.dataset, self.averaging = run, dataset, averaging
        self.steps, self.seconds = steps, 60 * minutes
        self.stop_requested = False
        self._skipped = 0
        self._at_end = self._unsaved = False
        self._saved_at, self._cost = time.monotonic(), 0.0

    def begin_at(self, learner: keras.Model, weights: list[np.ndarray], dataset: Arrays) -> None:
        """Where the first epoch starts: its data is made before there is an optimizer, and may change the learner."""
        self._start = _State(weights + values(learner.optimizer.variables), [], (0, 0), dataset)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Steps are counted within `fit`, which begins after the steps skipped."""
        self._skipped = self.run.step

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Save if it is time, or if the user asked to stop; then stop at once.

        Raises:
            KeyboardInterrupt: the user asked to stop, and the checkpoint is saved.
        """
        done = self._skipped + batch + 1
        # The last step is not saved here: the end of the epoch, with its scores, is a moment away.
        if done < self.steps and (self.stop_requested or time.monotonic() - self._saved_at >= self.seconds):
            self.run.step = done
            synchronize(self.model)
            self._save(self._state({}))
            self.raise_if_stopped()

    def raise_if_stopped(self) -> None:
        """End the training if the user asked for it.

        Raises:
            KeyboardInterrupt: always, then.
        """
        if self.stop_requested:
            raise KeyboardInterrupt

    def begin_epoch(self) -> None:
        """Remember the state that the epoch's data is made from."""
        if self.run.step == 0:
            self._remember()

    def epoch_ended(self, must: bool) -> None:
        """Save, unless the time since the last save is short beside what saving takes, and it need not be."""
        self._at_end = self._unsaved = True
        if must or self.stop_requested or (time.monotonic() - self._saved_at) * SHARE_OF_TIME >= self._cost:
            self.save_ended_epochs()

    def save_ended_epochs(self) -> None:
        """Save the end of the last whole epoch, if that is not done: the training may stop here, in whatever way."""
        if self._unsaved:
            self._remember()
            self._save(self._start)

    def restore(self) -> bool:
        """Take up the run's checkpoint, if there is one, up to the beginning of the epoch that it was made in.

        Raises:
            InputError: it is that of an older version.
        """
        if not self.run.checkpoint.exists():
            return False
        with np.load(self.run.checkpoint, allow_pickle=False) as arrays:
            progress = json.loads(arrays["progress"].tobytes())
            if "warnings" not in progress:
                raise InputError(
                    f"{self.run.folder} was begun by an older Plexus, which watched no gradients: begin anew"
                )
            self.run.history, self.run.step = progress["history"], progress["step"]
            self.run.warnings = progress["warnings"]
            self.averaging.steps, self.averaging.pending = progress["averaged"]
            self.averaging.average = load_list(arrays, "average")
            self._now = load_list(arrays, "now")
            start = load_list(arrays, "epoch_start") or self._now
            dataset = {name.removeprefix("source."): arrays[name] for name in arrays if name.startswith("source.")}
        assign(variables_of(self.model), start)
        self._start = _State(start, [], (0, 0), dataset)
        if dataset:
            self.dataset.restore(dataset)
        return True

    def enter_epoch(self) -> None:
        """Once the epoch's data is made: go to where within the epoch the checkpoint was."""
        if self.run.step:
            assign(variables_of(self.model), self._now)

    def _remember(self) -> None:
        """Between two epochs, once: later the next epoch may have begun, and changed everything."""
        if self._at_end:
            self._start = self._state(dataset_state(self.dataset))
            self._at_end = False

    def _state(self, dataset: Arrays) -> "_State":
        mean = self.averaging
        average = [array.copy() for array in mean.average]
        return _State(values(variables_of(self.model)), average, (mean.steps, mean.pending), dataset)

    def _save(self, now: "_State") -> None:
        """Write the checkpoint, whole or not at all."""
        started = time.monotonic()
        progress = {
            "history": self.run.history,
            "step": self.run.step,
            "warnings": self.run.warnings,
            "averaged": now.averaged,
        }
        save_arrays(
            self.run.checkpoint,
            progress=np.frombuffer(json.dumps(progress).encode(), np.uint8),
            now=now.variables,
            average=now.average,
            epoch_start=self._start.variables if self.run.step else [],
            **{f"source.{name}": array for name, array in self._start.dataset.items()},
        )
        self._unsaved = False
        self._saved_at, self._cost = time.monotonic(), time.monotonic() - started


def dataset_state(dataset: Any) -> Arrays:
    """What a source that changes while it is learned from has to be saved; nothing of one that does not."""
    return dataset.state() if hasattr(dataset, "state") else {}
