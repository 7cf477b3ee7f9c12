"""Metrics of regression."""

import numpy as np

from plexus.metric import Metric

REGRESSION_METRICS = (
    Metric("mae", "Mean absolute error", higher_is_better=False),
    Metric("r2", "Coefficient of determination R²"),
    Metric("mean_rmse", "RMSE of the mean", higher_is_better=False),
)
"""Descriptions of the metrics other than the root mean squared error. Errors are in the unit of the target."""


def regression_metrics(values: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Compute the metrics of predicted numbers.

    Args:
        values: Predicted numbers of shape `(n,)`.
        targets: True numbers of shape `(n,)`.

    Returns:
        `rmse` and `mae` in the unit of the target, `r2` (1 is perfect), and `mean_rmse`, the error of always predicting
        the mean.
    """
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    return {
        "rmse": float(root_mean_squared_error(targets, values)),
        "mae": float(mean_absolute_error(targets, values)),
        "r2": float(r2_score(targets, values)),
        "mean_rmse": float(targets.std()),
    }
