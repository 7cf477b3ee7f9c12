"""A trained model that can be handed to anyone."""

import json
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from plexus.errors import InputError
from plexus.files import sha256
from plexus.notebook import table
from plexus.registry import registry

if TYPE_CHECKING:
    from plexus.answer import Answer
    from plexus.codec import Arrays, Codec
    from plexus.inference import Network
    from plexus.task import Task

FORMAT = 1
MANIFEST, NETWORK, KERAS = "bundle.json", "network.onnx", "network.keras"
BATCH = 256
_ADDRESS = re.compile(r"[A-Za-z][\w+.-]+:[/\\]|(^|,)[/\\]{2}")
"""A scheme and a slash (a drive of Windows is one letter), or a folder of another host: of one entry, or of several
with commas between."""


class Bundle:
    """A folder with a network, its codec, its scores and its model card. Answers with NumPy and ONNX Runtime alone.

    Files:
        bundle.json    what it is, and the sha256 of every other file
        network.onnx   what answers
        network.keras  what a later training starts from
        README.md      the model card
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder, self.manifest = folder, manifest

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Open a bundle and verify its checksums.

        Raises:
            InputError: it is not a bundle, a byte was changed, its plugin is missing, or its format is newer.
        """
        folder = Path(folder)
        bundle = cls(folder, read_manifest(folder))
        bundle._verify()
        return bundle

    def __repr__(self) -> str:
        return f"Bundle({str(self.folder)!r}: {self.manifest['task']}, {self.score['name']} {self.score['value']:.4f})"

    def _repr_html_(self) -> str:
        return table(f"{self.manifest['task']}, {self.folder}", self.scores.items())

    @property
    def scores(self) -> dict[str, float]:
        """The figures on the test split, measured once, with the network that is in the bundle."""
        return dict(self.manifest["scores"])

    @property
    def score(self) -> dict[str, Any]:
        """The figure that ranks: `name` and `value`."""
        name = self.manifest["score"]
        return {"name": name, "value": self.scores[name]}

    @cached_property
    def task(self) -> "Task":
        """The task, from the plugin that registered it.

        Raises:
            InputError: no installed plugin has it; the line names the package.
        """
        id, plugin = self.manifest["task"], self.manifest["plugin"]
        if id not in registry().entries("tasks"):
            broken = [p.error for p in registry().plugins if p.name == plugin["name"] and p.error]
            reason = f"its plugin is broken ({broken[0]})" if broken else "its plugin is not installed or is disabled"
            raise InputError(
                f"{self.folder} needs the task {id!r}, but {reason}: "
                f"pip install {plugin['distribution']} (it was made with version {plugin['version']})"
            )
        return registry().task(id)

    @cached_property
    def codec(self) -> "Codec":
        """The codec, fitted."""
        return self.task.codec.from_json(self.manifest["codec"])

    @cached_property
    def network(self) -> "Network":
        """What answers: arrays to arrays, by ONNX Runtime."""
        from plexus.inference import Network

        return Network(self.folder / NETWORK)

    def run(self, arrays: "Arrays") -> "Arrays":
        """The network's outputs for encoded inputs of any number."""
        return self.network(arrays)

    def predict(self, raws: Sequence[Any], batch_size: int = BATCH) -> "list[Answer]":
        """Answer for raw inputs: pictures as files or arrays, texts, rows, as the task has them.

        Args:
            raws: of any number.
            batch_size: how many are in memory as arrays at once.

        Raises:
            InputError: an input cannot be read; the line names it.
        """
        answers = []
        for start in range(0, len(raws), batch_size):
            answers += self.task.answer(self.run, self.codec, raws[start : start + batch_size])
        return answers

    def evaluate(self, data: str | None = None) -> dict[str, Any]:
        """Measure on the test split of its own data, or on other data: all of it, if that has no test split.

        Its own data is what the bundle records, and a bundle may come from anyone: an address in it is not contacted.

        Args:
            data: as for `plexus train`; by default what the bundle records.

        Returns:
            `bundle`, `data`, `examples`, `score` (name and value), `scores`.

        Raises:
            InputError: the data cannot be used with this bundle, or the bundle records an address and `data` is None.
        """
        recorded = self.manifest["options"]
        options = self.task.options.checked(recorded if data is None else recorded | {"data": data})
        if data is None:
            self._require_local(options.data)
            options = self.task.bundle_options(options, self.codec)
        source = self.task.source(options)
        split = "test" if source.fingerprint == self.manifest["data"]["fingerprint"] else "unseen"
        scores = self.task.measure(self.run, source, self.codec, split)
        name = self.manifest["score"]
        return {
            "bundle": str(self.folder),
            "data": options.data,
            "examples": source.count(split),
            "score": {"name": name, "value": scores[name]},
            "scores": scores,
        }

    def _require_local(self, data: str) -> None:
        text = re.sub(r"[\s\x00-\x1f]", "", data)
        if _ADDRESS.search(text):
            raise InputError(
                f"{self.folder} records the address {data!r} as its data, and an address that a bundle names is not "
                "contacted: give the data with --data"
            )

    def _verify(self) -> None:
        for name, expected in self.manifest["files"].items():
            file = self.folder / name
            if not file.is_file():
                raise InputError(
                    f"{self.folder} is incomplete: {name} is missing; take the bundle from its source again"
                )
            if sha256(file) != expected:
                raise InputError(f"{file} was changed after the bundle was made: take the bundle from its source again")


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a bundle says of itself; its other files are not looked at.

    Raises:
        InputError: it is not a bundle, or its format is newer.
    """
    file = folder / MANIFEST
    if not file.is_file():
        raise InputError(f"{folder} is not a bundle: a folder with a {MANIFEST} is wanted")
    try:
        manifest = dict(json.loads(file.read_text()))
    except ValueError as error:
        raise InputError(f"{file} is damaged ({error}): take the bundle from its source again") from error
    if manifest.get("format") != FORMAT:
        raise InputError(f"{file} has format {manifest.get('format')}, this Plexus reads {FORMAT}: update Plexus")
    return manifest
