"""A scorecard in points, that is fitted to a model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus_tables.risk.weight_of_evidence import WeightOfEvidence

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Scorecard:
    """Points per bin of each column, whose sum is the score of a row (Siddiqi 2006, chapter 6, "Scorecard Scaling").

    A linear regression with coefficients of at least 0 on the weights of evidence is fitted to the log-odds of the
    model, so that the scorecard repeats the model's ranking rather than the outcomes (distillation). Points are
    whole numbers: a score can be added up by hand. Higher scores mean lower risk.

    Args:
        binnings: Bins of each column of the scorecard.
        points: Points per bin, in the order of the bins, for each column.
        pdo: Points that double the odds of good to bad, above 0.
        base_score: Score at the base odds.
        base_odds: Odds of good to bad at the base score, above 0.

    Example:
        ```python
        card = Scorecard.fit(table, bin_columns(table, outcomes), log_odds)
        card.table()  # columns column, bin, points
        card.score(table)  # array([512, 587, ...])
        ```
    """

    binnings: tuple[WeightOfEvidence, ...]
    points: tuple[tuple[int, ...], ...]
    pdo: float = 20.0
    base_score: float = 600.0
    base_odds: float = 50.0

    @classmethod
    def fit(
        cls,
        table: "pl.DataFrame",
        binnings: Sequence[WeightOfEvidence],
        log_odds: np.ndarray,
        pdo: float = 20.0,
        base_score: float = 600.0,
        base_odds: float = 50.0,
    ) -> Self:
        """Fit the points to the log-odds of a model.

        Args:
            table: Training rows with the columns of the bins.
            binnings: Bins of the columns; a column that the regression leaves out is none of the scorecard.
            log_odds: The model's log-odds of bad, finite, shape `(n,)`.
            pdo: Points that double the odds of good to bad, above 0.
            base_score: Score at the base odds.
            base_odds: Odds of good to bad at the base score, above 0.

        Returns:
            The scorecard.
        """
        from sklearn.linear_model import LinearRegression

        weights = np.column_stack([binning.transform(table[binning.column]) for binning in binnings])
        # A negative coefficient would turn a column's points against the risk of its bins.
        model = LinearRegression(positive=True).fit(weights, -log_odds)
        chosen = np.flatnonzero(model.coef_ > 0).tolist() or [0]
        factor, offset = _factor(pdo), _offset(pdo, base_score, base_odds)
        share = (offset + factor * float(model.intercept_)) / len(chosen)
        points = [share + factor * model.coef_[i] * binnings[i].weights for i in chosen]
        whole = tuple(tuple(np.rint(column).astype(int).tolist()) for column in points)
        return cls(tuple(binnings[i] for i in chosen), whole, pdo, base_score, base_odds)

    def score(self, table: "pl.DataFrame") -> np.ndarray:
        """Add up the points of each row.

        Args:
            table: Rows with the columns of the scorecard.

        Returns:
            Scores of shape `(n,)`.
        """
        scores = np.zeros(table.height, int)
        for binning, points in zip(self.binnings, self.points, strict=True):
            scores += np.array(points)[binning.bin_indices(table[binning.column])]
        return scores

    def log_odds(self, scores: np.ndarray) -> np.ndarray:
        """Convert scores to log-odds.

        Args:
            scores: Scores of shape `(n,)`.

        Returns:
            Log-odds of bad, shape `(n,)`.
        """
        return np.asarray((_offset(self.pdo, self.base_score, self.base_odds) - scores) / _factor(self.pdo))

    def fidelity(self, table: "pl.DataFrame", log_odds: np.ndarray, outcomes: np.ndarray) -> dict[str, float]:
        """Compute how well the scorecard replaces the model, best on rows that it was not fitted to.

        Args:
            table: Rows with the columns of the scorecard.
            log_odds: The model's log-odds of bad, shape `(n,)`.
            outcomes: 1 (bad) or 0 (good), both present, shape `(n,)`.

        Returns:
            `r2` (coefficient of determination of the model's log-odds; 1 is perfect, 0 if they are all equal),
            `roc_auc` and `model_roc_auc`, and `roc_auc_difference`, that of the scorecard minus that of the model.
        """
        from sklearn.metrics import r2_score, roc_auc_score

        own = self.log_odds(self.score(table))
        auc, model_auc = float(roc_auc_score(outcomes, own)), float(roc_auc_score(outcomes, log_odds))
        r2 = float(r2_score(log_odds, own)) if np.ptp(log_odds) > 1e-9 else 0.0
        metrics = {"r2": r2, "roc_auc": auc, "model_roc_auc": model_auc}
        return metrics | {"roc_auc_difference": auc - model_auc}

    def table(self) -> "pl.DataFrame":
        """Return the scorecard as a table.

        Returns:
            Columns `column`, `bin` and `points`.
        """
        import polars as pl

        rows = [
            {"column": binning.column, "bin": name, "points": value}
            for binning, points in zip(self.binnings, self.points, strict=True)
            for name, value in zip(binning.bins, points, strict=True)
        ]
        return pl.DataFrame(rows)


def _factor(pdo: float) -> float:
    return pdo / math.log(2)


def _offset(pdo: float, base_score: float, base_odds: float) -> float:
    """Return the score at even odds."""
    return base_score - _factor(pdo) * math.log(base_odds)
