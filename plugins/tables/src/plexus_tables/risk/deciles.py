"""Calibration by decile of the predicted probability."""

from typing import TYPE_CHECKING

import numpy as np

from plexus.metrics.recalibration import calibration_table

if TYPE_CHECKING:
    import polars as pl


def calibration_by_decile(probabilities: np.ndarray, outcomes: np.ndarray) -> "pl.DataFrame":
    """Compare predicted and observed bad rates in ten groups of about equal size, by rising probability.

    Args:
        probabilities: Probabilities of bad, shape `(n,)`.
        outcomes: 1 (bad) or 0 (good), shape `(n,)`.

    Returns:
        Columns `decile` (from 1), `cases`, `bad`, `mean_predicted`, `observed`, and `low` and `high`, the 95 %
        interval of the observed rate (Wilson 1927). Equal probabilities stay together, so that there may be fewer rows.
    """
    import polars as pl

    table = calibration_table(probabilities, outcomes, groups=np.arange(len(outcomes)))
    return table.select(
        decile=pl.int_range(1, table.height + 1),
        cases="rows",
        bad="cases",
        mean_predicted="mean_probability",
        observed="observed",
        low="observed_low",
        high="observed_high",
    )
