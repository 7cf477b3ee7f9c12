"""A task, from raw data to an answer, checked end to end."""

from pathlib import Path
from typing import Any

from plexus.api import load
from plexus.bundle import Bundle
from plexus.data.examples import SupervisedDataset
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.testing.bad_data import check_bad_data
from plexus.testing.bundle import check_bundle
from plexus.testing.predictions import check_answers
from plexus.testing.training import check_batches, check_fitting, check_network


def check_task(id: str, folder: Path, **options: Any) -> Bundle:
    """Train a task briefly, and demand of it what every task owes.

    - An epoch's batches are a function of their arguments, and losses stay finite.
    - The same seed gives the same weights, and so does a training that is cut off after its first step and goes on.
    - The codec survives JSON, and the bundle's network answers like Keras.
    - In a process of its own, `evaluate` gives the scores of `train`, and imports no training framework; the score
      beats the trivial baseline.
    - Answers are plain data, one an input, and do not depend on the inputs beside.
    - Data that is not there, or is none, is refused in one line.

    Args:
        id: of a registered task.
        folder: to train in; a training of the task that ended in its `run` is checked instead of another.
        options: instead of the task's `trial`.

    Returns:
        The bundle, for checks of one's own.

    Raises:
        AssertionError: it does not keep to one of these.
        InputError: there is no such task, or the options are wrong.
    """
    task = registry().task(id)
    bundle = trained(id, folder, **options)
    dataset = task.load_dataset(task.options.parse(bundle.manifest["options"]))
    check_bundle(bundle)
    check_answers(bundle, dataset)
    check_bad_data(task, folder)
    if isinstance(dataset, SupervisedDataset):
        check_network(bundle, dataset["test"].encode(bundle.codec))
    check_batches(task, bundle, dataset)
    check_fitting(task, bundle, folder)
    return bundle


def trained(id: str, folder: Path, **options: Any) -> Bundle:
    """A task trained in `folder/run`, as `check_task` does, or what ended there earlier.

    Raises:
        InputError: there is no such task, or the options are wrong.
    """
    from plexus.training.trainer import Trainer

    if (folder / "run/bundle").is_dir():
        return load(folder / "run/bundle")
    task = registry().task(id)
    run = Run.start(id, task.options.parse(options or task.trial_options), folder=folder / "run")
    result = Trainer(task, registry().callbacks).train(run)
    return load(result["bundle"])
