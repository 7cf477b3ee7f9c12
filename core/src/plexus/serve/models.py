"""The bundles that are served."""

import asyncio
import logging
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.exceptions import HTTPException

from plexus.api import load
from plexus.bundle import MANIFEST, Bundle
from plexus.errors import InputError, unknown
from plexus.serve.batcher import Answers, Batcher
from plexus.tasks.abilities import Streaming
from plexus.utils.files import data_url

log = logging.getLogger("plexus.serve")


@dataclass(frozen=True)
class Served:
    """A bundle, the bytes of its manifest, and who answers with it."""

    bundle: Bundle
    manifest: bytes
    batcher: Batcher


class Models:
    """Bundles by name: the task's id and the folder's name, as in `weather.rain.oslo`.

    Args:
        folders: gives those of the bundles, now and whenever they are to be read again.
        batch: as of `Bounds`.

    Raises:
        InputError: a folder is not a bundle, or two have the same name.
    """

    def __init__(self, folders: Callable[[], Sequence[Path]], batch: int) -> None:
        self.folders, self.batch = folders, batch
        self.metrics = CollectorRegistry()
        self._inputs = Counter("plexus_inputs", "Inputs of requests", ["model", "outcome"], registry=self.metrics)
        self._seconds = Histogram("plexus_answer_seconds", "Of a request's answers", ["model"], registry=self.metrics)
        sizes = [2.0**power for power in range(11)]
        self._together = Histogram(
            "plexus_batch_inputs", "Answered together", ["model"], buckets=sizes, registry=self.metrics
        )
        self._served: dict[str, Served] = {}
        self._served = self._read()

    @property
    def bundles(self) -> dict[str, Bundle]:
        """By name."""
        return {name: served.bundle for name, served in self._served.items()}

    def __getitem__(self, name: str) -> Bundle:
        return self._find(name).bundle

    async def reload(self) -> None:
        """Read the folders again: requests go on with what is there until all is read, and for good if that fails."""
        try:
            fresh = await asyncio.to_thread(self._read)
        except InputError as error:
            log.error("the models stay as they are: %s", error)
            return
        old, self._served = self._served, fresh
        for name, served in old.items():
            if fresh.get(name) is not served:
                served.batcher.close()
        log.info("serving %s", ", ".join(fresh))

    def described(self, name: str) -> dict[str, Any]:
        """What a model is, what it was measured on, and what its requests are to hold."""
        bundle = self[name]
        return {
            "name": name,
            "task": bundle.manifest["task"],
            "score": bundle.score,
            "scores": bundle.metrics,
            "data": bundle.manifest["options"]["data"],
            "inputs": getattr(bundle.task, "request_description", "nothing"),
        }

    async def answers(self, name: str, values: Sequence[Any], explain: bool) -> Answers:
        """For each value of a request an `answer`, or an `error` where it cannot be read.

        Args:
            values: JSON values, or the bytes of files.
            explain: also give why, as a data URL.

        Raises:
            HTTPException: there is no such model, or none of the values can be read.
        """
        served = self._find(name)
        with self._seconds.labels(name).time():
            found = await served.batcher(values)
            if explain:
                found = await asyncio.to_thread(_explained, served.bundle, values, found)
        for one in found:
            self._inputs.labels(name, "error" if "error" in one else "answer").inc()
        if all("error" in one for one in found):
            raise HTTPException(422, found[0]["error"])
        return found

    def _find(self, name: str) -> Served:
        if name not in self._served:
            raise HTTPException(404, str(unknown("model", name, self._served)))
        return self._served[name]

    def _read(self) -> dict[str, Served]:
        """A bundle that has not changed stays as it is, with all that it has seen."""
        found: dict[str, Served] = {}
        for folder in self.folders():
            bundle = load(folder)
            name = f"{bundle.manifest['task']}.{folder.resolve().name}"
            if name in found:
                raise InputError(f"{folder} and {found[name].bundle.folder} are both {name}: rename one of the folders")
            manifest = (folder / MANIFEST).read_bytes()
            before = self._served.get(name)
            found[name] = before if before and before.manifest == manifest else self._open(name, bundle, manifest)
        return found

    def _open(self, name: str, bundle: Bundle, manifest: bytes) -> Served:
        bundle.predictor.open()  # now, not at the first request
        task, codec = bundle.task, bundle.codec
        state = task.initial_state(codec) if isinstance(task, Streaming) else None
        together = self._together.labels(name)

        def answer(values: Sequence[Any]) -> Answers:
            together.observe(len(values))
            return _answers(bundle, values, state)

        return Served(bundle, manifest, Batcher(answer, self.batch))


def _answers(bundle: Bundle, values: Sequence[Any], state: Any = None) -> Answers:
    """All together; if one of them is wrong, each on its own."""
    try:
        raws = [bundle.task.parse_request(bundle.codec, value) for value in values]
        return [{"answer": answer.model_dump()} for answer in bundle.predict(raws, state=state)]
    except InputError as error:
        if len(values) == 1:
            return [{"error": str(error)}]
        return [one for value in values for one in _answers(bundle, [value], state)]


def _explained(bundle: Bundle, values: Sequence[Any], found: Answers) -> Answers:
    why = partial(_explanation, bundle)
    return [
        one if "error" in one else one | {"explanation": why(value)} for one, value in zip(found, values, strict=True)
    ]


def _explanation(bundle: Bundle, value: Any) -> str:
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / f"explanation{bundle.task.explanation_suffix}"
        written = bundle.explain(bundle.task.parse_request(bundle.codec, value), to)
        return data_url(written)
