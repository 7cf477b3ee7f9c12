"""The peers in `benchmarks/tables.py`: linear models, a random forest, EBM and gradient-boosted trees.

Each has `fit(columns, target)`, `predict(columns)` (class probabilities, or values) and, for the threshold of a set
with costs, `out_of_fold()`: the class probabilities of the training rows by models that were not fitted on them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

INNER_FOLDS = 5


@dataclass(frozen=True)
class Budget:
    """Limits of one model on one outer fold.

    Attributes:
        task: `binary`, `multiclass` or `regression`.
        seconds: Time to fit, hyperparameter search included.
        trials: Most trials of a hyperparameter search.
        threads: Threads to fit and predict with.
        seed: Seed of the model and of its inner folds.
    """

    task: str
    seconds: float
    trials: int
    threads: int
    seed: int

    @property
    def classifies(self) -> bool:
        """Whether the target is a class."""
        return self.task != "regression"

    def inner_folds(self, target: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Split the training rows: pairs of row indices to fit on and to predict."""
        from sklearn.model_selection import KFold, StratifiedKFold

        kind = StratifiedKFold if self.classifies else KFold
        return kind(INNER_FOLDS, shuffle=True, random_state=self.seed).split(target, target)

    def loss(self, target: np.ndarray, prediction: np.ndarray) -> float:
        """Return what the search minimizes: log loss or RMSE."""
        from sklearn.metrics import log_loss, root_mean_squared_error

        if self.classifies:
            return log_loss(target, prediction, labels=np.arange(prediction.shape[1]))
        return root_mean_squared_error(target, prediction)


class SklearnModel:
    """A scikit-learn estimator with settings of its own, without a search."""

    def __init__(self, budget: Budget, build: Callable[[Budget, pd.DataFrame], object]) -> None:
        self.budget, self.build = budget, build

    def fit(self, columns: pd.DataFrame, target: np.ndarray) -> "SklearnModel":
        """Fit on the rows of an outer fold."""
        self.rows = columns, target
        self.estimator = self.build(self.budget, columns).fit(columns, target)
        return self

    def predict(self, columns: pd.DataFrame) -> np.ndarray:
        """Return probabilities (rows, classes), or values (rows,)."""
        return predict(self.estimator, columns)

    def out_of_fold(self) -> np.ndarray:
        """Return the probabilities of the training rows, each by an estimator that was not fitted on it."""
        from sklearn.base import clone
        from sklearn.model_selection import cross_val_predict

        folds = list(self.budget.inner_folds(self.rows[1]))
        return cross_val_predict(clone(self.estimator), *self.rows, cv=folds, method="predict_proba")


def predict(model: Any, columns: pd.DataFrame) -> np.ndarray:
    """Return probabilities (rows, classes), or values (rows,), in float64."""
    if not hasattr(model, "predict_proba"):
        return np.asarray(model.predict(columns), np.float64)
    probabilities = np.asarray(model.predict_proba(columns), np.float64)
    return probabilities / probabilities.sum(axis=1, keepdims=True)


def encode(columns: pd.DataFrame, scales: bool):
    """Return a transformer: categories as indicator columns, gaps filled with the median and marked."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    categorical = columns.select_dtypes("category").columns
    steps = [SimpleImputer(add_indicator=True, strategy="median"), *([StandardScaler()] if scales else [])]
    return make_column_transformer(
        (make_pipeline(*steps), columns.columns.difference(categorical)),
        (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5, sparse_output=False), categorical),
    )


def build_linear(budget: Budget, columns: pd.DataFrame):
    """Logistic or ridge regression; the inner folds choose the strength of the penalty."""
    from sklearn.linear_model import LogisticRegressionCV, RidgeCV
    from sklearn.pipeline import make_pipeline

    if not budget.classifies:
        return make_pipeline(encode(columns, scales=True), RidgeCV(np.logspace(-2, 4, 25)))
    model = LogisticRegressionCV(
        Cs=np.logspace(-3, 2, 11),
        l1_ratios=(0,),
        cv=INNER_FOLDS,
        scoring="neg_log_loss",
        max_iter=2000,
        use_legacy_attributes=False,
    )
    return make_pipeline(encode(columns, scales=True), model)


def build_forest(budget: Budget, columns: pd.DataFrame):
    """Random forest of 500 trees, with leaves of two rows or more."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.pipeline import make_pipeline

    settings = {"min_samples_leaf": 2, "n_jobs": budget.threads, "random_state": budget.seed}
    if budget.classifies:
        forest = RandomForestClassifier(500, **settings)
    else:
        forest = RandomForestRegressor(500, max_features=1 / 3, **settings)
    return make_pipeline(encode(columns, scales=False), forest)


def build_ebm(budget: Budget, _columns: pd.DataFrame):
    """Explainable boosting machine (Nori et al. 2019) with its defaults."""
    from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor

    kind = ExplainableBoostingClassifier if budget.classifies else ExplainableBoostingRegressor
    return kind(n_jobs=budget.threads, random_state=budget.seed)
