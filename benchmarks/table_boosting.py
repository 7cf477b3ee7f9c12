"""LightGBM, XGBoost and CatBoost for `benchmarks/tables.py`: tuned by Optuna, bagged, and an ensemble of the three."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from table_models import Budget, predict

EARLY_STOPPING_ROUNDS = 50
MAX_TREES = 2000

Rows = tuple[pd.DataFrame, np.ndarray]
Parameters = dict[str, Any]


@dataclass(frozen=True)
class Library:
    """How a library is fitted and searched.

    Attributes:
        fit: Fits on the first rows and stops early on the second.
        space: Suggests the hyperparameters of a trial.
        defaults: Hyperparameters of the first trial, one for each in `space`.
        prepare: Converts the columns into what the library reads.
    """

    fit: Callable[[Budget, Parameters, Rows, Rows], Any]
    space: Callable[[Any], Parameters]
    defaults: Parameters
    prepare: Callable[[pd.DataFrame], pd.DataFrame] = lambda columns: columns


class BoostedTrees:
    """Gradient-boosted trees: the mean of one model for each inner fold, stopped early on the rows left out.

    Optuna (TPE) searches the hyperparameters by the mean loss of the inner folds; a median pruner ends bad trials
    early. The first trial has the settings of `Library.defaults`; without a search it is the only one.
    """

    def __init__(self, budget: Budget, library: Library, searches: bool = True) -> None:
        self.budget, self.library, self.searches = budget, library, searches
        self.trials, self.best = 0, np.inf

    def fit(self, columns: pd.DataFrame, target: np.ndarray) -> "BoostedTrees":
        """Search the hyperparameters and keep the models of the best trial."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.columns, self.target = self.library.prepare(columns), target
        self.deadline = time.monotonic() + self.budget.seconds
        study = optuna.create_study(
            sampler=optuna.samplers.TPESampler(seed=self.budget.seed),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=5),
        )
        study.enqueue_trial(self.library.defaults)
        trials = self.budget.trials if self.searches else 1
        study.optimize(self._try, n_trials=trials, timeout=self.budget.seconds)
        self.trials = len(study.trials)
        return self

    def predict(self, columns: pd.DataFrame) -> np.ndarray:
        """Return probabilities (rows, classes), or values (rows,)."""
        return np.mean([predict(model, self.library.prepare(columns)) for model in self.models], axis=0)

    def out_of_fold(self) -> np.ndarray:
        """Return the predictions of the training rows in the best trial."""
        return self.predictions

    def _try(self, trial: Any) -> float:
        """Return the mean loss of one trial."""
        import optuna

        parameters, folds = self.library.space(trial), list(self.budget.inner_folds(self.target))
        models, predictions, losses = [], [], []
        for step, (train, val) in enumerate(folds):
            parts = [(self.columns.iloc[rows], self.target[rows]) for rows in (train, val)]
            models.append(self.library.fit(self.budget, parameters, *parts))
            predictions.append(predict(models[-1], parts[1][0]))
            losses.append(self.budget.loss(self.target[val], predictions[-1]))
            trial.report(np.mean(losses), step)
            # The first trial always ends, so that there is a model however small the budget is.
            if trial.number and (trial.should_prune() or time.monotonic() > self.deadline):
                raise optuna.TrialPruned
        if np.mean(losses) < self.best:
            self.best, self.models = np.mean(losses), models
            order = np.argsort(np.concatenate([val for _, val in folds]))
            self.predictions = np.concatenate(predictions)[order]
        return np.mean(losses)


class BoostedEnsemble:
    """LightGBM, XGBoost and CatBoost, a third of the time each, weighted by their out-of-fold predictions.

    The weights come from greedy selection with replacement (Caruana et al. 2004, "Ensemble selection from libraries of
    models", section 2).
    """

    ROUNDS = 30

    def __init__(self, budget: Budget) -> None:
        share = replace(budget, seconds=budget.seconds / len(LIBRARIES))
        self.budget, self.members = budget, [BoostedTrees(share, library) for library in LIBRARIES.values()]

    def fit(self, columns: pd.DataFrame, target: np.ndarray) -> "BoostedEnsemble":
        """Fit the members, then their weights."""
        predictions = np.stack([member.fit(columns, target).out_of_fold() for member in self.members])
        counts = np.zeros(len(self.members))
        for _ in range(self.ROUNDS):
            candidates = (counts + np.eye(len(counts))) / (counts.sum() + 1)
            losses = [self.budget.loss(target, np.tensordot(weights, predictions, 1)) for weights in candidates]
            counts[np.argmin(losses)] += 1
        self.weights = counts / counts.sum()
        self.predictions = np.tensordot(self.weights, predictions, 1)
        self.trials = min(member.trials for member in self.members)
        return self

    def predict(self, columns: pd.DataFrame) -> np.ndarray:
        """Return probabilities (rows, classes), or values (rows,)."""
        return np.tensordot(self.weights, np.stack([member.predict(columns) for member in self.members]), 1)

    def out_of_fold(self) -> np.ndarray:
        """Return the weighted predictions of the training rows."""
        return self.predictions


