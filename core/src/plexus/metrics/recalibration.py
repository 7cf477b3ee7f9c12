"""Calibration of the probabilities of a binary outcome, by logistic recalibration and by bins."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.metrics.intervals import group_proportion_interval

if TYPE_CHECKING:
    import polars as pl

BINS = 10
MIN_PROBABILITY = 1e-6
"""Probabilities nearer to 0 and 1 are moved here, as those of 0 and 1 have no log odds."""
MAX_SLOPE_ERROR = 5.0
"""Standard error from which a calibration slope is not defined: its interval is wider than from -9 to 11."""


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Compute log odds.

    `scipy.special.logit` is not used: prediction imports NumPy and ONNX Runtime only.

    Args:
        probabilities: Probabilities of any shape; those nearer to 0 or 1 than 1e-6 count as 1e-6 from it.

    Returns:
        Log odds of the same shape, in float64.
    """
    clipped = np.clip(probabilities.astype(np.float64), MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))


def logistic_recalibration(probabilities: np.ndarray, outcomes: np.ndarray) -> tuple[float, float]:
    """Fit the logistic regression of the outcome on the log odds of its probability (Cox 1958).

    scikit-learn's logistic regression takes eight times as long, and intervals fit a thousand. A test compares the two.

    The slope is the calibration slope: below 1, probabilities are too extreme, as those of an overfitted model are;
    above 1, they are not extreme enough (Van Calster et al. 2019, doi:10.1186/s12916-019-1466-7).

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.

    Returns:
        Slope and intercept of the regression, 1 and 0 for calibrated probabilities; NaN if it has no finite solution:
        there is one outcome or one probability only, or a threshold separates the outcomes. NaN, too, if the
        probabilities differ so little that the standard error of the slope is larger than `MAX_SLOPE_ERROR`, where
        `val.prob` of R's rms returns a slope of thousands.
    """
    from scipy.optimize import root
    from scipy.special import expit

    cases, others = probabilities[outcomes == 1], probabilities[outcomes == 0]
    if not (len(cases) and len(others)) or cases.min() >= others.max() or cases.max() <= others.min():
        return np.nan, np.nan
    logits = log_odds(probabilities)
    # The standardized log odds, with which Newton's method starts near the solution whatever their scale is.
    center, scale = float(logits.mean()), float(logits.std())
    x = (logits - center) / scale
    # Both means are 0 at the maximum of the likelihood.
    fit = root(
        lambda ab: _gradient(x, outcomes, expit(ab[0] + ab[1] * x)),
        [np.log(len(cases) / len(others)), scale],
        jac=lambda ab: _hessian(x, expit(ab[0] + ab[1] * x)),
    )
    if not fit.success:
        return np.nan, np.nan
    slope = float(fit.x[1]) / scale
    if not _slope_error(x, expit(fit.x[0] + fit.x[1] * x)) / scale <= MAX_SLOPE_ERROR:
        return np.nan, np.nan
    return slope, float(fit.x[0]) - slope * center


def calibration_intercept(probabilities: np.ndarray, outcomes: np.ndarray) -> float:
    """Fit the intercept of the logistic recalibration whose slope is 1: calibration-in-the-large.

    Above 0, probabilities are too low on average; below 0, too high (Van Calster et al. 2019). scikit-learn's logistic
    regression has no offset.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.

    Returns:
        The intercept, in log odds; NaN if there is one outcome only.
    """
    from scipy.optimize import brentq
    from scipy.special import expit

    prevalence, logits = float(outcomes.mean()), log_odds(probabilities)
    if prevalence in (0.0, 1.0):
        return np.nan
    # The mean probability grows with the intercept; at these two, all are below and all above the prevalence.
    target = np.log(prevalence / (1 - prevalence))
    low, high = target - logits.max() - 1, target - logits.min() + 1
    return float(brentq(lambda intercept: float(np.mean(expit(logits + intercept))) - prevalence, low, high))


def observed_expected_ratio(probabilities: np.ndarray, outcomes: np.ndarray) -> float:
    """Compute the ratio of the observed to the expected number of outcomes.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.

    Returns:
        The ratio: 1 if probabilities are right on average, above 1 if they are too low; NaN without rows.
    """
    return float(outcomes.sum() / max(float(probabilities.sum()), MIN_PROBABILITY)) if len(outcomes) else np.nan


def calibration_table(probabilities: np.ndarray, outcomes: np.ndarray, groups: np.ndarray) -> "pl.DataFrame":
    """Compute the observed frequency of the outcome by deciles of its probability.

    `sklearn.calibration.calibration_curve` returns neither counts nor intervals.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, shape `(n,)`.
        groups: Group of each row, such as its patient, shape `(n,)`.

    Returns:
        A row per bin, fewer than ten where many probabilities are equal: `rows`, `cases`, `mean_probability`,
        `observed`, and its 95 % interval `observed_low` and `observed_high`.
    """
    import polars as pl

    edges = np.unique(np.quantile(probabilities, np.linspace(0, 1, BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, probabilities, side="left")
    return pl.DataFrame([_bin(probabilities[rows], outcomes[rows], groups[rows]) for rows in _members(bins)])


def _members(bins: np.ndarray) -> list[np.ndarray]:
    return [np.flatnonzero(bins == index) for index in np.unique(bins)]


def _bin(probabilities: np.ndarray, outcomes: np.ndarray, groups: np.ndarray) -> dict[str, float]:
    low, high = group_proportion_interval(outcomes == 1, groups)
    return {
        "rows": len(outcomes),
        "cases": int(outcomes.sum()),
        "mean_probability": float(probabilities.mean()),
        "observed": float(outcomes.mean()),
        "observed_low": low,
        "observed_high": high,
    }


def _gradient(x: np.ndarray, outcomes: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    residuals = fitted - outcomes
    return np.array([residuals.mean(), (residuals * x).mean()])


def _hessian(x: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    weights = fitted * (1 - fitted)
    mixed = (weights * x).mean()
    return np.array([[weights.mean(), mixed], [mixed, (weights * x**2).mean()]])


def _slope_error(x: np.ndarray, fitted: np.ndarray) -> float:
    """Return the standard error of the slope by the Fisher information; infinite if there is no information."""
    (of_intercept, mixed), (_, of_slope) = len(x) * _hessian(x, fitted)
    determinant = of_intercept * of_slope - mixed**2
    return float(np.sqrt(of_intercept / determinant)) if determinant > 0 else np.inf
