"""The served bundles."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.exceptions import HTTPException

from plexus.api import load
from plexus.bundle import Bundle
from plexus.errors import InputError, unknown
from plexus.inference.bundle_format import MANIFEST
from plexus.inference.cancellation import Cancellation
from plexus.serve.batcher import Batcher
from plexus.serve.decoded_size import REQUEST_BYTES, chunks, decoded_size, is_estimated_fast, memory_for
from plexus.serve.limits import MAX_EXPLANATIONS
from plexus.serve.predictions import add_explanations, predict_values, request_description
from plexus.serve.workers import Workers
from plexus.tasks.abilities import Streaming
from plexus.utils.boundary import reason_of

if TYPE_CHECKING:
    from plexus.codec import Input, JsonObject

FEW = 16
"""Inputs of a request whose size is computed in the event loop."""
PREDICTED_TOGETHER = 256
"""Inputs that are predicted at once, unless they are large."""
log = logging.getLogger("plexus.serve")


@dataclass(frozen=True)
class ServedModel:
    """A bundle that is served.

    Args:
        bundle: The bundle.
        manifest: The bytes of its manifest, to notice changes.
        batcher: Predicts with the bundle.

    Example:
        ```python
        ServedModel(bundle, manifest, Batcher(process, 64))
        ```
    """

    bundle: Bundle
    manifest: bytes
    batcher: Batcher


class Models:
    """Served bundles by name: the task's id and the folder's name, as in `weather.rain.oslo`.

    A task that is `Streaming` has one state per served model, which exists as long as the model is not replaced.

    Args:
        folders: Returns the folders of the bundles, now and whenever they are reloaded.
        max_batch_size: Inputs that are predicted together.
        open_networks: Whether networks are opened now; otherwise each one when it is first used.

    Attributes:
        workers: Threads for work that would block the event loop.
        refused: Why a folder is not served, by folder.

    Raises:
        InputError: If no folder is a bundle that can be served, or two have the same name.

    Example:
        ```python
        models = Models(lambda: [Path("models/weather.rain/oslo")], max_batch_size=64)
        await models.predict("weather.rain.oslo", values, explain=False)
        ```
    """

    def __init__(self, folders: Callable[[], Sequence[Path]], max_batch_size: int, open_networks: bool = True) -> None:
        self.folders, self.max_batch_size, self.open_networks = folders, max_batch_size, open_networks
        self.metrics = CollectorRegistry()
        self._inputs = Counter("plexus_inputs", "Inputs of requests", ["model", "outcome"], registry=self.metrics)
        self._seconds = Histogram(
            "plexus_answer_seconds", "Time to predict for a request", ["model"], registry=self.metrics
        )
        sizes = [2.0**power for power in range(11)]
        self._batch_sizes = Histogram(
            "plexus_batch_inputs",
            "Inputs that were predicted together",
            ["model"],
            buckets=sizes,
            registry=self.metrics,
        )
        self.workers, self._explanations = Workers(2, "worker"), Workers(1, "explanations")
        self.refused: dict[Path, InputError] = {}
        self._models: dict[str, ServedModel] = {}
        self._models = self._read()

    @property
    def bundles(self) -> dict[str, Bundle]:
        """The bundles by name."""
        return {name: model.bundle for name, model in self._models.items()}

    def __getitem__(self, name: str) -> Bundle:
        return self._find(name).bundle

    async def reload(self) -> None:
        """Read the folders again. Requests use the old models until all are read, and keep them if that fails."""
        try:
            models = await self.workers.run(lambda _: self._read())
        except InputError as error:
            log.error("the models stay as they are: %s", error)
            return
        old, self._models = self._models, models
        for name, model in old.items():
            if models.get(name) is not model:
                model.batcher.close()
        log.info("serving %s", ", ".join(models))

    def describe(self, name: str) -> "JsonObject":
        """Describe a model for clients.

        Args:
            name: Name of the model.

        Returns:
            `name`, `task`, `score`, `scores`, `data`, `inputs`: what one value of a request holds.

        Raises:
            HTTPException: If there is no such model.
        """
        bundle = self[name]
        return {
            "name": name,
            "task": bundle.manifest["task"],
            "score": bundle.score,
            "scores": bundle.metrics,
            "data": bundle.manifest["options"]["data"],
            "inputs": request_description(bundle),
        }

    async def predict(self, name: str, values: "Sequence[Input]", explain: bool) -> "list[JsonObject]":
        """Predict for the values of a request.

        Args:
            name: Name of the model.
            values: JSON values, or the bytes of files.
            explain: Whether to add explanations.

        Returns:
            Of each value `answer`, `explanation` as a data URL and, if the task is `ExplainsInNumbers`,
            `explanation_values`; or `error` if it cannot be read.

        Raises:
            HTTPException: If there is no such model, the values are too many or too large, or none of them can be
                read.
        """
        model = self._find(name)
        if explain and len(values) > MAX_EXPLANATIONS:
            raise HTTPException(413, f"at most {MAX_EXPLANATIONS} inputs of a request are explained: send fewer")
        with self._seconds.labels(name).time():
            results = await model.batcher(values, await self._size(values))
            if explain:
                results = await self._explanations.run(
                    lambda cancellation: add_explanations(model.bundle, values, results, cancellation)
                )
        for result in results:
            self._inputs.labels(name, "error" if "error" in result else "answer").inc()
        if all("error" in result for result in results):
            raise HTTPException(422, results[0]["error"])
        return results

    async def _size(self, values: "Sequence[Input]") -> int:
        """Return the decoded size of a request's values, which may not be too large once they are decoded."""
        if len(values) < FEW and all(map(is_estimated_fast, values)):
            size = sum(map(decoded_size, values))
        else:
            size = await self.workers.run(lambda _: sum(map(decoded_size, values)))
        if size > REQUEST_BYTES:
            raise HTTPException(413, f"the decoded inputs may have at most {REQUEST_BYTES:,} bytes: send fewer")
        return size

    def _find(self, name: str) -> ServedModel:
        if name not in self._models:
            raise HTTPException(404, str(unknown("model", name, self._models)))
        return self._models[name]

    def _read(self) -> dict[str, ServedModel]:
        """Open the bundles; a bundle that has not changed keeps its state.

        At the start, one that cannot be opened is named and left out, unless there is no other.
        """
        models: dict[str, ServedModel] = {}
        refused: dict[Path, InputError] = {}
        for folder in self.folders():
            try:
                name, model = self._load(folder)
            except InputError as error:
                refused[folder] = error
                continue
            if name in models:
                first = models[name].bundle.folder
                raise InputError(f"{folder} and {first} are both {name}: rename one of the folders")
            models[name] = model
        served = {model.bundle.folder for model in self._models.values()}
        for folder, reason in refused.items():
            if folder in served or not models:
                raise reason
        self.refused = refused
        return models

    def _load(self, folder: Path) -> tuple[str, ServedModel]:
        try:
            bundle = load(folder)
            name = f"{bundle.manifest['task']}.{folder.resolve().name}"
            manifest = (folder / MANIFEST).read_bytes()
            current = self._models.get(name)
            if current and current.manifest == manifest:
                return name, current
            return name, self._open(name, bundle, manifest)
        except InputError:
            raise
        except Exception as error:  # a plugin may raise anything for a bundle that it did not write
            log.debug("%s", folder, exc_info=error)
            raise InputError(
                f"{folder} cannot be served ({reason_of(error)}): get the bundle from its source again"
            ) from error

    def _open(self, name: str, bundle: Bundle, manifest: bytes) -> ServedModel:
        if self.open_networks:
            bundle.predictor.open()
        _ = bundle.codec  # refused now if it is not valid
        task = bundle.task
        state = task.initial_state(bundle.codec) if isinstance(task, Streaming) else None
        batch_sizes = self._batch_sizes.labels(name)

        def process(values: "Sequence[Input]", cancellation: Cancellation) -> "list[JsonObject]":
            batch_sizes.observe(len(values))
            results: list[JsonObject] = []
            for part, size in chunks(values, PREDICTED_TOGETHER):
                with memory_for(size, cancellation):
                    results += predict_values(bundle, part, state, cancellation)
            return results

        return ServedModel(bundle, manifest, Batcher(process, self.max_batch_size))
