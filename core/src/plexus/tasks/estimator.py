"""Training on data in memory, with the interface of scikit-learn."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from plexus.bundle import Bundle
from plexus.codec import Input
from plexus.data.examples import SupervisedDataset
from plexus.data.findings import Findings
from plexus.data.number_format import reset_decimal_comma
from plexus.errors import InputError
from plexus.inference.inputs import as_inputs
from plexus.plugins.registry import registry
from plexus.prediction import LabelPrediction
from plexus.run import Run
from plexus.tasks.abilities import LearnsFromExamples
from plexus.tasks.classification import ClassificationTask
from plexus.tasks.classification_codec import ClassificationCodec
from plexus.tasks.invalid_data import InvalidDataError
from plexus.training.trainer import Trainer

if TYPE_CHECKING:
    from sklearn.utils import Tags

PARAMETERS = "task", "options", "out"
CLASSIFICATION_TARGETS = {"binary", "multiclass"}


class Estimator(ClassifierMixin, BaseEstimator):
    """A classification task as a scikit-learn classifier, on data in memory.

    A validation and a test split are split off the data. Options of the task are parameters of the estimator, so that
    `GridSearchCV` can search them. A pickle contains the files of the bundle.

    scikit-learn's `check_estimator` passes. It skips the checks that need a table of numbers as X, since the inputs of
    tasks are texts, images or files: the tags say so.

    Args:
        task: Id of the task, which has to be able to learn from examples in memory (`make_examples`).
        options: Options of the task, as in `plexus train TASK --help`, with underscores.
        out: Folder of the bundle; by default in the run's folder under `runs/`.
        **task_options: Further options of the task, which take precedence over those of `options`.

    Attributes:
        bundle_: The trained bundle, with its metrics.
        classes_: The labels, of the type of y, in ascending order.

    Example:
        ```python
        classifier = plexus.Estimator("weather.rain", epochs=20).fit(texts, labels)
        classifier.predict(["clouds over Oslo"])
        classifier.predict_proba(["clouds over Oslo"])
        ```
    """

    def __init__(
        self,
        task: str,
        options: dict[str, object] | None = None,
        out: str | Path | None = None,
        **task_options: object,
    ) -> None:
        self.task, self.options, self.out = task, options, out
        # One attribute each, as scikit-learn holds all parameters of an estimator.
        self.__dict__.update(task_options)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, options of the task that were passed by name among them.

        Args:
            deep: Not used: no parameter is an estimator.

        Returns:
            Values by name.
        """
        names = [name for name in vars(self) if not name.startswith("_") and not name.endswith("_")]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: object) -> Self:
        """Set parameters, or options of the task.

        Args:
            **params: Values by name.

        Returns:
            The estimator.
        """
        self.__dict__.update(params)
        return self

    def fit(self, X: Sequence[Input], y: Sequence[object]) -> Self:  # noqa: N803 - scikit-learn's name
        """Train.

        Args:
            X: Raw inputs, as the task takes them: images of shape `(n, height, width)`, texts.
            y: One label per input.

        Returns:
            The estimator.

        Raises:
            InputError: If there is no such task, it cannot learn from examples in memory, an option is wrong, X and y
                have different lengths, or a label is missing. It is a `ValueError` too, where X or y is wrong.
        """
        task = registry().task(self.task)
        if not isinstance(task, LearnsFromExamples):
            raise InputError(f"{task.id} cannot learn from examples in memory: use plexus.train with its data")
        named = {name: value for name, value in self.get_params().items() if name not in PARAMETERS}
        options = task.options.parse({"data": "examples in memory", **(self.options or {}), **named})
        inputs, labels = as_inputs(X, "X"), _check_labels(y)
        if len(inputs) != len(labels):
            raise InvalidDataError(f"X has {len(inputs):,} inputs and y has {len(labels):,} labels: expected as many")
        classes, codes = np.unique(labels, return_inverse=True)
        examples = task.make_examples(inputs, [str(label) for label in classes[codes]])
        dataset = SupervisedDataset({"train": examples}, options.seed, Findings(options.strict))
        run = Run.start(task.id, options, None if self.out is None else Path(self.out))
        reset_decimal_comma()  # of tables that the process read before
        with run.removed_if_empty():
            Trainer(task, registry().callbacks).train(run, dataset)
        self.classes_, self.bundle_ = classes, Bundle.open(run.out, task)
        return self

    def predict(self, X: Sequence[Input]) -> np.ndarray:  # noqa: N803
        """Predict the label of each input.

        Args:
            X: Raw inputs.

        Returns:
            Labels of shape `(n,)`.

        Raises:
            InputError: If an input cannot be read.
        """
        check_is_fitted(self)
        labels = {str(label): index for index, label in enumerate(self.classes_)}
        predictions = self.bundle_.predict(X)
        return self.classes_[[labels[p.label] for p in predictions if isinstance(p, LabelPrediction)] or slice(0)]

    def predict_proba(self, X: Sequence[Input]) -> np.ndarray:  # noqa: N803
        """Predict the calibrated probability of each label.

        Args:
            X: Raw inputs.

        Returns:
            Probabilities of shape `(n, labels)`, in the order of `classes_`.

        Raises:
            InputError: If an input cannot be read, or the task is no `ClassificationTask`.
        """
        check_is_fitted(self)
        bundle, task, codec = self.bundle_, self.bundle_.task, self.bundle_.codec
        if not isinstance(task, ClassificationTask) or not isinstance(codec, ClassificationCodec):
            raise InputError(f"{task.id} is no ClassificationTask and predicts no probabilities of all labels")
        order = [codec.labels.index(str(label)) for label in self.classes_]
        inputs = as_inputs(X)
        if not len(inputs):
            return np.zeros((0, len(order)))
        return task.predict_probabilities(bundle.predictor, codec, inputs)[:, order]

    def __sklearn_tags__(self) -> "Tags":
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = tags.input_tags.string = True
        tags.no_validation = True
        return tags

    def __getstate__(self) -> dict[str, object]:
        state: dict[str, object] = dict(super().__getstate__())
        bundle = state.pop("bundle_", None)
        if isinstance(bundle, Bundle):
            files = sorted(file for file in bundle.folder.iterdir() if file.is_file())
            state["_bundle_files"] = {file.name: file.read_bytes() for file in files}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        files = state.pop("_bundle_files", None)
        super().__setstate__(state)
        if files is not None:
            self._folder = tempfile.TemporaryDirectory(prefix="plexus-estimator-")  # removed with the estimator
            for name, content in files.items():
                (Path(self._folder.name) / name).write_bytes(content)
            self.bundle_ = Bundle.open(Path(self._folder.name), registry().task(self.task))


def _check_labels(y: Sequence[object]) -> np.ndarray:
    """Return the labels as an array of one axis, none of them missing."""
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise InvalidDataError(f"y: expected one label per input, got an array of shape {labels.shape}")
    missing = [index for index, label in enumerate(labels.tolist()) if label is None or label != label]
    if missing:
        raise InvalidDataError(f"y[{missing[0]}]: the label is missing; remove its input, or set a label")
    if labels.dtype == object:
        kinds = sorted({type(label).__name__ for label in labels.tolist()})
        if len(kinds) > 1:
            raise InvalidDataError(f"y: expected labels of one type, got {', '.join(kinds)}")
        labels = np.array(labels.tolist())
    if len(labels) and type_of_target(labels) not in CLASSIFICATION_TARGETS:
        raise InvalidDataError(f"y: expected labels, got {type_of_target(labels)} values, such as {labels[0]!r}")
    return labels
