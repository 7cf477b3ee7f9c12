"""From raw data to a bundle: the one way through the house."""

import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plexus.bundle import Bundle
from plexus.errors import InputError
from plexus.run import Run
from plexus.runtime.placement import prepare
from plexus.runtime.processes import wait_for_all
from plexus.task import Task
from plexus.utils.messages import note

if TYPE_CHECKING:
    from plexus.training.session import Session


def train(task: Task, run: Run, source: Any = None) -> dict[str, Any]:
    """Train as the run's options say, measure once on the test split, and save the bundle.

    A run that has a checkpoint goes on from it, and ends with the scores of one that was never cut off.

    Args:
        source: what is learned from, if it is in memory; else the task reads `options.data`.

    Returns:
        `task`, `run`, `bundle`, `score` (name and value), `scores`, `seconds`, `examples_per_second`; in a process
        that trains along with others, and is not the first, `task` and `process`.

    Raises:
        InputError: the data or an option cannot be used.
        KeyboardInterrupt: the user asked to stop; the checkpoint is saved.
    """
    started = time.monotonic()
    session = _fitted(task, run, source)
    if session is None:  # nothing of it is left in memory now
        raise _too_large(task, run, source)
    if session.placement.process:
        shutil.rmtree(session.run.folder)
        wait_for_all()
        return {"task": task.id, "process": session.placement.process}
    if run.epochs:
        session.take_best()
    session.save_bundle()
    if session.placement.processes > 1:
        wait_for_all()

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


def _fitted(task: Task, run: Run, source: Any) -> "Session | None":
    """The training, at its end; None if memory had no room for it."""
    session = begin(task, run, source)
    from plexus.training.batch_size_finder import is_out_of_memory, memory_errors

    try:
        if run.epochs:
            session.fit()
    except memory_errors() as error:
        if not is_out_of_memory(error):
            raise
        return None
    return session


def _too_large(task: Task, run: Run, source: Any) -> InputError:
    from plexus.training.batch_size_finder import largest_batch

    size, devices = run.options.batch_size or 1, len(prepare(run.options).devices)
    source = task.source(run.options) if source is None else source
    fits = largest_batch(task, run, source, size // 2, devices)
    if fits is None:
        return _no_room()
    return InputError(f"--batch-size {size} does not fit in memory; {fits} does (--batch-size auto finds the largest)")


def begin(task: Task, run: Run, source: Any = None, watchers: Sequence[Any] = (), tracked: bool = True) -> "Session":
    """Source, codec, network and learner, made and compiled: ready to fit; arguments as for `train`.

    Args:
        watchers: Keras callbacks beside those of the plugins.
        tracked: whether those of the plugins are there, and what is noticed is said.

    Raises:
        InputError: the data or an option cannot be used.
    """
    source = task.source(run.options) if source is None else source
    for line in source.findings.lines() if tracked else ():
        note(line)
    placement = prepare(run.options)
    if placement.processes > 1 and not placement.process:
        note(f"{placement.processes} processes; if one dies, all end: go on with plexus train --resume {run.folder}")
    if placement.process:
        run = run.elsewhere(Path(tempfile.mkdtemp(prefix="plexus-")))
    from plexus.training.heuristics import settle
    from plexus.training.session import Session

    room = None
    if run.options.largest_batch and run.options.batch_size is None:
        room = _room(task, run, source, len(placement.devices))
        placement = prepare(run.options)  # as if nothing had been tried
    with placement.scope():
        codec = settle(task, run, source, len(placement.devices), room)
        network = task.network(codec, run.options)
        learner = task.learner(network, source, codec, run.options)
        return Session(task, run, source, codec, network, learner, placement, watchers, tracked)


def _room(task: Task, run: Run, source: Any, devices: int) -> int:
    """The largest batch that memory has room for.

    Raises:
        InputError: it has room for none.
    """
    from plexus.training.batch_size_finder import first_batch, largest_batch

    found = largest_batch(task, run, source, first_batch(source.count("train")), devices)
    if found is None:
        raise _no_room()
    note(f"--batch-size auto: {found}")
    return found


def _no_room() -> InputError:
    return InputError("the network does not fit in memory, whatever the batch size: take a smaller one")
