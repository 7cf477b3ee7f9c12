"""A trained model in a folder."""

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from plexus.errors import InputError
from plexus.inference.cancellation import Cancellation
from plexus.inference.manifest import read_manifest
from plexus.inference.onnx import OnnxPredictor
from plexus.inference.predictor import NETWORK, Predictor
from plexus.task import AnyTask
from plexus.tasks.abilities import Explainable, Streaming
from plexus.utils.files import sha256
from plexus.utils.formatting import html_table

if TYPE_CHECKING:
    from plexus.codec import Codec, Input, JsonObject
    from plexus.prediction import Prediction

BATCH_SIZE = 256
_ADDRESS = re.compile(r"[A-Za-z][\w+.-]+:[/\\]|(^|,)[/\\]{2}")
"""A scheme and a slash (a drive of Windows is one letter), or a folder of another host: of one entry, or of several
with commas between."""


def onnx_file(network: str) -> str:
    """Return the name of a network's ONNX file.

    Args:
        network: Name of the network.

    Returns:
        The file name.
    """
    return f"{network}.onnx"


def keras_file(network: str) -> str:
    """Return the name of a network's Keras file.

    Args:
        network: Name of the network.

    Returns:
        The file name.
    """
    return f"{network}.keras"


class Bundle:
    """A trained model: its networks, codec, metrics and model card. It predicts with NumPy and ONNX Runtime alone.

    Files of the folder:

    - `bundle.json`: the manifest, with the sha256 of every other file
    - `network.onnx`: the network that predicts; several networks have files of their own names
    - `network.keras`: the network as Keras saved it
    - `README.md`: the model card

    Args:
        folder: The folder.
        manifest: The content of `bundle.json`.
        task: The task.

    Example:
        ```python
        bundle = plexus.load("vision.classify/mnist")
        print(bundle.predict([Path("photo.png")])[0])
        ```
    """

    def __init__(self, folder: Path, manifest: "JsonObject", task: AnyTask) -> None:
        self.folder, self.manifest, self.task = folder, manifest, task

    @classmethod
    def open(cls, folder: Path, task: AnyTask) -> Self:
        """Open a bundle of a known task and verify its checksums; `plexus.load` finds the task.

        Args:
            folder: The folder.
            task: The task.

        Returns:
            The bundle.

        Raises:
            InputError: If it is not a bundle, a byte was changed, or its format is newer.
        """
        bundle = cls(folder, read_manifest(folder), task)
        bundle._verify()
        return bundle

    def __repr__(self) -> str:
        return f"Bundle({str(self.folder)!r}: {self.task.id}, {self.score['name']} {self.score['value']:.4f})"

    def _repr_html_(self) -> str:
        return html_table(f"{self.task.id}, {self.folder}", self.metrics.items())

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics on the test split, computed once with the networks of the bundle."""
        return dict(self.manifest["scores"])

    @property
    def score(self) -> "JsonObject":
        """The metric that ranks models: `name` and `value`."""
        name = self.manifest["score"]
        return {"name": name, "value": self.metrics[name]}

    @property
    def networks(self) -> list[str]:
        """Names of the networks."""
        return list(self.manifest.get("networks", [NETWORK]))

    @cached_property
    def codec(self) -> "Codec":
        """The codec."""
        codec: Codec = self.task.codec.from_json(self.manifest["codec"])
        return codec

    @cached_property
    def predictor(self) -> OnnxPredictor:
        """The networks, by ONNX Runtime."""
        return OnnxPredictor({name: self.folder / onnx_file(name) for name in self.networks})

    @cached_property
    def _streaming(self) -> "Streaming[Any, Any] | None":
        """The task if it is `Streaming`; cached, since checking a protocol takes as long as a small network."""
        return self.task if isinstance(self.task, Streaming) else None

    def predict(
        self,
        inputs: "Sequence[Input]",
        batch_size: int = BATCH_SIZE,
        state: object = None,
        cancellation: Cancellation | None = None,
    ) -> "list[Prediction]":
        """Predict for raw inputs: images as files or arrays, texts, rows, as the task takes them.

        Args:
            inputs: Raw inputs, any number.
            batch_size: Inputs that are in memory as arrays at once.
            state: For tasks that are `Streaming`: the state to continue from, which is updated. By default each call
                starts from the state after training.
            cancellation: Ends the prediction from another thread; by default nothing does.

        Returns:
            One prediction per input.

        Raises:
            InputError: If an input cannot be read; the line names it.
            InferenceCancelledError: If the prediction was cancelled.
        """
        task, streaming, predictor = self.task, self._streaming, self._predictor(cancellation)
        batches = (inputs[start : start + batch_size] for start in range(0, len(inputs), batch_size))
        if streaming is not None:
            state = streaming.initial_state(self.codec) if state is None else state
            results = [streaming.predict_stream(predictor, self.codec, batch, state) for batch in batches]
        else:
            results = [task.predict(predictor, self.codec, batch) for batch in batches]
        return list(chain.from_iterable(results))

    def evaluate(self, data: str | None = None, **data_options: object) -> "JsonObject":
        """Compute the metrics on the test split of the bundle's own data, or on other data.

        The bundle's own data is what the manifest records. A bundle may come from anyone: an address in it is not
        contacted.

        Args:
            data: Other data as for `plexus train`; all of it is used if it has no test split.
            **data_options: Other options that say which data is read, as the task's `data_options` names them: the
                query of a database. Those that the bundle records are used for its own data alone.

        Returns:
            `bundle`, `data`, `examples`, `score` (name and value), `scores`.

        Raises:
            InputError: If the data cannot be used with this bundle, or the bundle records an address and `data` is
                None.
        """
        recorded = self.manifest["options"]
        if data is None and data_options:
            raise InputError(f"--{next(iter(data_options)).replace('_', '-')} is for other data: pass --data too")
        if data is None:
            options = self.task.options.parse(recorded)
            self._require_local(options.data)
            options = self.task.check_bundle_options(options, self.codec)
        else:
            others = {name: recorded[name] for name in recorded.keys() - self.task.options.data_options}
            options = self.task.options.parse(others | {"data": data} | data_options)
        dataset = self.task.load_dataset(options)
        split = "test" if dataset.fingerprint == self.manifest["data"]["fingerprint"] else "unseen"
        metrics = self.task.evaluate(self.predictor, dataset, self.codec, split)
        name = self.manifest["score"]
        return {
            "bundle": str(self.folder),
            "data": options.data,
            "examples": dataset.count(split),
            "score": {"name": name, "value": metrics[name]},
            "scores": metrics,
        }

    def explain(self, raw_input: "Input", path: str | Path, cancellation: Cancellation | None = None) -> Path:
        """Write the explanation of one prediction.

        Args:
            raw_input: The raw input.
            path: File to write, with the suffix `task.explanation_suffix`.
            cancellation: Ends the computation from another thread; by default nothing does.

        Returns:
            The file.

        Raises:
            InputError: If the task has no explanations, or the input cannot be read.
            InferenceCancelledError: If the computation was cancelled.
        """
        if not isinstance(self.task, Explainable):
            raise InputError(f"{self.task.id} does not explain predictions: omit --explain")
        return self.task.explain(self._predictor(cancellation), self.codec, raw_input, Path(path))

    def _predictor(self, cancellation: Cancellation | None) -> Predictor:
        return self.predictor if cancellation is None else self.predictor.cancelled_by(cancellation)

    def _require_local(self, data: str) -> None:
        text = re.sub(r"[\s\x00-\x1f]", "", data)
        if _ADDRESS.search(text):
            raise InputError(
                f"{self.folder} records the address {data!r} as its data, and an address that a bundle names is not "
                "contacted: pass the data with --data"
            )

    def _verify(self) -> None:
        for name, expected in self.manifest["files"].items():
            file = self.folder / name
            if not file.is_file():
                raise InputError(
                    f"{self.folder} is incomplete: {name} is missing; get the bundle from its source again"
                )
            if sha256(file) != expected:
                raise InputError(f"{file} was changed after the bundle was made: get the bundle from its source again")
