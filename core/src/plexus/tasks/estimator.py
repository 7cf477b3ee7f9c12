"""Training on data in memory, with the interface of scikit-learn."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

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


class Estimator(ClassifierMixin, BaseEstimator):
    """A classification task as a scikit-learn classifier, on data in memory.

    A validation and a test split are split off the data.

    Args:
        task: Id of the task, which has to be able to learn from examples in memory (`make_examples`).
        options: Options of the task, as in `plexus train TASK --help`, with underscores.
        out: Folder of the bundle; by default in the run's folder under `runs/`.

    Attributes:
        bundle_: The trained bundle, with its metrics.
        classes_: The labels.

    Example:
        ```python
        classifier = plexus.Estimator("weather.rain", {"epochs": 20}).fit(texts, labels)
        classifier.predict(["clouds over Oslo"])
        ```
    """

    def __init__(self, task: str, options: dict[str, object] | None = None, out: str | Path | None = None) -> None:
        self.task, self.options, self.out = task, options, out

    def fit(self, X: Sequence[Input], y: Sequence[object]) -> Self:  # noqa: N803 - scikit-learn's name
        """Train.

        Args:
            X: Raw inputs, as the task takes them: images of shape `(n, height, width)`, texts.
            y: One label per input.

        Returns:
            The estimator.

        Raises:
            InputError: If there is no such task, it cannot learn from examples in memory, or an option is wrong.
        """
        task = registry().task(self.task)
        if not isinstance(task, LearnsFromExamples):
            raise InputError(f"{task.id} cannot learn from examples in memory: use plexus.train with its data")
        options = task.options.parse({"data": "examples in memory", **(self.options or {})})
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        self._labels = {str(label): label for label in self.classes_}
        examples = task.make_examples(X, [str(label) for label in self.classes_[codes]])
        dataset = SupervisedDataset({"train": examples}, options.seed, Findings(options.strict))
        run = Run.start(task.id, options, None if self.out is None else Path(self.out))
        with run.removed_if_empty():
            Trainer(task, registry().callbacks).train(run, dataset)
        self.bundle_ = Bundle.open(run.out, task)
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
        predictions = self.bundle_.predict(X)
        return np.array([self._labels[p.label] for p in predictions if isinstance(p, LabelPrediction)])
