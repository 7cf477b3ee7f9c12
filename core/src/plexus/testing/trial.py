"""A task that is trained for some seconds, for the conformance checks."""

import atexit
import shutil
from functools import cache, cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, cast

from plexus.api import load
from plexus.bundle import Bundle
from plexus.data.examples import Examples, SupervisedDataset
from plexus.plugins.registry import registry
from plexus.run import RUN_FILE, Run

if TYPE_CHECKING:
    from plexus.dataset import Dataset
    from plexus.options import Options
    from plexus.task import AnyTask


class Trial:
    """A task and a training of some seconds: options, dataset and bundle, each created when it is first used.

    Args:
        id: Id of a registered task.
        folder: Folder to train in; a run in its `run` is used, or resumed, instead of another training.
        **options: Options of the training, instead of the task's `trial_options`.

    Example:
        ```python
        Trial("weather.rain", tmp_path).bundle.metrics
        ```
    """

    def __init__(self, id: str, folder: Path, **options: object) -> None:
        self.id, self.folder, self._options = id, folder, options

    def __repr__(self) -> str:
        return self.id

    @cached_property
    def task(self) -> "AnyTask":
        """The task, from the registry.

        Returns:
            The task.
        """
        return registry().task(self.id)

    @cached_property
    def bundle(self) -> Bundle:
        """The trained bundle; the first use trains it.

        Returns:
            The bundle.
        """
        folder = self.folder / "run"
        if not (folder / "bundle").is_dir():
            from plexus.training.trainer import Trainer

            options = self.parse(**(self._options or self.task.trial_options))
            interrupted = (folder / RUN_FILE).exists()  # by the time limit of a test
            run = Run.read(folder, self.task) if interrupted else Run.start(self.id, options, folder=folder)
            Trainer(self.task, registry().callbacks).train(run)
        return load(folder / "bundle")

    @cached_property
    def options(self) -> "Options":
        """The resolved options of the bundle.

        Returns:
            The options.
        """
        return self.parse(**self.bundle.manifest["options"])

    @cached_property
    def dataset(self) -> "Dataset":
        """The dataset that the last stage of the training learned from.

        Returns:
            The dataset.
        """
        return self.load_dataset()

    @property
    def test_examples(self) -> Examples[object] | None:
        """The labelled examples of the test split; None if the dataset has none, like an environment."""
        return self.dataset["test"] if isinstance(self.dataset, SupervisedDataset) else None

    def load_dataset(self) -> "Dataset":
        """Read the dataset of the last stage again, for a training that changes it.

        Returns:
            The dataset.
        """
        stages = self.folder / "run/stages"
        models = {
            stage.name: Bundle.open(stages / stage.name / "bundle", self.task)
            for stage in self.task.stages(self.options)
        }
        dataset: Dataset = self.task.load_dataset(self.options)
        return cast("Dataset", self.task.stage_dataset(dataset, models, self.options))

    def parse(self, **options: object) -> "Options":
        """Validate options of the task.

        Args:
            **options: Values by name.

        Returns:
            The options.
        """
        return cast("Options", self.task.options.parse(options))


@cache
def shared_trial(id: str) -> Trial:
    """Return the trial of a task that all checks of a process share.

    Args:
        id: Id of a registered task.

    Returns:
        The trial; its folder is removed when the process ends.
    """
    folder = mkdtemp(prefix=f"plexus-{id}-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Trial(id, Path(folder))
