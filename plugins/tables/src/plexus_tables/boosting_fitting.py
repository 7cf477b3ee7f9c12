"""Gradient-boosted trees per fold, by scikit-learn."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np

from plexus.codec import Arrays
from plexus_tables.boosting_member import BoostingMember
from plexus_tables.decision_trees import TreeNodes, tree_features
from plexus_tables.member_fitting import ABSENT, row_losses

MAX_ROUNDS, ROUNDS, PATIENCE = 400, 50, 75
"""Most rounds, rounds that are added at once, and rounds without a lower loss out of fold after which fitting ends."""
MAX_TREES = 20_000
"""Most trees of all folds: with many labels there are fewer rounds."""
LARGE_ROWS = 3000
"""Rows, times the trees of a round, from which the faster histogram-based boosting is used."""
SMALL_TABLES: tuple[Mapping[str, Any], ...] = (
    {"learning_rate": 0.05, "max_depth": 3, "min_samples_leaf": 5, "subsample": 0.7, "max_features": 0.4},
    {"learning_rate": 0.1, "max_depth": 5, "min_samples_leaf": 5, "subsample": 0.7, "max_features": 0.4},
)
"""Settings of scikit-learn's `GradientBoosting…`, of which the best ones out of fold are taken: samples of rows and
features (stochastic gradient boosting, Friedman 2002).

All settings here were chosen by the loss out of fold on eight sets of `benchmarks/table_sets.py` (pima_diabetes,
german_credit, concrete, vehicle, segment, churn, computers and hpc_jobs), and by the time that they take.
"""
LARGE_TABLES: tuple[Mapping[str, Any], ...] = (
    {"learning_rate": 0.1, "max_depth": 8, "l2_regularization": 1.0, "max_features": 0.5, "early_stopping": False},
)
"""Settings of scikit-learn's `HistGradientBoosting…`."""


