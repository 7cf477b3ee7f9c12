"""scikit-learn's manner: fit, predict, score."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from plexus.bundle import Bundle
from plexus.data.examples import SupervisedDataset
from plexus.data.findings import Findings
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer


class Estimator(ClassifierMixin, BaseEstimator):
    """A task that tells labels apart, as a classifier of scikit-learn, on data that is in memory.

    Example:
        ```python
        classifier = plexus.Estimator("weather.rain", {"epochs": 20}).fit(texts, labels)
        classifier.predict(["clouds over Oslo"])
        ```

    A validation and a test split are split off; `bundle_` is what was trained, scores and all.

    Args:
        task: its id; it has to take examples in memory (`Task.examples`).
        options: those of the task, as in `plexus train TASK --help`, with underscores.
        out: the bundle's folder; by default in the run's folder under `runs/`.
    """

    def __init__(self, task: str, options: dict[str, Any] | None = None, out: str | Path | None = None) -> None:
        self.task, self.options, self.out = task, options, out

    def fit(self, X: Sequence[Any], y: Sequence[Any]) -> "Estimator":  # noqa: N803 - scikit-learn's name
        """Train.

        Args:
            X: raw inputs, as the task has them: pictures as arrays `(n, height, width)` or with channels, texts.
            y: labels, one an input.

        Raises:
            InputError: there is no such task, it takes no examples in memory, or an option is wrong.
        """
        task = registry().task(self.task)
        options = task.options.parse({"data": "examples in memory", **(self.options or {})})
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        self._labels = {str(label): label for label in self.classes_}
        examples = task.make_examples(X, [str(label) for label in self.classes_[codes]])
        dataset = SupervisedDataset({"train": examples}, options.seed, Findings(options.strict))
        run = Run.start(task.id, options, None if self.out is None else Path(self.out))
        Trainer(task, registry().callbacks).train(run, dataset)
        self.bundle_ = Bundle.open(run.out, task)
        return self

    def predict(self, X: Sequence[Any]) -> np.ndarray:  # noqa: N803
        """The label of each raw input `(n,)`.

        Raises:
            InputError: an input cannot be read.
        """
        check_is_fitted(self)
        return np.array([self._labels[answer.label] for answer in self.bundle_.predict(X)])  # type: ignore[attr-defined]
