"""Where a training goes on after it was cut off."""

import json
import time
from typing import Any

import keras
import numpy as np

from plexus.callbacks.weight_averaging import WeightAveraging, synchronize
from plexus.run import Run
from plexus.training.state import assign, load_list, save_arrays, values, variables_of


class Checkpoint(keras.callbacks.Callback):
    """Saves all of a training's state: at the end of every epoch, every so many minutes, and when asked to stop.

    A checkpoint within an epoch also holds the state at the epoch's beginning, because an epoch's data may depend on
    the learner as it was then: resuming makes the data anew from that state, then skips the steps already done.

    Args:
        run: whose checkpoint it is.
        averaging: its average is saved along.
        steps: in an epoch.
        minutes: between checkpoints within an epoch.
    """

    def __init__(self, run: Run, averaging: WeightAveraging, steps: int, minutes: float) -> None:
        super().__init__()
        self.run, self.averaging, self.steps, self.seconds = run, averaging, steps, 60 * minutes
        self.stop_requested = False
        self._epoch_start: list[np.ndarray] = []
        self._skipped = 0
        self._saved_at = time.monotonic()

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
            self.save()
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
            self._epoch_start = values(variables_of(self.model))

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        progress = {
            "history": self.run.history,
            "step": self.run.step,
            "averaged": [self.averaging.steps, self.averaging.pending],
        }
        save_arrays(
            self.run.checkpoint,
            progress=np.frombuffer(json.dumps(progress).encode(), np.uint8),
            now=values(variables_of(self.model)),
            average=self.averaging.average,
            epoch_start=self._epoch_start if self.run.step else [],
        )
        self._saved_at = time.monotonic()

    def restore(self) -> bool:
        """Take up the run's checkpoint, if there is one, up to the beginning of the epoch that it was made in."""
        if not self.run.checkpoint.exists():
            return False
        with np.load(self.run.checkpoint, allow_pickle=False) as arrays:
            progress = json.loads(arrays["progress"].tobytes())
            self.run.history, self.run.step = progress["history"], progress["step"]
            self.averaging.steps, self.averaging.pending = progress["averaged"]
            self.averaging.average = load_list(arrays, "average")
            self._now = load_list(arrays, "now")
            self._epoch_start = load_list(arrays, "epoch_start")
        assign(variables_of(self.model), self._epoch_start if self.run.step else self._now)
        return True

    def enter_epoch(self) -> None:
        """Once the epoch's data is made: go to where within the epoch the checkpoint was."""
        if self.run.step:
            assign(variables_of(self.model), self._now)
