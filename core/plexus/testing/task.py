"""A task, from raw data to an answer, checked end to end."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from plexus.batches import Batches
from plexus.bundle import Bundle
from plexus.registry import registry
from plexus.run import Run
from plexus.task import Task


def check_task(id: str, folder: Path, **options: Any) -> Bundle:
    """Train a task briefly, and demand of it what every task owes.

    The codec survives JSON; an epoch's batches are a function of their arguments; the bundle's network answers like
    Keras; the scores are those that `evaluate` gives again, and beat the trivial baseline.

    Args:
        id: of a registered task.
        folder: to train in.
        options: instead of the task's `trial`.

    Returns:
        The bundle, for checks of one's own.

    Raises:
        AssertionError: it does not keep to one of these.
    """
    from plexus.train import train

    task = registry().task(id)
    run = Run.start(id, task.options.checked(options or task.trial), folder=folder / "run")
    result = train(task, run)
    bundle = Bundle.load(result["bundle"])
    source = task.source(run.options)
    _check_codec(bundle)
    _check_batches(task, bundle, source, run.options)
    _check_scores(task, bundle)
    return bundle


def _check_codec(bundle: Bundle) -> None:
    state = bundle.codec.to_json()
    again = type(bundle.codec).from_json(json.loads(json.dumps(state)))
    assert again.to_json() == state, "the codec is not the same after a way through JSON"  # noqa: S101


def _check_batches(task: Task, bundle: Bundle, source: Any, options: Any) -> None:
    options = options.model_copy(update={"batch_size": options.batch_size or 16})
    network = task.network(bundle.codec, options)
    learner = task.learner(network, source, bundle.codec, options)
    first, again, other = (_batches(task, bundle, source, learner, options, epoch) for epoch in (1, 1, 2))
    if first.batch_size is None:
        return  # not arrays: nothing that can be compared cheaply
    assert _same(first.x, again.x), "the same epoch has other batches the second time"  # noqa: S101
    assert not _same(first.x, other.x), "two epochs have the same batches in the same order"  # noqa: S101
    _check_network(network, bundle, first.x)


def _batches(task: Task, bundle: Bundle, source: Any, learner: Any, options: Any, epoch: int) -> Batches:
    """An epoch's batches; the learner, and a source that changes, are as they were before."""
    from plexus.callbacks.checkpoint import source_state
    from plexus.training.state import assign, values

    before, state = values(learner.variables), source_state(source)
    made = task.batches(source, bundle.codec, learner, options, epoch)
    assign(learner.variables, before)
    if state:
        source.restore(state)
    return made


def _check_network(network: Any, bundle: Bundle, x: Any) -> None:
    """The ONNX network answers like the Keras one that lies beside it."""
    import keras

    kept = keras.saving.load_model(bundle.folder / "network.keras", compile=False)
    names = [tensor.name for tensor in network.inputs]
    arrays = {
        name: values[:8] for name, values in (x if isinstance(x, dict) else {names[0]: x}).items() if name in names
    }
    expected = kept.predict(arrays, verbose=0)
    for name, values in bundle.run(arrays).items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-3, atol=1e-4)


def _check_scores(task: Task, bundle: Bundle) -> None:
    score, scores = task.score, bundle.scores
    assert score.name in scores, f"measure does not give {score.name!r}"  # noqa: S101
    assert bundle.evaluate()["scores"] == scores, "evaluate gives other scores than train"  # noqa: S101
    if score.baseline:
        beaten = score.better(scores[score.name], scores[score.baseline])
        assert beaten, f"{score.name} {scores[score.name]} does not beat {score.baseline}"  # noqa: S101


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return all(np.array_equal(a[name], b[name]) for name in a)
    return bool(np.array_equal(a, b))