def fit_lightgbm(budget: Budget, parameters: Parameters, train: Rows, val: Rows) -> Any:
    """Fit LightGBM, which reads categorical columns and gaps itself."""
    import lightgbm

    kind = lightgbm.LGBMClassifier if budget.classifies else lightgbm.LGBMRegressor
    model = kind(
        n_estimators=MAX_TREES,
        subsample_freq=1,
        n_jobs=budget.threads,
        random_state=budget.seed,
        verbose=-1,
        **parameters,
    )
    stopping = lightgbm.early_stopping(EARLY_STOPPING_ROUNDS, verbose=False)
    return model.fit(*train, eval_X=val[0], eval_y=val[1], callbacks=[stopping])


def lightgbm_space(trial: Any) -> Parameters:
    """Suggest the hyperparameters of LightGBM."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.2, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 4, 128, log=True),
        "min_child_samples": trial.suggest_int("min_child_samples", 2, 100, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.3, 1),
        "reg_lambda": trial.suggest_float("reg_lambda", 1e-3, 30, log=True),
        "cat_smooth": trial.suggest_float("cat_smooth", 1, 100, log=True),
    }


def fit_xgboost(budget: Budget, parameters: Parameters, train: Rows, val: Rows) -> Any:
    """Fit XGBoost, which reads categorical columns and gaps itself."""
    import xgboost

    kind = xgboost.XGBClassifier if budget.classifies else xgboost.XGBRegressor
    model = kind(
        n_estimators=MAX_TREES,
        early_stopping_rounds=EARLY_STOPPING_ROUNDS,
        enable_categorical=True,
        n_jobs=budget.threads,
        random_state=budget.seed,
        **parameters,
    )
    return model.fit(*train, eval_set=[val], verbose=False)


def xgboost_space(trial: Any) -> Parameters:
    """Suggest the hyperparameters of XGBoost."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.2, log=True),
        "max_depth": trial.suggest_int("max_depth", 2, 8),
        "min_child_weight": trial.suggest_float("min_child_weight", 0.1, 30, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.3, 1),
        "reg_lambda": trial.suggest_float("reg_lambda", 1e-3, 30, log=True),
    }


def fit_catboost(budget: Budget, parameters: Parameters, train: Rows, val: Rows) -> Any:
    """Fit CatBoost, which reads categorical columns without gaps."""
    import catboost

    kind = catboost.CatBoostClassifier if budget.classifies else catboost.CatBoostRegressor
    model = kind(
        iterations=MAX_TREES,
        early_stopping_rounds=EARLY_STOPPING_ROUNDS,
        cat_features=train[0].select_dtypes("category").columns.tolist(),
        thread_count=budget.threads,
        random_seed=budget.seed,
        allow_writing_files=False,
        verbose=False,
        **parameters,
    )
    return model.fit(*train, eval_set=val)


def catboost_space(trial: Any) -> Parameters:
    """Suggest the hyperparameters of CatBoost."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.2, log=True),
        "depth": trial.suggest_int("depth", 3, 8),
        "l2_leaf_reg": trial.suggest_float("l2_leaf_reg", 0.5, 30, log=True),
        "random_strength": trial.suggest_float("random_strength", 0.1, 10, log=True),
        "bagging_temperature": trial.suggest_float("bagging_temperature", 0, 1),
    }


def name_gaps(columns: pd.DataFrame) -> pd.DataFrame:
    """Make a missing category a level of its own."""
    categorical = columns.select_dtypes("category")
    return columns.assign(
        **{name: column.cat.add_categories("(missing)").fillna("(missing)") for name, column in categorical.items()}
    )


SAMPLING = {"learning_rate": 0.05, "subsample": 0.8, "colsample_bytree": 0.8, "reg_lambda": 1.0}

LIBRARIES = {
    "lightgbm": Library(
        fit_lightgbm, lightgbm_space, SAMPLING | {"num_leaves": 8, "min_child_samples": 20, "cat_smooth": 10.0}
    ),
    "xgboost": Library(fit_xgboost, xgboost_space, SAMPLING | {"max_depth": 3, "min_child_weight": 1.0}),
    "catboost": Library(
        fit_catboost,
        catboost_space,
        {"learning_rate": 0.06, "depth": 5, "l2_leaf_reg": 3.0, "random_strength": 1.0, "bagging_temperature": 1.0},
        name_gaps,
    ),
}
