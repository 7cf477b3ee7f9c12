"""The bundles that are served."""

import base64
import mimetypes
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.exceptions import HTTPException

from plexus.bundle import Bundle
from plexus.errors import InputError, unknown


class Models:
    """Bundles by name: the task's id and the folder's name, as in `weather.rain.oslo`.

    Raises:
        InputError: a folder is not a bundle, or two have the same name.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.bundles: dict[str, Bundle] = {}
        for folder in folders:
            bundle = Bundle.load(folder)
            name = f"{bundle.manifest['task']}.{folder.resolve().name}"
            if name in self.bundles:
                raise InputError(f"{folder} and {self.bundles[name].folder} are both {name}: rename one of the folders")
            _ = bundle.network, bundle.codec  # opened now, not by the first request
            self.bundles[name] = bundle
        self.metrics = CollectorRegistry()
        self._inputs = Counter("plexus_inputs", "Inputs of requests", ["model", "outcome"], registry=self.metrics)
        self._seconds = Histogram("plexus_answer_seconds", "Of a request's answers", ["model"], registry=self.metrics)

    def __getitem__(self, name: str) -> Bundle:
        if name not in self.bundles:
            raise HTTPException(404, str(unknown("model", name, self.bundles)))
        return self.bundles[name]

    def described(self, name: str) -> dict[str, Any]:
        """What a model is, what it was measured on, and what its requests are to hold."""
        bundle = self[name]
        return {
            "name": name,
            "task": bundle.manifest["task"],
            "score": bundle.score,
            "scores": bundle.scores,
            "data": bundle.manifest["options"]["data"],
            "inputs": bundle.task.received_as,
        }

    def answers(self, name: str, values: Sequence[Any], explain: bool) -> list[dict[str, Any]]:
        """For each value of a request an `answer`, or an `error` where it cannot be read.

        Args:
            values: JSON values, or the bytes of files.
            explain: also give why, as a data URL.

        Raises:
            HTTPException: there is no such model, or none of the values can be read.
        """
        bundle = self[name]
        with self._seconds.labels(name).time():
            found = _answers(bundle, values, explain)
        for one in found:
            self._inputs.labels(name, "error" if "error" in one else "answer").inc()
        if all("error" in one for one in found):
            raise HTTPException(422, found[0]["error"])
        return found


def _answers(bundle: Bundle, values: Sequence[Any], explain: bool) -> list[dict[str, Any]]:
    """All together; if one of them is wrong, each on its own."""
    try:
        raws = [bundle.task.received(bundle.codec, value) for value in values]
        found: list[dict[str, Any]] = [{"answer": answer.model_dump()} for answer in bundle.predict(raws)]
        for one, raw in zip(found, raws, strict=True):
            one |= {"explanation": _explained(bundle, raw)} if explain else {}
        return found
    except InputError as error:
        if len(values) == 1:
            return [{"error": str(error)}]
        return [one for value in values for one in _answers(bundle, [value], explain)]


def _explained(bundle: Bundle, raw: Any) -> str:
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / f"explanation{bundle.task.explained_as}"
        written = bundle.task.explain(bundle.run, bundle.codec, raw, to)
        kind = mimetypes.guess_type(written.name)[0] or "application/octet-stream"
        return f"data:{kind};base64,{base64.b64encode(written.read_bytes()).decode()}"
