"""Checks of a training: its batches, and that it is reproducible."""

import json
import math
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING

import numpy as np

from plexus.dataset import Stateful
from plexus.run import Run
from plexus.testing.batches import first_inputs
from plexus.testing.trial import Trial

if TYPE_CHECKING:
    from plexus.training.session import TrainingSession

EPOCHS = 2


def check_batches_are_reproducible(trial: Trial) -> None:
    """The batches of an epoch are a function of the arguments of `batches`.

    Args:
        trial: A small training of the task.
    """
    first, second = first_inputs(trial, 1, 1)
    assert _equal(first, second), "batches: expected the same inputs for the same epoch, found others"


def check_epochs_are_shuffled(trial: Trial) -> None:
    """Two epochs have different batches, or a different order of them.

    Args:
        trial: A small training of the task.
    """
    first, second = first_inputs(trial, 1, 2)
    assert not _equal(first, second), "batches: expected another order in another epoch, found the same inputs"


def check_losses_are_finite(trial: Trial) -> None:
    """No loss is infinite or NaN.

    Args:
        trial: A small training of the task.
    """
    log = trial.bundle.folder.parent / "log.jsonl"
    losses = [json.loads(line)["loss"] for line in log.read_text().splitlines()] if log.exists() else []
    assert all(map(math.isfinite, losses)), f"expected finite losses, found {losses}"


def check_resumed_training_is_identical(trial: Trial) -> None:
    """A training that is killed after its first step, resumed, stopped and resumed ends with bit-identical variables.

    Its folder is a copy of that of the uninterrupted training, made at the first checkpoint.

    Args:
        trial: A small training of the task.
    """
    epochs = min(EPOCHS, trial.options.epochs or 0)
    if not epochs:
        return  # the weights were computed, not fitted
    options = trial.options.model_copy(update={"epochs": epochs})
    runs = {name: Run.start(trial.id, options, folder=trial.folder / name) for name in ("whole", "again")}
    killed = trial.folder / "killed"
    whole = _finish(_begin(trial, runs["whole"], copy=killed))
    resumed = _begin(trial, Run.read(killed, trial.task))
    if resumed.state.epoch < epochs:
        _stop(resumed)
    if _equal_lists(whole, _finish(resumed)):
        return
    if _equal_lists(whole, _finish(_begin(trial, runs["again"]))):
        raise AssertionError("a resumed training: expected the weights of an uninterrupted one, found others")
    raise AssertionError("two trainings with the same seed: expected the same weights, found others")


def _begin(trial: Trial, run: "Run", copy: Path | None = None) -> "TrainingSession":
    """Begin a training; the folder of its run is copied at the first checkpoint, which is saved as soon as possible."""
    from keras.callbacks import LambdaCallback

    from plexus.training.trainer import Trainer

    def copy_checkpoint(*_: object, **_logs: object) -> None:
        if copy is not None and not copy.exists() and run.checkpoint.exists():
            copytree(run.folder, copy)
            session.checkpoint.seconds = math.inf

    dataset = trial.load_dataset() if isinstance(trial.dataset, Stateful) else trial.dataset
    callback = LambdaCallback(on_train_batch_end=copy_checkpoint, on_train_end=copy_checkpoint)
    session = Trainer(trial.task, quiet=True).begin(run, dataset, [callback])
    if copy is not None:
        session.checkpoint.seconds = 0.0
    return session


def _stop(session: "TrainingSession") -> None:
    """Stop a training after one step, and restore its checkpoint."""
    session.request_stop()
    try:
        session.fit()
    except KeyboardInterrupt:
        session.checkpoint.stop_requested = False
        session.checkpoint.restore()
        return
    raise AssertionError("after request_stop: expected KeyboardInterrupt after one step, found that training continues")


def _finish(session: "TrainingSession") -> list[np.ndarray]:
    """Train to the end; return the values of all variables."""
    from plexus.training.variables import training_variables, values

    session.fit()
    return values(training_variables(session.parts.learner))


def _equal(a: "dict[str, np.ndarray]", b: "dict[str, np.ndarray]") -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def _equal_lists(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return len(a) == len(b) and all(map(np.array_equal, a, b))
