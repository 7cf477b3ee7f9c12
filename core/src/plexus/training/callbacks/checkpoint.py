"""Checkpoints within and between epochs."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from plexus.codec import Arrays
from plexus.dataset import Dataset, Stateful
from plexus.errors import InputError
from plexus.run import Run
from plexus.training.callbacks.weight_averaging import WeightAveraging
from plexus.training.state import TrainingState
from plexus.training.variables import (
    assign,
    dump_arrays,
    load_list,
    read_arrays,
    synchronize,
    training_variables,
    values,
)
from plexus.utils.files import write_whole
from plexus.utils.messages import note

MAX_SAVING_FRACTION = 0.05
"""Fraction of the time that saving between epochs may take: short epochs and large states are not saved every time."""


@dataclass(frozen=True)
class _Snapshot:
    """Everything that a training changes.

    Args:
        variables: Values of all variables.
        average: The moving average of the weights.
        averaged_steps: Steps in the average, and those since its last update.
        dataset: State of a stateful dataset.
    """

    variables: list[np.ndarray]
    average: list[np.ndarray]
    averaged_steps: tuple[int, int]
    dataset: Arrays


class Checkpoint(keras.callbacks.Callback):
    """Saves the state of a training between epochs, every few minutes, and when it is interrupted.

    A checkpoint within an epoch also holds the state at the epoch's start, because an epoch's data may depend on the
    learner as it was then: resuming makes the data from that state, then skips the finished steps.

    Args:
        run: The run whose checkpoint it is.
        state: The progress of the training.
        dataset: The dataset; its state is saved if it is `Stateful`.
        averaging: The moving average, which is saved too.
        steps: Steps per epoch.

    Attributes:
        stop_requested: Set it to stop after the current step.

    Example:
        ```python
        checkpoint = Checkpoint(run, state, dataset, averaging, steps=100)
        learner.fit(x, y, callbacks=[checkpoint])
        ```
    """

    def __init__(
        self, run: Run, state: TrainingState, dataset: Dataset, averaging: WeightAveraging, steps: int
    ) -> None:
        super().__init__()
        self.run, self.state, self.dataset, self.averaging = run, state, dataset, averaging
        self.steps, self.seconds = steps, 60 * run.options.checkpoint_minutes
        self.stop_requested = False
        self._fingerprint = dataset.fingerprint
        self._unlabelled = getattr(dataset, "unlabelled_fingerprint", None)
        self._learner: keras.Model = None
        self._skipped = 0
        self._at_end = self._unsaved = False
        self._saved_at, self._cost = time.monotonic(), 0.0

    def start_from(self, learner: keras.Model, weights: list[np.ndarray], dataset: Arrays) -> None:
        """Set the state at the start of the first epoch, whose data is made before there is an optimizer.

        Args:
            learner: The compiled learner, which is stored: reading `Callback.model` on JAX synchronizes all state.
            weights: Values of its variables before the first epoch's data was made.
            dataset: State of the dataset before.
        """
        self._learner = learner
        self._start = _Snapshot(weights + values(learner.optimizer.variables), [], (0, 0), dataset)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Remember the steps that `fit` skips: it counts those after them.

        Args:
            epoch: The epoch.
            logs: Not used.
        """
        self._skipped = self.state.step

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Save if it is time or if the user asked to stop.

        Args:
            batch: The last finished step of this call of `fit`.
            logs: Not used.

        Raises:
            KeyboardInterrupt: If the user asked to stop; the checkpoint is saved.
        """
        finished = self._skipped + batch + 1
        # The last step is not saved here: the end of the epoch, with its metrics, follows directly.
        if finished < self.steps and (self.stop_requested or time.monotonic() - self._saved_at >= self.seconds):
            self.state.step = finished
            synchronize(self._learner)
            self._save(self._snapshot({}))
            self.raise_if_stopped()

    def raise_if_stopped(self) -> None:
        """Stop the training if the user asked for it.

        Raises:
            KeyboardInterrupt: If `stop_requested` is set.
        """
        if self.stop_requested:
            raise KeyboardInterrupt

    def begin_epoch(self) -> None:
        """Remember the state that the epoch's data is made from."""
        if self.state.step == 0:
            self._keep_snapshot()

    def end_epoch(self, force: bool) -> None:
        """Save between two epochs, unless little time has passed compared with what saving takes.

        Args:
            force: Save in any case.
        """
        self._at_end = self._unsaved = True
        if force or self.stop_requested or (time.monotonic() - self._saved_at) * MAX_SAVING_FRACTION >= self._cost:
            self.save_finished_epochs()

    def save_finished_epochs(self) -> None:
        """Save the end of the last finished epoch if that is not done."""
        if self._unsaved:
            self._keep_snapshot()
            self._save(self._start)

    def restore(self) -> bool:
        """Restore the run's checkpoint, up to the start of the epoch that it was made in.

        If the checkpoint is damaged, the one before it is restored.

        Returns:
            Whether there is a checkpoint.

        Raises:
            InputError: If both are damaged, or they are those of other data or of another network.
        """
        arrays = self._read()
        if arrays is None:
            return False
        progress = json.loads(arrays["progress"].tobytes())
        if progress["data"] != self._fingerprint:
            raise InputError(
                f"{self.run.folder} was trained on other data until now: pass the same data with --data, wherever it is"
            )
        if progress.get("unlabelled") != self._unlabelled:
            raise InputError(
                f"{self.run.folder} was trained with other unlabelled data until now: pass the same data with "
                "--unlabelled, wherever it is"
            )
        self.state.history[:], self.state.step = progress["history"], progress["step"]
        self.state.warnings[:] = progress["warnings"]
        self.averaging.steps, self.averaging.pending = progress["averaged"]
        self.averaging.average = load_list(arrays, "average")
        self._now = load_list(arrays, "now")
        start = load_list(arrays, "epoch_start") or self._now
        dataset = {name.removeprefix("dataset."): arrays[name] for name in arrays if name.startswith("dataset.")}
        weights = len(self._learner.variables)
        variables = training_variables(self._learner)
        for group in (self._now, start):
            _require_fitting(self.run.checkpoint, group, variables, group[:weights])
        assign(variables, start)
        self._start = _Snapshot(start, [], (0, 0), dataset)
        if dataset and isinstance(self.dataset, Stateful):
            self.dataset.restore(dataset)
        return True

    def enter_epoch(self) -> None:
        """Restore the state within the epoch, after the epoch's data is made."""
        if self.state.step:
            assign(training_variables(self._learner), self._now)

    def _read(self) -> Arrays | None:
        """Return the checkpoint, or the one before it if it is damaged; None if there is none."""
        if self.run.best.exists():
            _read_with(self.run.best, "network.0")  # refused now, not after the training
        damaged: InputError | None = None
        for file in (self.run.checkpoint, self.run.previous_checkpoint):
            if file.exists():
                try:
                    arrays = _read_with(file, "progress")
                except InputError as error:
                    damaged = damaged or error
                    continue
                if damaged is not None:
                    note(f"{damaged}; the training goes on from the checkpoint before it")
                return arrays
        if damaged is not None:
            raise InputError(f"{damaged}, and there is no other checkpoint: train again") from damaged
        return None

    def _keep_snapshot(self) -> None:
        """Take a snapshot between two epochs, once: later the next epoch may have changed everything."""
        if self._at_end:
            self._start = self._snapshot(dataset_state(self.dataset))
            self._at_end = False

    def _snapshot(self, dataset: Arrays) -> _Snapshot:
        mean = self.averaging
        average = [array.copy() for array in mean.average]
        return _Snapshot(values(training_variables(self._learner)), average, (mean.steps, mean.pending), dataset)

    def _save(self, now: _Snapshot) -> None:
        """Write the checkpoint, whole or not at all."""
        started = time.monotonic()
        progress = {
            "history": self.state.history,
            "step": self.state.step,
            "warnings": self.state.warnings,
            "averaged": now.averaged_steps,
            "data": self._fingerprint,
            "unlabelled": self._unlabelled,
        }
        content = dump_arrays(
            progress=np.frombuffer(json.dumps(progress).encode(), np.uint8),
            now=now.variables,
            average=now.average,
            epoch_start=self._start.variables if self.state.step else [],
            **{f"dataset.{name}": array for name, array in self._start.dataset.items()},
        )
        write_whole(self.run.checkpoint, content, self.run.previous_checkpoint)
        self._unsaved = False
        self._saved_at, self._cost = time.monotonic(), time.monotonic() - started


