"""From raw data to a bundle: the one way through the house."""

import time
from typing import TYPE_CHECKING, Any

from plexus.bundle import Bundle
from plexus.device import prepare
from plexus.notes import note
from plexus.run import Run
from plexus.task import Task

if TYPE_CHECKING:
    from plexus.training.session import Session


def train(task: Task, run: Run, source: Any = None) -> dict[str, Any]:
    """Train as the run's options say, measure once on the test split, and save the bundle.

    A run that has a checkpoint goes on from it, and ends with the scores of one that was never cut off.

    Args:
        source: what is learned from, if it is in memory; else the task reads `options.data`.

    Returns:
        `task`, `run`, `bundle`, `score` (name and value), `scores`, `seconds`, `examples_per_second`.

    Raises:
        InputError: the data or an option cannot be used.
        KeyboardInterrupt: the user asked to stop; the checkpoint is saved.
    """
    started = time.monotonic()
    session = begin(task, run, source)
    if run.epochs:
        session.fit()
        session.take_best()
    session.save_bundle()

    bundle = Bundle.load(run.out)
    return {
        "task": task.id,
        "run": str(run.folder),
        "bundle": str(run.out),
        "score": bundle.score,
        "scores": bundle.scores,
        "seconds": round(time.monotonic() - started, 1),
        "examples_per_second": round(session.examples_per_second(), 1),
    }


def begin(task: Task, run: Run, source: Any = None) -> "Session":
    """Source, codec, network and learner, made and compiled: ready to fit; arguments as for `train`.

    Raises:
        InputError: the data or an option cannot be used.
    """
    source = task.source(run.options) if source is None else source
    for line in source.findings.lines():
        note(line)
    placement = prepare(run.options)
    from plexus.training.session import Session
    from plexus.training.settle import settle

    with placement.scope():
        codec = settle(task, run, source, len(placement.devices))
        network = task.network(codec, run.options)
        learner = task.learner(network, source, codec, run.options)
        return Session(task, run, source, codec, network, learner, placement)
