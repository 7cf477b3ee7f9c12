"""Training on data in memory, with the interface of scikit-learn."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import ClassifierTags, RegressorTags
from sklearn.utils.metaestimators import available_if
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
from plexus.task import AnyTask
from plexus.tasks.abilities import LearnsFromExamples, LearnsFromTables, LearnsWithoutTargets
from plexus.tasks.classification import ClassificationTask
from plexus.tasks.classification_codec import ClassificationCodec
from plexus.tasks.estimator_tables import check_table, require_finite
from plexus.tasks.estimator_targets import check_labels, check_numbers, label_texts, require_equal_lengths
from plexus.tasks.invalid_data import InvalidDataError
from plexus.tasks.pickled_bundle import PickledBundle
from plexus.tasks.regression import RegressionTask
from plexus.tasks.regression_codec import NumberPrediction
from plexus.training.trainer import Trainer

if TYPE_CHECKING:
    from sklearn.utils import Tags

    from plexus.data.table_rows import TableRows
    from plexus.dataset import Dataset
    from plexus.options import Options

PARAMETERS = "task", "options", "out"


def _finds_clusters(estimator: "Estimator") -> bool:
    """Return whether the task learns without targets."""
    return isinstance(registry().task(estimator.task), LearnsWithoutTargets)


def _predicts_labels(estimator: "Estimator") -> bool:
    """Return whether the task is none of numbers or clusters."""
    return not isinstance(registry().task(estimator.task), RegressionTask | LearnsWithoutTargets)


def _predicts_probabilities(estimator: "Estimator") -> bool:
    return _predicts_labels(estimator) or _finds_clusters(estimator)


class Estimator(PickledBundle, BaseEstimator):
    """A task as a scikit-learn estimator, on data in memory: a classifier, a regressor, or a clusterer without y.

    A test split is split off the data, and a validation split, or folds. Options of the task are parameters of the
    estimator, so that `GridSearchCV` can search them. A pickle contains the files of the bundle.

    scikit-learn's `check_estimator` passes. Where the inputs of the task are texts, images or files, it skips the
    checks that need a table of numbers as X: the tags say so.

    Args:
        task: Id of the task, which has to be able to learn from data in memory (`make_examples`, `make_dataset` or
            `make_unlabelled_dataset`).
        options: Options of the task, as in `plexus train TASK --help`, with underscores.
        out: Folder of the bundle; by default in the run's folder under `runs/`.
        **task_options: Further options of the task, which take precedence over those of `options`.

    Attributes:
        bundle_: The trained bundle, with its metrics.
        classes_: The labels, of the type of y, in ascending order; of a classifier alone.
        labels_: The cluster of each input of the training, -1 for noise; of a clusterer alone.
        n_features_in_: Number of columns, if X is a table.
        feature_names_in_: Names of the columns, if X is a table of Polars or pandas.

    Example:
        ```python
        classifier = plexus.Estimator("weather.rain", epochs=20).fit(texts, labels)
        classifier.predict(["clouds over Oslo"])
        classifier.predict_proba(["clouds over Oslo"])

        regressor = plexus.Estimator("tables.regress").fit(houses, prices)
        regressor.score(new_houses, new_prices)  # R²
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

    def fit(self, X: Sequence[Input], y: Sequence[object] | None = None) -> Self:  # noqa: N803 - scikit-learn's name
        """Train.

        Args:
            X: Raw inputs, as the task takes them: images of shape `(n, height, width)`, texts; for tasks of tables a
                table of Polars or pandas, an array of shape `(n, columns)`, or a list of dictionaries.
            y: One label or number per input; not used for clusters.

        Returns:
            The estimator.

        Raises:
            InputError: If there is no such task, it cannot learn from data in memory, an option is wrong, X and y
                have different lengths, or a target is missing. It is a `ValueError` too, where X or y is wrong.
        """
        task = registry().task(self.task)
        if not isinstance(task, LearnsFromExamples | LearnsFromTables | LearnsWithoutTargets):
            raise InputError(f"{task.id} cannot learn from examples in memory: use plexus.train with its data")
        named = {name: value for name, value in self.get_params().items() if name not in PARAMETERS}
        options = task.options.parse({"data": "examples in memory", **(self.options or {}), **named})
        reset_decimal_comma()  # of tables that the process read before
        if isinstance(task, LearnsWithoutTargets):
            self._train(task, task.make_unlabelled_dataset(task.make_inputs(X), options), options)
            self.labels_: np.ndarray = self.predict(X)
            return self
        if _predicts_labels(self):
            classes, codes = np.unique(check_labels(y), return_inverse=True)
            if len(classes) == 1:
                raise InvalidDataError(f"y has one class only, {classes.tolist()[0]!r}: expected two or more")
            targets = np.array(label_texts(classes), object)[codes]
        else:
            classes, targets = None, check_numbers(y)
        self._train(task, self._make_dataset(task, X, targets.tolist(), options), options)
        if classes is not None:
            self.classes_ = classes
        return self

    def _train(self, task: AnyTask, dataset: "Dataset", options: "Options") -> None:
        run = Run.start(task.id, options, None if self.out is None else Path(self.out))
        with run.removed_if_empty():
            Trainer(task, registry().callbacks).train(run, dataset)
        self.bundle_ = Bundle.open(run.out, task, run.folder)

    @available_if(_finds_clusters)  # type: ignore[untyped-decorator]
    def fit_predict(self, X: Sequence[Input], y: None = None) -> np.ndarray:  # noqa: N803
        """Train, and return the clusters of the training data.

        Args:
            X: Raw inputs.
            y: Not used.

        Returns:
            Numbers from 0 of shape `(n,)`, -1 for noise.
        """
        return self.fit(X).labels_

    def _make_dataset(
        self,
        task: "LearnsFromExamples | LearnsFromTables[Options]",
        X: Sequence[Input],  # noqa: N803
        targets: Sequence[Any],
        options: "Options",
    ) -> "Dataset":
        if not isinstance(task, LearnsFromTables):
            inputs = as_inputs(X, "X")
            require_equal_lengths(inputs, targets)
            parts = {"train": task.make_examples(inputs, targets)}
            return SupervisedDataset(parts, options.seed, Findings(options.strict))
        rows = self._rows(task, X, fitting=True)
        require_equal_lengths(rows, targets)
        try:
            return task.make_dataset(rows, targets, options)
        except InputError as error:
            raise InvalidDataError(str(error)) from error

    def _inputs(self, X: Sequence[Input]) -> Sequence[Input]:  # noqa: N803
        """Return the raw inputs to predict for."""
        task = self.bundle_.task
        if isinstance(task, LearnsWithoutTargets):
            return task.make_inputs(X)
        return self._rows(task, X) if isinstance(task, LearnsFromTables) else as_inputs(X)

    def _rows(self, task: "LearnsFromTables[Options]", X: Sequence[Input], fitting: bool = False) -> "TableRows":  # noqa: N803
        """Return the rows of a table, checked as scikit-learn checks arrays."""
        try:
            rows = task.make_rows(check_table(self, X, fitting))
        except InputError as error:
            raise InvalidDataError(str(error)) from error
        require_finite(rows)
        return rows

    def predict(self, X: Sequence[Input]) -> np.ndarray:  # noqa: N803
        """Predict the label, the number or the cluster of each input.

        Args:
            X: Raw inputs.

        Returns:
            Labels, numbers or clusters of shape `(n,)`.

        Raises:
            InputError: If an input cannot be read. It is a `ValueError` too, where the columns of a table are others
                than those of the training.
        """
        check_is_fitted(self)
        predictions = self.bundle_.predict(self._inputs(X))
        task = self.bundle_.task
        if isinstance(task, LearnsWithoutTargets):
            return np.array(task.cluster_numbers(predictions), int)
        if not _predicts_labels(self):
            return np.array([p.value for p in predictions if isinstance(p, NumberPrediction)], float)
        labels = {text: index for index, text in enumerate(label_texts(self.classes_))}
        return self.classes_[[labels[p.label] for p in predictions if isinstance(p, LabelPrediction)] or slice(0)]

    @available_if(_predicts_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Sequence[Input]) -> np.ndarray:  # noqa: N803
        """Predict the calibrated probability of each label; of a clusterer the membership in each cluster.

        Args:
            X: Raw inputs.

        Returns:
            Probabilities of shape `(n, labels)`, in the order of `classes_`; of a clusterer degrees of membership of
            shape `(n, clusters)`: what a row lacks to 1 is noise.

        Raises:
            InputError: If an input cannot be read, or the task is neither a `ClassificationTask` nor finds clusters.
        """
        check_is_fitted(self)
        bundle, task, codec = self.bundle_, self.bundle_.task, self.bundle_.codec
        if isinstance(task, LearnsWithoutTargets):
            with bundle.reading_numbers():
                return np.asarray(task.memberships(bundle.predictor, codec, self._inputs(X)))
        if not isinstance(task, ClassificationTask) or not isinstance(codec, ClassificationCodec):
            raise InputError(f"{task.id} is no ClassificationTask and predicts no probabilities of all labels")
        order = [codec.labels.index(text) for text in label_texts(self.classes_)]
        inputs = self._inputs(X)
        if not len(inputs):
            return np.zeros((0, len(order)))
        with bundle.reading_numbers():
            return task.predict_probabilities(bundle.predictor, codec, inputs)[:, order]

    def score(
        self,
        X: Sequence[Input],  # noqa: N803
        y: Sequence[object],
        sample_weight: Sequence[float] | None = None,
    ) -> float:
        """Compare the predictions with the true labels or numbers.

        Args:
            X: Raw inputs.
            y: One true label or number per input.
            sample_weight: Weight of each input; by default all count the same.

        Returns:
            Accuracy, from 0 to 1; R² of a regressor, at most 1.

        Raises:
            InputError: If an input cannot be read.
        """
        metric = accuracy_score if _predicts_labels(self) else r2_score
        return float(metric(y, self.predict(X), sample_weight=sample_weight))

    def __sklearn_tags__(self) -> "Tags":
        tags = super().__sklearn_tags__()
        tags.target_tags.required = tags.input_tags.string = True
        if _predicts_labels(self):
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        elif _finds_clusters(self):
            tags.estimator_type, tags.target_tags.required = "clusterer", False
        else:
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        if isinstance(registry().task(self.task), LearnsFromTables):
            tags.input_tags.allow_nan = tags.input_tags.dict = True
        else:
            tags.input_tags.two_d_array, tags.input_tags.three_d_array = False, True
            tags.no_validation = True
        return tags
