"""A scikit-learn classifier of any task that learns from labelled examples."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from plexus.bundle import Bundle
from plexus.codec import Input
from plexus.data.examples import SupervisedDataset
from plexus.data.findings import Findings
from plexus.errors import InputError
from plexus.plugins.registry import registry
from plexus.prediction import LabelPrediction
from plexus.run import Run
from plexus.tasks.abilities import LearnsFromExamples
from plexus.training.trainer import Trainer

IN_MEMORY = "examples in memory"
"""The data that a bundle records, which cannot be read again."""


class Estimator(ClassifierMixin, BaseEstimator):
    """A classification task as a scikit-learn classifier of data in memory.

    A validation and a test split are split off the data that it is fitted on.

    Args:
        task: Id of a task that is `LearnsFromExamples`.
        options: Options of the task, as in `plexus train TASK --help`, with underscores.
        out: Folder of the bundle; by default in the run's folder under `runs/`.

    Attributes:
        classes_: The labels.
        bundle_: The trained model, with its metrics.

    Example:
        ```python
        classifier = plexus.Estimator("weather.rain", {"epochs": 20}).fit(texts, labels)
        classifier.predict(["clouds over Oslo"])
        ```
    """

    def __init__(self, task: str, options: Mapping[str, object] | None = None, out: str | Path | None = None) -> None:
        self.task, self.options, self.out = task, options, out

    def fit(self, X: Sequence[Input], y: Sequence[object]) -> "Estimator":  # noqa: N803
        """Train.

        Args:
            X: Raw inputs as the task takes them: images of shape `(n, height, width)` or with channels, texts.
            y: One label per input.

        Returns:
            The estimator.

        Raises:
            InputError: If there is no such task, it does not learn from examples in memory, or an option is wrong.
        """
        task = registry().task(self.task)
        if not isinstance(task, LearnsFromExamples):
            raise InputError(f"{task.id} does not learn from {IN_MEMORY}: pass its data to plexus.train")
        options = task.options.parse({"data": IN_MEMORY, **(self.options or {})})
        self.classes_, indices = np.unique(np.asarray(y), return_inverse=True)
        self._labels = {str(label): label for label in self.classes_}
        examples = task.make_examples(X, [str(label) for label in self.classes_[indices]])
        dataset = SupervisedDataset({"train": examples}, options.seed, Findings(options.strict))
        run = Run.start(task.id, options, None if self.out is None else Path(self.out))
        Trainer(task, registry().callbacks).train(run, dataset)
        self.bundle_ = Bundle.open(run.out, task)
        return self

    def predict(self, X: Sequence[Input]) -> np.ndarray:  # noqa: N803
        """Predict the label of each raw input.

        Args:
            X: Raw inputs, any number.

        Returns:
            Labels of shape `(n,)`.

        Raises:
            InputError: If an input cannot be read.
        """
        check_is_fitted(self)
        predictions = self.bundle_.predict(X)
        return np.array([self._labels[each.label] for each in predictions if isinstance(each, LabelPrediction)])
