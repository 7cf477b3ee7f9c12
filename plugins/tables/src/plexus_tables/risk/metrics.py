"""Metrics of credit risk."""

import numpy as np

from plexus import Metric
from plexus.metrics.binary import check_binary
from plexus_tables.risk.cost_matrix import CostMatrix
from plexus_tables.risk.deciles import calibration_by_decile
from plexus_tables.risk.ranking import gini, h_measure, ks_statistic

RISK_METRICS = (
    Metric("cost_per_case", "Cost per case", baseline="trivial_cost_per_case", higher_is_better=False),
    Metric("trivial_cost_per_case", "Cost per case of the better trivial decision", higher_is_better=False),
    Metric("gini", "Gini coefficient"),
    Metric("ks", "Kolmogorov-Smirnov statistic"),
    Metric("h_measure", "H-measure at the severity ratio of the costs"),
    Metric("decile_calibration_error", "Calibration error over deciles", higher_is_better=False),
    Metric("approval_rate", "Share of approved cases", higher_is_better=None),
    Metric("approved_bad_rate", "Bad rate of the approved cases", higher_is_better=False),
)
"""Descriptions of the metrics that `risk_metrics` computes."""


def risk_metrics(
    probabilities: np.ndarray, outcomes: np.ndarray, cost_matrix: CostMatrix, threshold: float
) -> dict[str, float]:
    """Compute the metrics of a credit-risk model.

    Args:
        probabilities: Probabilities of bad, from 0 to 1, shape `(n,)`.
        outcomes: 1 (bad) or 0 (good), both present, shape `(n,)`.
        cost_matrix: Costs of the two errors.
        threshold: Probability from which a case is rejected, chosen on other rows.

    Returns:
        The metrics of `RISK_METRICS`, and the 95 % bootstrap interval of the cost per case (`cost_per_case_low`,
        `cost_per_case_high`). `approved_bad_rate` is 0 if no case is approved.

    Raises:
        InputError: If the probabilities or outcomes are invalid.
    """
    check_binary(probabilities, outcomes)
    low, high = cost_matrix.cost_interval(probabilities, outcomes, threshold)
    deciles = calibration_by_decile(probabilities, outcomes)
    gaps = (deciles["mean_predicted"] - deciles["observed"]).abs() * deciles["cases"]
    approved = probabilities < threshold
    return {
        "cost_per_case": cost_matrix.cost_per_case(probabilities, outcomes, threshold),
        "cost_per_case_low": low,
        "cost_per_case_high": high,
        "trivial_cost_per_case": cost_matrix.trivial_cost_per_case(outcomes),
        "gini": gini(probabilities, outcomes),
        "ks": ks_statistic(probabilities, outcomes),
        "h_measure": h_measure(probabilities, outcomes, cost_matrix.severity_ratio),
        "decile_calibration_error": float(gaps.sum()) / len(outcomes),
        "approval_rate": float(approved.mean()),
        "approved_bad_rate": float(outcomes[approved].mean()) if approved.any() else 0.0,
    }
