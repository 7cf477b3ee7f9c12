"""A trained model in a folder."""

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self, overload

from plexus.data.images import is_single_image
from plexus.data.number_format import fixed_decimal_comma
from plexus.errors import BundleError, InputError, UnreadableInputsError
from plexus.explain.explanation import Explanation
from plexus.inference.bundle_format import MANIFEST, REMEDY
from plexus.inference.cancellation import Cancellation, InferenceCancelledError
from plexus.inference.codec_reading import read_codec
from plexus.inference.inputs import as_input, as_inputs
from plexus.inference.limits import check_texts
from plexus.inference.manifest import read_manifest, verify_files
from plexus.inference.manifest_schema import check_manifest
from plexus.inference.onnx import OnnxPredictor
from plexus.inference.predictor import NETWORK, Predictor
from plexus.task import AnyTask
from plexus.tasks.abilities import AnswersInColumns, Explainable, ExplainsInNumbers, ExplainsWithValues, Streaming
from plexus.tasks.image_inputs import ImageInputs
from plexus.utils.boundary import describe
from plexus.utils.formatting import number
from plexus.utils.messages import note

if TYPE_CHECKING:
    from plexus.codec import Codec, Input, JsonObject
    from plexus.dataset import Dataset
    from plexus.options import Options
    from plexus.prediction import Columns, Prediction

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
    - `network.keras`: the network as Keras saved it; absent without trainable weights, from compact bundles, and from
      some shipped models
    - `README.md`: the model card

    Args:
        folder: The folder.
        manifest: The content of `bundle.json`.
        task: The task.
        run_folder: Folder of its run, if it is known; by default the folder that it is in.

    Example:
        ```python
        bundle = plexus.load("vision.classify/mnist")
        print(bundle.predict([Path("photo.png")])[0])
        ```
    """

    def __init__(self, folder: Path, manifest: "JsonObject", task: AnyTask, run_folder: Path | None = None) -> None:
        self.folder, self.manifest, self.task = folder, manifest, task
        self._run_folder = run_folder or folder.parent

    @classmethod
    def open(cls, folder: Path, task: AnyTask, run_folder: Path | None = None) -> Self:
        """Open a bundle of a known task and verify its checksums; `plexus.load` finds the task.

        Args:
            folder: The folder.
            task: The task.
            run_folder: Folder of its run, if it is known; by default the folder that it is in.

        Returns:
            The bundle.

        Raises:
            InputError: If it is not a bundle, a byte was changed, or its format is newer.
        """
        bundle = cls(folder, read_manifest(folder), task, run_folder)
        check_manifest(bundle.manifest, folder / MANIFEST)
        verify_files(folder, bundle.manifest)
        return bundle

    def __repr__(self) -> str:
        return f"Bundle({str(self.folder)!r}: {self.task.id}, {self.score['name']} {number(self.score['value'])})"

    def _repr_html_(self) -> str:
        from plexus.report.bundle_summary import bundle_summary  # for notebooks alone

        return bundle_summary(self.task, self.manifest, self.folder, self.report)

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
    def report(self) -> Path | None:
        """The page about the training, `report.html` of the run; None if the bundle is not in the folder of its run."""
        file = self._run_folder / "report.html"
        return file if file.is_file() and (self._run_folder / "run.json").is_file() else None

    @property
    def networks(self) -> list[str]:
        """Names of the networks."""
        return list(self.manifest.get("networks", [NETWORK]))

    @cached_property
    def codec(self) -> "Codec":
        """The codec, restored from the manifest at first use.

        Returns:
            The fitted codec.

        Raises:
            InputError: If the bundle holds none that is valid.
        """
        return read_codec(self.task.codec, self.manifest["codec"], self.folder / MANIFEST)

    @cached_property
    def predictor(self) -> OnnxPredictor:
        """The networks, loaded by ONNX Runtime at first use.

        Returns:
            The predictor; it answers by name of a network.
        """
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
            inputs: Raw inputs, any number, in a list, an array or a table of pandas or Polars; or a single text, path,
                dictionary, image of Pillow or, for tasks of images, array of shape `(height, width)` or
                `(height, width, channels)`.
            batch_size: Inputs that are in memory as arrays at once.
            state: For tasks that are `Streaming`: the state to continue from, which is updated. By default each call
                starts from the state after training.
            cancellation: Ends the prediction from another thread; by default nothing does.

        Returns:
            One prediction per input.

        Raises:
            InputError: If an input cannot be read; the line names it.
            BundleError: If networks, codec and plugin do not fit together.
            InferenceCancelledError: If the prediction was cancelled.
        """
        with self._one_line("predict"), self.reading_numbers():
            return self._predict(inputs, batch_size, state, self._predictor(cancellation))

    def predict_columns(self, inputs: "Sequence[Input]", cancellation: Cancellation | None = None) -> "Columns":
        """Predict for many raw inputs, all at once, without an object per input.

        Args:
            inputs: As for `predict`.
            cancellation: Ends the prediction from another thread; by default nothing does.

        Returns:
            For each field of the predictions, in their order, its values: one per input.

        Raises:
            InputError: If the task is not `AnswersInColumns`, or an input cannot be read.
            BundleError: If networks, codec and plugin do not fit together.
            InferenceCancelledError: If the prediction was cancelled.
        """
        if not isinstance(self.task, AnswersInColumns):
            raise InputError(f"{self.task.id} does not predict by column: use predict")
        with self._one_line("predict"), self.reading_numbers():
            inputs = self._as_inputs(inputs)
            check_texts(inputs)
            return self.task.predict_columns(self._predictor(cancellation), self.codec, inputs)

    def _as_inputs(self, inputs: object) -> "Sequence[Input]":
        """Return raw inputs as a sequence; the rows of a single image are no inputs."""
        is_image = isinstance(self.task, ImageInputs) and is_single_image(inputs)
        return [inputs] if is_image else as_inputs(inputs)

    def _predict(
        self, inputs: "Sequence[Input]", batch_size: int, state: object, predictor: Predictor
    ) -> "list[Prediction]":
        inputs, task, streaming = self._as_inputs(inputs), self.task, self._streaming
        if streaming is not None and state is None:
            state = streaming.initial_state(self.codec)
        predictions: list[Prediction] = []
        for start in range(0, len(inputs), batch_size):
            batch = inputs[start : start + batch_size]
            try:
                check_texts(batch)
                if streaming is not None:
                    answers = streaming.predict_stream(predictor, self.codec, batch, state)
                else:
                    answers = task.predict(predictor, self.codec, batch)
            except UnreadableInputsError as error:
                raise error.shifted(start) from error
            if len(answers) != len(batch):
                raise ValueError(f"expected one prediction per input, got {len(answers)} for {len(batch)} inputs")
            predictions += answers
        return predictions

    def evaluate(self, data: str | Path | None = None, **data_options: object) -> "JsonObject":
        """Compute the metrics on the test split of the bundle's own data, or on other data and print its findings.

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
        data = None if data is None else str(data)
        if data is None and data_options:
            raise InputError(f"--{next(iter(data_options)).replace('_', '-')} is for other data: pass --data too")
        if data is None:
            options, dataset = self.load_dataset()
        else:
            others = {name: recorded[name] for name in recorded.keys() - self.task.options.data_options}
            options = self._recorded_options(others | {"data": data})
            options = self.task.options.parse(options.model_dump() | data_options)
            with self.reading_numbers():
                dataset = self.task.load_dataset(options)
        codec = self.codec
        with self.reading_numbers():
            split = "test" if dataset.fingerprint == self.manifest["data"]["fingerprint"] else "unseen"
            for line in dataset.findings.lines() if data is not None else ():  # those of its own data are in its card
                note(line)
            with self._one_line("evaluate"):
                metrics = self.task.evaluate(self.predictor, dataset, codec, split)
        name = self.manifest["score"]
        return {
            "bundle": str(self.folder),
            "data": options.data,
            "examples": dataset.count(split),
            "score": {"name": name, "value": metrics[name]},
            "scores": metrics,
        }

    def load_dataset(self) -> "tuple[Options, Dataset]":
        """Load the data that the manifest records. A bundle may come from anyone: an address in it is not contacted.

        Returns:
            The recorded options, and the data.

        Raises:
            InputError: If the bundle records an address, or the data cannot be used here.
        """
        options = self._recorded_options(self.manifest["options"])
        self._require_local(options.data)
        options = self.task.check_bundle_options(options, self.codec)
        with self.reading_numbers():
            return options, self._load_recorded_dataset(options)

    def reading_numbers(self) -> AbstractContextManager[None]:
        """Return a context in which texts are read as numbers as they were in training.

        Returns:
            The context manager.
        """
        return fixed_decimal_comma(self.manifest["data"].get("decimal_comma", False))

    @overload
    def explain(
        self, raw_input: "Input", path: None = None, cancellation: Cancellation | None = None
    ) -> Explanation: ...

    @overload
    def explain(self, raw_input: "Input", path: str | Path, cancellation: Cancellation | None = None) -> Path: ...

    def explain(
        self, raw_input: "Input", path: str | Path | None = None, cancellation: Cancellation | None = None
    ) -> Path | Explanation:
        """Explain one prediction.

        Args:
            raw_input: The raw input; a row may be a table of pandas or Polars with one row.
            path: File to write, with the suffix `task.explanation_suffix`; by default none is written.
            cancellation: Ends the computation from another thread; by default nothing does.

        Returns:
            The file; without a path the explanation, which a notebook shows.

        Raises:
            InputError: If the task has no explanations, or the input cannot be read.
            InferenceCancelledError: If the computation was cancelled.
        """
        if not isinstance(self.task, Explainable):
            raise InputError(f"{self.task.id} does not explain predictions: omit --explain")
        if path is None:
            suffix = self.task.explanation_suffix
            with TemporaryDirectory(prefix="plexus-") as folder:
                target = Path(folder) / f"explanation{suffix}"
                file, explained = self.explain_with_values(raw_input, target, cancellation)
                return Explanation(file.read_bytes(), suffix, explained)
        raw_input = as_input(raw_input)
        check_texts([raw_input])
        codec = self.codec
        with self._one_line("explain"), self.reading_numbers():
            return self.task.explain(self._predictor(cancellation), codec, raw_input, Path(path))

    def explanation_values(self, raw_input: "Input", cancellation: Cancellation | None = None) -> "JsonObject":
        """Return the explanation of one prediction as numbers, those that `explain` draws.

        Args:
            raw_input: The raw input.
            cancellation: Ends the computation from another thread; by default nothing does.

        Returns:
            JSON types, as of `plexus.tasks.abilities.ExplainsInNumbers`.

        Raises:
            InputError: If the task has no such explanations, or the input cannot be read.
            InferenceCancelledError: If the computation was cancelled.
        """
        if not isinstance(self.task, ExplainsInNumbers):
            raise InputError(f"{self.task.id} does not explain predictions as numbers")
        raw_input = as_input(raw_input)
        check_texts([raw_input])
        codec = self.codec
        with self._one_line("explain"), self.reading_numbers():
            return self.task.explanation_values(self._predictor(cancellation), codec, raw_input)

    def explain_with_values(
        self, raw_input: "Input", path: str | Path, cancellation: Cancellation | None = None
    ) -> "tuple[Path, JsonObject | None]":
        """Write the explanation of one prediction, and return it as numbers if the task has them.

        Args:
            raw_input: The raw input.
            path: As for `explain`.
            cancellation: As for `explain`.

        Returns:
            The file, and the result of `explanation_values`; None if the task is not `ExplainsInNumbers`.

        Raises:
            InputError: If the task has no explanations, or the input cannot be read.
            InferenceCancelledError: If the computation was cancelled.
        """
        if isinstance(self.task, ExplainsWithValues):
            raw_input = as_input(raw_input)
            check_texts([raw_input])
            codec = self.codec
            with self._one_line("explain"), self.reading_numbers():
                predictor = self._predictor(cancellation)
                return Path(path), self.task.explain_with_values(predictor, codec, raw_input, Path(path))
        file = self.explain(raw_input, path, cancellation)
        has_values = isinstance(self.task, ExplainsInNumbers)
        return file, self.explanation_values(raw_input, cancellation) if has_values else None

    def _recorded_options(self, values: "JsonObject") -> "Options":
        """Parse options that the bundle records; one that is not valid is a fault of the bundle."""
        try:
            options: Options = self.task.options.parse(values)
        except InputError as error:
            raise InputError(f"{self.folder / MANIFEST}: options: {error}; {REMEDY}") from error
        return options

    def _load_recorded_dataset(self, options: "Options") -> "Dataset":
        try:
            dataset: Dataset = self.task.load_dataset(options)
        except InputError as error:
            name = self.manifest["data"]["name"]
            raise InputError(
                f"{self.folder} was trained on {name!r}, which cannot be used here ({error}): pass data with --data"
            ) from error
        return dataset

    @contextmanager
    def _one_line(self, action: str) -> Iterator[None]:
        """Convert the errors of networks, codec and plugin that do not fit together to one line with the place."""
        try:
            yield
        except (InputError, BundleError, InferenceCancelledError, ImportError, MemoryError, OSError):
            raise
        except Exception as error:  # the code of any plugin, with untrusted networks
            plugin = self.manifest["plugin"]
            raise BundleError(
                f"{self.folder}: cannot {action}: {describe(error)}; the bundle is not what the plugin "
                f"{plugin['name']} expects, or the plugin has a defect: {REMEDY}, or update {plugin['distribution']}"
            ) from error

    def _predictor(self, cancellation: Cancellation | None) -> Predictor:
        return self.predictor if cancellation is None else self.predictor.cancelled_by(cancellation)

    def _require_local(self, data: str) -> None:
        text = re.sub(r"[\s\x00-\x1f]", "", data)
        if _ADDRESS.search(text):
            raise InputError(
                f"{self.folder} records the address {data!r} as its data, and an address that a bundle names is not "
                "contacted: pass the data with --data"
            )
