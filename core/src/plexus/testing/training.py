"""What a training owes."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from plexus.bundle import Bundle
from plexus.codec import Arrays
from plexus.data.batches import Batches
from plexus.data.examples import SupervisedDataset
from plexus.run import Run
from plexus.task import Task

EPOCHS, ROWS = 2, 8


def check_batches(task: Task, bundle: Bundle, dataset: Any) -> None:
    """An epoch's batches are a function of their arguments.

    Raises:
        AssertionError: it is not so.
    """
    options = task.options.parse(bundle.manifest["options"])
    network = task.build_network(bundle.codec, options)
    learner = task.build_learner(network, dataset, bundle.codec, options)
    first, again, other = (_batch(task, bundle, dataset, learner, options, epoch) for epoch in (1, 1, 2))
    assert _same(first, again), "the same epoch has other batches the second time"  # noqa: S101
    assert not _same(first, other), "two epochs have the same batches in the same order"  # noqa: S101
    if not isinstance(dataset, SupervisedDataset):
        names = [tensor.name for tensor in network.inputs]
        inputs = first if isinstance(first, dict) else {names[0]: first}
        check_network(bundle, {name: values for name, values in inputs.items() if name in names})


def check_fitting(task: Task, bundle: Bundle, folder: Path) -> None:
    """Of two short trainings with one seed, one cut off after its first step and gone on with, the ends are the same.

    Args:
        folder: to train in.

    Raises:
        AssertionError: they are not, or a loss is not finite.
    """
    epochs = min(EPOCHS, bundle.manifest["options"]["epochs"])
    if not epochs:
        return  # nothing to fit: the weights were computed
    options = task.options.parse({**bundle.manifest["options"], "epochs": epochs})
    whole = _ended(task, _begun(task, options, folder / "whole"))
    _cut_off(task, run := _begun(task, options, folder / "cut"))
    if not all(map(np.array_equal, whole, _ended(task, Run.read(run.folder, task)))):
        again = _ended(task, _begun(task, options, folder / "again"))
        same = all(map(np.array_equal, whole, again))
        what = "cut off and gone on with, it ends otherwise" if same else "two trainings of one seed end differently"
        raise AssertionError(what)


def _begun(task: Task, options: Any, folder: Path) -> Run:
    return Run.start(task.id, options, folder=folder)


def _ended(task: Task, run: Run) -> list[np.ndarray]:
    """All variables after the last epoch."""
    from plexus.training.trainer import Trainer
    from plexus.training.variables import training_variables, values

    session = Trainer(task).begin(run, task.load_dataset(run.options))
    session.fit()
    losses = [line["loss"] for line in session.state.history]
    assert all(map(math.isfinite, losses)), f"the losses are {losses}"  # noqa: S101
    return values(training_variables(session.parts.learner))


def _cut_off(task: Task, run: Run) -> None:
    from plexus.training.trainer import Trainer

    session = Trainer(task).begin(run, task.load_dataset(run.options))
    session.request_stop()
    try:
        session.fit()
    except KeyboardInterrupt:
        return
    raise AssertionError("a training that is asked to stop goes on")


def _batch(task: Task, bundle: Bundle, dataset: Any, learner: Any, options: Any, epoch: int) -> Any:
    """The first inputs of an epoch; the learner, and a source that changes, are as they were before."""
    from plexus.training.callbacks.checkpoint import dataset_state
    from plexus.training.variables import assign, values

    before, state = values(learner.variables), dataset_state(dataset)
    made = _inputs(task.batches(dataset, bundle.codec, learner, options, epoch))
    assign(learner.variables, before)
    if state:
        dataset.restore(state)
    return made


def _inputs(batches: Batches) -> Any:
    if batches.batch_size is not None:
        return batches.x
    first = batches.x[0] if hasattr(batches.x, "__getitem__") else next(batches.x.as_numpy_iterator())
    return first[0]


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return all(np.array_equal(a[name], b[name]) for name in a)
    return bool(np.array_equal(a, b))


def check_network(bundle: Bundle, arrays: Arrays) -> None:
    """The network of ONNX answers like that of Keras.

    Raises:
        AssertionError: it does not.
    """
    import keras

    arrays = {name: values[:ROWS] for name, values in arrays.items()}
    expected = keras.saving.load_model(bundle.folder / "network.keras", compile=False).predict(arrays, verbose=0)
    for name, values in bundle.predictor(arrays).items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-3, atol=1e-4)
