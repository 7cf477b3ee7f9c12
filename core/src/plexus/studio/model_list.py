"""The models that Studio shows: those that are served, and those of finished runs."""

import logging
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from plexus.api import load
from plexus.bundle import Bundle
from plexus.catalogue.run_cache import RunCache
from plexus.errors import InputError, unknown
from plexus.inference.bundle_format import MANIFEST

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.serve.models import Models

MAX_OPEN = 16
"""Bundles of runs that stay in memory."""
log = logging.getLogger("plexus.serve")


@dataclass(frozen=True)
class ModelEntry:
    """A model as its manifest describes it.

    Args:
        name: Name of the model: `vision.classify.mnist`.
        folder: Folder of its bundle.
        manifest: The manifest; that of a run has no codec.
        run: Folder of the run that trained it; None for a model that is served.

    Example:
        ```python
        ModelEntry("weather.rain.oslo", Path("models/weather.rain/oslo"), manifest, None).task
        ```
    """

    name: str
    folder: Path
    manifest: "JsonObject"
    run: Path | None

    @property
    def task(self) -> str:
        """Id of the task."""
        return str(self.manifest["task"])

    @property
    def metric(self) -> str:
        """Name of the metric that ranks models of the task."""
        return str(self.manifest["score"])

    @property
    def value(self) -> float:
        """The metric that ranks models, on the test split."""
        return float(self.manifest["scores"][self.metric])


class ModelList:
    """The served models and those of finished runs, by name.

    A run's model is named after the path of the run: `vision.classify.20261127-101500`.

    Args:
        models: The served models.
        runs: The runs.

    Example:
        ```python
        ModelList(models, RunCache(Path("runs"))).bundle("vision.classify.mnist")
        ```
    """

    def __init__(self, models: "Models", runs: RunCache) -> None:
        self._models, self._runs = models, runs
        self._open: OrderedDict[tuple[Path, int], Bundle] = OrderedDict()
        self._lock = Lock()

    def entries(self) -> dict[str, ModelEntry]:
        """Return the models.

        Returns:
            The models by name: those that are served, then those of runs, the last one first.
        """
        entries = {
            name: ModelEntry(name, bundle.folder, bundle.manifest, None)
            for name, bundle in self._models.bundles.items()
        }
        served = {bundle.folder.resolve() for bundle in self._models.bundles.values()}
        for record in self._runs.records():
            if record.bundle is None or record.bundle.resolve() in served:
                continue
            name = run_model_name(record.folder.relative_to(self._runs.root).as_posix())
            name = f"{name}.run" if name in entries else name
            entries[name] = ModelEntry(name, record.bundle, record.manifest, record.folder)
        return entries

    def entry(self, name: str) -> ModelEntry:
        """Return a model.

        Args:
            name: Its name.

        Returns:
            The model.

        Raises:
            HTTPException: If there is no such model: status 404.
        """
        entries = self.entries()
        if name not in entries:
            raise HTTPException(404, str(unknown("model", name, entries)))
        return entries[name]

    def bundle(self, entry: ModelEntry) -> Bundle:
        """Open a model; the last ones that were opened stay open.

        Args:
            entry: The model.

        Returns:
            Its bundle.

        Raises:
            InputError: If the bundle cannot be used.
        """
        if entry.run is None:
            return self._models[entry.name]
        key = entry.folder, (entry.folder / MANIFEST).stat().st_mtime_ns
        with self._lock:
            bundle = self._open.pop(key, None) or load(entry.folder)
            self._open[key] = bundle
            while len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
            return bundle

    def bundles(self, tasks: Sequence[str]) -> dict[str, Bundle]:
        """Open all models of tasks; one that cannot be used is named in the log and left out.

        Args:
            tasks: Ids of the tasks.

        Returns:
            The bundles by name.
        """
        bundles = {}
        for entry in self.entries().values():
            if entry.task in tasks:
                try:
                    bundles[entry.name] = self.bundle(entry)
                except InputError as error:
                    log.warning("left out: %s", error)
        return bundles

    def version(self, tasks: Sequence[str]) -> Hashable:
        """Return a value that differs once the models of tasks do.

        Args:
            tasks: Ids of the tasks.

        Returns:
            The value.
        """
        return frozenset(
            (entry.name, entry.manifest["data"]["fingerprint"], entry.value)
            for entry in self.entries().values()
            if entry.task in tasks
        )


def run_model_name(id: str) -> str:
    """Return the name of the model of a run.

    Args:
        id: The id of the run, as of `Site.run_id`.

    Returns:
        The name.
    """
    return id.replace("/", ".")
