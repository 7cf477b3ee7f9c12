"""State that the pages of Studio share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException

from plexus.app import AnyApp, App
from plexus.catalogue.folders import REMOVED
from plexus.catalogue.run_cache import RunCache
from plexus.errors import InputError
from plexus.plugins.registry import registry
from plexus.run import RUN_FILE
from plexus.studio.data_reader import DataReader
from plexus.studio.model_list import ModelList

if TYPE_CHECKING:
    from plexus.plugins.registry import Registry
    from plexus.serve.models import Models
    from plexus.task import AnyTask
    from plexus.utils.option_group import OptionGroup

RUNS = Path("runs")
"""Folder that trainings write their runs to."""


@dataclass(frozen=True)
class Site:
    """The server that the pages of Studio describe.

    Args:
        models: The served models.
        apps: Apps and the options of their pages, by id.
        runs: Folder of runs.
        plugins: The installed plugins.

    Attributes:
        run_cache: The runs in `runs`.
        model_list: The served models, and those of the runs.
        data_reader: Reads the data that the data explorer shows.

    Example:
        ```python
        site = Site(Models(folders, max_batch_size=64), apps={})
        site.run_folder("vision.classify/20261127-101500")
        ```
    """

    models: "Models"
    apps: "Mapping[str, tuple[AnyApp, OptionGroup | None]]"
    runs: Path = RUNS
    plugins: "Registry" = field(default_factory=registry)
    run_cache: RunCache = field(init=False)
    model_list: ModelList = field(init=False)
    data_reader: DataReader = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "run_cache", RunCache(self.runs))
        object.__setattr__(self, "model_list", ModelList(self.models, self.run_cache))
        object.__setattr__(self, "data_reader", DataReader(self.plugins))

    def find_task(self, id: str) -> "AnyTask | None":
        """Return a task.

        Args:
            id: Id of the task.

        Returns:
            The task; None if its plugin is not installed or cannot be used.
        """
        try:
            return self.plugins.task(id)
        except InputError:
            return None

    def metric_label(self, task: str, name: str) -> str:
        """Return the label of a metric.

        Args:
            task: Id of the task.
            name: Name of the metric.

        Returns:
            Its title and unit; its name if the plugin of the task is not installed.
        """
        described = self.find_task(task)
        return name if described is None else described.describe_metric(name).label

    def apps_of(self, task: str) -> list[str]:
        """Return the apps that use models of a task.

        Args:
            task: Id of the task.

        Returns:
            Ids of the apps.
        """
        return [id for id, (app, _) in self.apps.items() if task in app.tasks]

    def icon_of(self, task: str) -> str:
        """Return the icon of a task: that of the first app that uses its models.

        Args:
            task: Id of the task.

        Returns:
            Lines of the icon, see `App.icon`.
        """
        return next((app.icon for app, _ in self.apps.values() if task in app.tasks), App.icon)

    def run_id(self, folder: Path) -> str:
        """Return the id of a run in addresses.

        Args:
            folder: Folder of the run, in `runs`.

        Returns:
            The path in `runs`, with slashes: `vision.classify/20261127-101500`.
        """
        return folder.relative_to(self.runs).as_posix()

    def run_folder(self, id: str) -> Path:
        """Return the folder of a run.

        Args:
            id: The id, as of `run_id`.

        Returns:
            The folder.

        Raises:
            HTTPException: If there is no such run in `runs`: status 404.
        """
        folder = self.runs / id
        parts = Path(id).parts
        hidden = any(part.startswith(".") and part != REMOVED for part in parts)
        try:
            inside = folder.resolve().is_relative_to(self.runs.resolve())
            exists = bool(parts) and not hidden and inside and (folder / RUN_FILE).is_file()
        except (OSError, ValueError):  # a name that is too long, or has a null character
            exists = False
        if not exists:
            raise HTTPException(404, f"there is no run {id!r}: see the list of runs")
        return folder


def run_address(id: str) -> str:
    """Return the address of the page of a run.

    Args:
        id: The id of the run, as of `Site.run_id`.

    Returns:
        The path of the address.
    """
    return f"/runs/one/{quote(id)}"


def model_address(name: str) -> str:
    """Return the address of the page of a model.

    Args:
        name: Name of the model: `vision.classify.mnist`.

    Returns:
        The path of the address.
    """
    return f"/models/{quote(name)}"


def title_of(id: str) -> str:
    """Return the title of an app.

    Args:
        id: Id of the app: `image-recognition`.

    Returns:
        The title that its plugin states, else the id in words: `Image recognition`.
    """
    return registry().entries("apps")[id].heading
