"""One thing a model can learn to do."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from plexus.errors import InputError
from plexus.score import Score

if TYPE_CHECKING:
    import keras
    import numpy as np
    import polars as pl

    from plexus.answer import Answer
    from plexus.batches import Batches
    from plexus.codec import Arrays, Codec
    from plexus.data.examples import Examples
    from plexus.flags import Flags
    from plexus.options import Options

    Predict = Callable[[Arrays], Arrays]
    """A network's inputs to its outputs, by Keras or by ONNX Runtime: the same arrays either way."""


class Task(ABC):
    """From raw data to an answer, in the order in which training calls the methods.

    A task is light to import and holds no state: what it makes is handed on. `source` is the task's own type
    (most often `plexus.Splits`); core only reads its `fingerprint`, `licence`, `findings` and `count(split)`.
    """

    options: ClassVar["type[Options]"]
    codec: ClassVar["type[Codec]"]
    score: ClassVar[Score]
    trial: ClassVar[dict[str, Any]] = {}
    """Options of a training of some seconds on data that needs no network: what the conformance checks run."""

    asking: ClassVar["type[Flags] | None"] = None
    """Flags of `plexus predict` that only this task has."""
    received_as: ClassVar[str] = "nothing"
    """What `received` wants, for those who ask a server: `a text`."""
    explained_as: ClassVar[str] = ".png"
    """The ending of the file that `explain` writes."""
    keeps_best: ClassVar[bool] = True
    """Whether the weights of the epoch with the best validation score are kept; else the last, where a learner's own
    targets change from epoch to epoch and the score cannot rank them."""
    protocol: ClassVar[str] = "on examples that training never saw"
    """What the figures of the test split are measured on, for the model card."""

    def __init__(self, id: str) -> None:
        self.id = id

    @property
    def package(self) -> str:
        """The package that the task is of: `plexus_weather`."""
        return type(self).__module__.split(".")[0]

    def kept_epoch(self, values: list[float]) -> int:
        """Of the scores of the epochs so far, the index of the one whose weights are kept."""
        return self.score.best(values) if self.keeps_best else len(values) - 1

    @abstractmethod
    def source(self, options: Any) -> Any:
        """What is learned from, read from `options.data`.

        Raises:
            InputError: the data cannot be used; the line says where and what would be right.
        """

    def bundle_options(self, options: Any, codec: Any) -> Any:
        """The options that a bundle records, checked before `source` reads what they name: the bundle may come from
        anyone. That `options.data` is no address has been checked by core; by default nothing else is.

        Raises:
            InputError: they name what only the user may name, as a module to import.
        """
        return options

    def examples(self, raws: Sequence[Any], labels: Sequence[str]) -> "Examples":
        """Labelled raw inputs that are in memory, as the task learns from them (`plexus.Estimator`).

        Raises:
            InputError: the task learns from something else, or cannot use these.
        """
        raise InputError(
            f"{self.id} does not learn from examples in memory: give it data, as in plexus train {self.id}"
        )

    @abstractmethod
    def fit_codec(self, source: Any, options: Any) -> Any:
        """The codec, fitted on the training data."""

    def choose(self, source: Any, codec: Any, options: Any) -> dict[str, Any]:
        """Values for options that the user left open (None), by the data. The batch size is chosen already, by core."""
        return {}

    @abstractmethod
    def network(self, codec: Any, options: Any) -> "keras.Model":
        """The inference graph, from a dictionary of inputs to one of outputs: `keras.Model({"x": x}, {"y": y})`.

        It must survive the export to ONNX.
        """

    def learner(self, network: "keras.Model", source: Any, codec: Any, options: Any) -> "keras.Model":
        """The training graph around the network, not compiled: augmentation, its own loss. By default the network."""
        return network

    def loss(self, options: Any) -> Any:
        """The Keras loss to compile with; None where the learner's `compute_loss` gives it."""
        return None

    @abstractmethod
    def batches(self, source: Any, codec: Any, learner: "keras.Model", options: Any, epoch: int) -> "Batches":
        """One epoch's data, a function of its arguments alone; it may ask the learner."""

    @abstractmethod
    def measure(self, predict: "Predict", source: Any, codec: Any, split: str) -> dict[str, float]:
        """The figures on a split: `train`, `val`, `test`, or `unseen` for data that came with no test split."""

    def inputs(self, given: str) -> "Iterable[tuple[str, Any]]":
        """The raw inputs that an argument of `predict` stands for, each with a name; by default the text itself.

        Raises:
            InputError: there is no such file.
        """
        return [(given, sys.stdin.read() if given == "-" else given)]

    def received(self, codec: Any, value: Any) -> Any:
        """The raw input that a value of a request stands for: of a JSON document, or the bytes of a file.

        It is never the name of a file: those who ask are not to read the server's.

        Raises:
            InputError: it stands for none.
        """
        raise InputError(f"{self.id} cannot be asked over HTTP")

    def asked(self, flags: Any) -> "Iterable[tuple[str, Any]]":
        """The raw inputs that the task's own flags of `predict` stand for, where no input is given.

        Raises:
            InputError: they stand for none.
        """
        raise InputError("which INPUT? files, folders or texts, or - for standard input")

    def repeated(self, examples: "Examples", known: "Examples") -> "np.ndarray":
        """Which of the examples are among others that are known `(n,)`: by default, those of the very same bytes."""
        from plexus.data.examples import identical

        return identical(examples, known)

    def answer(self, predict: "Predict", codec: Any, raws: Sequence[Any]) -> "list[Answer]":
        """One answer a raw input.

        Raises:
            InputError: an input cannot be read; the line names it.
        """
        return codec.decode(predict(codec.encode(raws)))  # type: ignore[no-any-return]

    def rows(self, table: "pl.DataFrame", flags: Any) -> Sequence[Any]:
        """The raw inputs in the rows of a table, one a row, for a task that can answer for tables.

        Args:
            flags: those of `asking`, if the task has any.

        Raises:
            InputError: the task takes no tables, or this one lacks a column.
        """
        raise InputError(f"{self.id} does not answer for the rows of a table: give it inputs as in its documentation")

    def calibrate(self, predict: "Predict", source: Any, codec: Any) -> Any:
        """The codec with what can only be fitted after the network, on the validation split: a temperature."""
        return codec

    def report(self, predict: "Predict", source: Any, codec: Any, folder: Path) -> None:  # noqa: B027
        """Write pictures that show what the model does on the test split."""

    def explain(self, predict: "Predict", codec: Any, raw: Any, to: Path) -> Path:
        """Write why the model answers so for one input, and say where."""
        raise InputError(f"{self.id} has no explanation of its answers: leave --explain out")