class _FoldModels:
    """The models of all folds, with the same number of rounds: the best one out of fold.

    The early stopping of scikit-learn would hold out further rows of each fold, and choose a number per fold.

    Args:
        x: Features of shape `(n, features)`.
        targets: Classes, or standardized numbers, shape `(n,)`.
        labels: Number of labels; 1 for numbers.
        folds: Fold of each row, shape `(n,)`.
        settings: Settings of the models.
        seed: Random seed.
    """

    def __init__(
        self, x: np.ndarray, targets: np.ndarray, labels: int, folds: np.ndarray, settings: Mapping[str, Any], seed: int
    ) -> None:
        self.x, self.targets, self.labels, self.folds = x, targets, labels, folds
        self.models = [
            _unfitted_model(labels, settings, seed + fold) if self._can_be_fitted(fold) else None
            for fold in range(int(folds.max()) + 1)
        ]
        self.losses: list[float] = []
        self.step = ROUNDS

    @property
    def rounds(self) -> int:
        """The best number of rounds."""
        return int(np.argmin(self.losses)) + 1

    def fit(self, threads: int) -> None:
        """Add rounds until the loss out of fold improves no more.

        Args:
            threads: Folds that are fitted at the same time.
        """
        trees_per_round = len(self.models) * _trees_per_round(self.labels)
        most = min(MAX_ROUNDS, max(MAX_TREES // trees_per_round, 1))
        self.step = min(ROUNDS, most)
        with ThreadPoolExecutor(threads) as pool:
            while not self.losses or (
                len(self.losses) + self.step <= most and len(self.losses) < self.rounds + PATIENCE
            ):
                losses = list(pool.map(self._add_rounds, range(len(self.models))))
                self.losses += (np.sum(losses, axis=0) / len(self.targets)).tolist()

    def member(self) -> BoostingMember:
        """Return the trees of the best number of rounds.

        Returns:
            The member.
        """
        bias = np.full((len(self.models), self.labels), ABSENT if self.labels > 1 else 0.0)
        trees: list[tuple[int, TreeNodes]] = []
        for fold, model in enumerate(self.models):
            classes = np.zeros(1, int) if self.labels == 1 else np.unique(self.targets[self.folds != fold])
            bias[fold, classes] = 0.0
            if model is None:
                continue
            # Of two labels there is one sum, the logit of the second one; the logit of the first one is 0.
            places = classes[1:] if len(classes) == 2 and self.labels > 1 else classes
            bias[fold, places] = _constants(model, len(places))
            for trees_of_round in _trees(model)[: self.rounds]:
                trees += [
                    (fold * self.labels + int(place), nodes)
                    for place, nodes in zip(places, trees_of_round, strict=True)
                ]
        return BoostingMember.from_trees(trees or [(0, _empty_tree())], bias)

    def _can_be_fitted(self, fold: int) -> bool:
        return self.labels == 1 or len(np.unique(self.targets[self.folds != fold])) > 1

    def _add_rounds(self, fold: int) -> np.ndarray:
        """Add rounds to the model of a fold, and return the loss of the rows held out after each, summed."""
        from threadpoolctl import threadpool_limits

        model, held_out = self.models[fold], self.folds == fold
        if model is None:
            return np.zeros(self.step)
        done = len(self.losses)
        name = "n_estimators" if hasattr(model, "n_estimators") else "max_iter"
        with threadpool_limits(1):  # folds are fitted side by side
            model.set_params(**{name: done + self.step}).fit(self.x[~held_out], self.targets[~held_out])
            stages = islice(self._stages(model, self.x[held_out]), done, None)
            return np.array([row_losses(stage, self.targets[held_out]).sum() for stage in stages])

    def _stages(self, model: Any, x: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the predictions after each round."""
        if self.labels == 1:
            yield from (stage[:, None] for stage in model.staged_predict(x))
            return
        for stage in model.staged_predict_proba(x):
            probabilities = np.zeros((len(x), self.labels))
            probabilities[:, model.classes_] = stage
            yield probabilities


def fit_boosting(
    arrays: Arrays, targets: np.ndarray, labels: int, folds: np.ndarray, seed: int, threads: int
) -> BoostingMember:
    """Fit gradient-boosted trees.

    Args:
        arrays: The arrays of the training rows.
        targets: Classes, or standardized numbers, shape `(n,)`.
        labels: Number of labels; 1 for numbers.
        folds: Fold of each row, shape `(n,)`.
        seed: Random seed.
        threads: CPU threads.

    Returns:
        The member, with the settings and the number of rounds that are best out of fold.
    """
    x = tree_features(arrays)
    is_large = len(targets) * _trees_per_round(labels) >= LARGE_ROWS
    candidates = [
        _FoldModels(x, targets, labels, folds, settings, seed)
        for settings in (LARGE_TABLES if is_large else SMALL_TABLES)
    ]
    for models in candidates:
        models.fit(threads)
    return min(candidates, key=lambda models: min(models.losses)).member()


def _trees_per_round(labels: int) -> int:
    return labels if labels > 2 else 1


def _unfitted_model(labels: int, settings: Mapping[str, Any], seed: int) -> Any:
    from sklearn import ensemble

    kind = "Regressor" if labels == 1 else "Classifier"
    make = getattr(ensemble, f"GradientBoosting{kind}" if "subsample" in settings else f"HistGradientBoosting{kind}")
    return make(warm_start=True, random_state=seed, **settings)


def _constants(model: Any, count: int) -> np.ndarray:
    """Return the constants that the trees are added to: logits of the shares of the labels, or the mean."""
    if hasattr(model, "estimators_"):
        if not hasattr(model, "classes_"):
            return np.asarray(model.init_.constant_).ravel()
        logits = np.log(model.init_.class_prior_)
        return logits if count > 1 else np.diff(logits)
    return np.asarray(model._baseline_prediction).ravel()


def _trees(model: Any) -> list[list[TreeNodes]]:
    """Return the trees of each round, one per sum; those of `HistGradientBoosting…` have no public name."""
    if hasattr(model, "estimators_"):
        return [[_scaled_nodes(tree.tree_, model.learning_rate) for tree in trees] for trees in model.estimators_]
    return [[_histogram_nodes(predictor.nodes) for predictor in trees] for trees in model._predictors]


def _scaled_nodes(tree: Any, learning_rate: float) -> TreeNodes:
    nodes = TreeNodes.of_tree(tree, [0], 1)
    return nodes._replace(values=nodes.values * learning_rate)


def _histogram_nodes(nodes: np.ndarray) -> TreeNodes:
    """Return the nodes of a tree of `HistGradientBoosting…`, without the side of missing features: there are none."""
    leaf = nodes["is_leaf"] == 1
    left, right = (np.where(leaf, -1, nodes[name].astype(np.int64)) for name in ("left", "right"))
    depth = int(nodes["depth"].max())
    return TreeNodes(left, right, nodes["feature_idx"], nodes["num_threshold"], nodes["value"][:, None], depth)


def _empty_tree() -> TreeNodes:
    none = np.array([-1])
    return TreeNodes(none, none, np.zeros(1, int), np.zeros(1), np.zeros((1, 1)), 0)
