"""Checks of a training: its batches, and that it is reproducible."""

import json
import math
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
    """A training that is interrupted after its first step and resumed ends with bit-identical variables.

    Args:
        trial: A small training of the task.
    """
    epochs = min(EPOCHS, trial.options.epochs or 0)
    if not epochs:
        return  # the weights were computed, not fitted
    options = trial.options.model_copy(update={"epochs": epochs})
    runs = {name: Run.start(trial.id, options, folder=trial.folder / name) for name in ("whole", "cut", "again")}
    whole = _finish(trial, runs["whole"])
    _interrupt(trial, runs["cut"])
    if _equal_lists(whole, _finish(trial, Run.read(runs["cut"].folder, trial.task))):
        return
    if _equal_lists(whole, _finish(trial, runs["again"])):
        raise AssertionError("a resumed training: expected the weights of an uninterrupted one, found others")
    raise AssertionError("two trainings with the same seed: expected the same weights, found others")


def _begin(trial: Trial, run: "Run") -> "TrainingSession":
    from plexus.training.trainer import Trainer

    dataset = trial.load_dataset() if isinstance(trial.dataset, Stateful) else trial.dataset
    return Trainer(trial.task, quiet=True).begin(run, dataset)


def _finish(trial: Trial, run: "Run") -> list[np.ndarray]:
    """Train to the end; return the values of all variables."""
    from plexus.training.variables import training_variables, values

    session = _begin(trial, run)
    session.fit()
    return values(training_variables(session.parts.learner))


def _interrupt(trial: Trial, run: "Run") -> None:
    """Train one step."""
    session = _begin(trial, run)
    session.request_stop()
    try:
        session.fit()
    except KeyboardInterrupt:
        return
    raise AssertionError("after request_stop: expected KeyboardInterrupt after one step, found that training continues")


def _equal(a: "dict[str, np.ndarray]", b: "dict[str, np.ndarray]") -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def _equal_lists(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return len(a) == len(b) and all(map(np.array_equal, a, b))