def _read_with(file: Path, name: str) -> Arrays:
    """Read a file of a run, and refuse one that is another file of it: each has its checksum."""
    arrays = read_arrays(file)
    if name not in arrays:
        raise InputError(f"{file} lacks {name!r}: it is the copy of a file of another name")
    return arrays


def read_best_weights(run: Run, network: keras.Model) -> list[np.ndarray]:
    """Read the weights of the best epoch of a run.

    Args:
        run: The run.
        network: Its network.

    Returns:
        One array per variable of the network.

    Raises:
        InputError: If the file is missing or damaged, or its weights are those of another network or not numbers.
    """
    weights = load_list(_read_with(run.best, "network.0"), "network")
    _require_fitting(run.best, weights, network.variables, weights)
    return weights


def _require_fitting(
    file: Path, arrays: Sequence[np.ndarray], variables: Sequence[keras.Variable], weights: Sequence[np.ndarray]
) -> None:
    """Refuse arrays of another network, and weights that are not numbers."""
    if [array.shape for array in arrays] != [tuple(variable.shape) for variable in variables]:
        raise InputError(f"{file} holds the weights of another network: it belongs to another run")
    if any(array.dtype.kind == "f" and np.isnan(array).any() for array in weights):
        raise InputError(f"{file} holds weights that are not numbers (NaN): train again")


def dataset_state(dataset: Dataset) -> Arrays:
    """Return the state of a stateful dataset.

    Args:
        dataset: The dataset.

    Returns:
        The state; empty for other datasets.
    """
    return dataset.state() if isinstance(dataset, Stateful) else {}
