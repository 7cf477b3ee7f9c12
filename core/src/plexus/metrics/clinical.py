"""Metrics of a model that predicts a binary outcome of patients."""

from collections.abc import Sequence

import numpy as np

from plexus.errors import InputError
from plexus.metric import Metric
from plexus.metrics.binary import binary_metrics, check_binary, predictive_values, roc_auc_interval
from plexus.metrics.intervals import group_bootstrap_interval, group_proportion_interval
from plexus.metrics.operating_points import OperatingPoints
from plexus.metrics.recalibration import calibration_intercept, logistic_recalibration, observed_expected_ratio

STATED = 0.9
"""Default of the stated sensitivity."""
SPECIFICITIES = (0.9, 0.95)
"""Default of the stated specificities."""
CLINICAL_METRICS = (
    Metric("roc_auc", "Area under the ROC curve"),
    Metric("average_precision", "Average precision", baseline="prevalence"),
    Metric("brier", "Brier score", baseline="prevalence_brier", higher_is_better=False),
    Metric("log_loss", unit="nats", higher_is_better=False),
    Metric("calibration_slope", "Calibration slope (1 is best)", higher_is_better=None),
    Metric("calibration_intercept", "Calibration intercept at slope 1 (0 is best)", higher_is_better=None),
    Metric("observed_expected", "Observed to expected outcomes (1 is best)", higher_is_better=None),
    Metric("sensitivity_at_specificity_90", "Sensitivity at a specificity of 90 %"),
    Metric("sensitivity_at_specificity_95", "Sensitivity at a specificity of 95 %"),
    Metric("specificity_at_sensitivity_90", "Specificity at a sensitivity of 90 %"),
    Metric("threshold", "Threshold of the probability", higher_is_better=None),
    Metric("sensitivity", "Sensitivity at the threshold"),
    Metric("specificity", "Specificity at the threshold"),
    Metric("ppv", "Positive predictive value (PPV)"),
    Metric("npv", "Negative predictive value (NPV)"),
    Metric("ppv_prevalence", "Prevalence for which PPV and NPV are", higher_is_better=None),
    Metric("prevalence", "Prevalence of the outcome", higher_is_better=None),
    Metric("prevalence_brier", "Brier score of predicting the prevalence", higher_is_better=False),
)
"""Descriptions of the metrics of `clinical_metrics`."""


def clinical_metrics(
    probabilities: np.ndarray,
    outcomes: np.ndarray,
    groups: np.ndarray | None = None,
    *,
    specificity: float | Sequence[float] = SPECIFICITIES,
    sensitivity: float = STATED,
    prevalence: float | None = None,
    threshold: float,
) -> dict[str, float]:
    """Compute discrimination, calibration and the results at a threshold, with 95 % intervals.

    Intervals come from resampled groups; those of `sensitivity`, `specificity`, `ppv` and `npv` are Wilson's for the
    effective number of rows. At a stated prevalence, those of `ppv` and `npv` combine the bounds of sensitivity and
    specificity, and cover more than 95 %. A metric without a value, as the calibration slope of outcomes that a
    threshold separates, or of probabilities that hardly differ, is left out.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, both of which occur, shape `(n,)`.
        groups: Group of each row, such as its patient, shape `(n,)`; None: each row is a patient.
        specificity: Specificity at which sensitivity is computed, between 0 and 1, or several of them.
        sensitivity: Sensitivity at which specificity is computed, from 0 to 1.
        prevalence: Prevalence of the outcome where the model is used, between 0 and 1; `ppv` and `npv` are for it.
            None: the prevalence of these rows.
        threshold: Probability from which a row is positive, chosen on other rows.

    Returns:
        The metrics, as described by `CLINICAL_METRICS`, each followed by `…_low` and `…_high`. The keys of other stated
        values end in them: `sensitivity_at_specificity_97.5`.

    Raises:
        InputError: If predictions, outcomes or groups do not fit together, or a stated value is out of range.
    """
    groups = check_binary(probabilities, outcomes, groups)
    specificities = tuple(specificity) if isinstance(specificity, Sequence) else (specificity,)
    for each in specificities:
        _check_share("specificity", each)
    _check_share("sensitivity", sensitivity)
    _check_share("prevalence", 0.5 if prevalence is None else prevalence)
    # Ordered once: sorting ordered resamples takes a tenth of the time.
    order = np.argsort(-probabilities, kind="stable")
    probabilities, outcomes, groups = probabilities[order], outcomes[order], groups[order]
    metrics = _with_intervals(probabilities, outcomes, groups, specificities, sensitivity)
    if metrics["roc_auc"] == 1:
        metrics["roc_auc_low"] = roc_auc_interval(probabilities, outcomes, groups)[0]
    _widen_stated(metrics, probabilities, outcomes, groups, specificities, sensitivity)
    metrics |= _at_threshold(probabilities >= threshold, outcomes == 1, groups, prevalence)
    observed = float(np.mean(outcomes == 1))
    metrics |= {"threshold": threshold, "ppv_prevalence": observed if prevalence is None else prevalence}
    metrics |= {"prevalence": observed, "prevalence_brier": observed * (1 - observed)}
    return {name: float(value) for name, value in metrics.items() if np.isfinite(value)}


def _check_share(name: str, share: float) -> None:
    if not 0 < share < 1:
        raise InputError(f"{name}: expected a number between 0 and 1, got {share:g}; such as 0.9 for 90 %")


def _other_metrics(
    p: np.ndarray, y: np.ndarray, points: OperatingPoints, specificities: Sequence[float], sensitivity: float
) -> dict[str, float]:
    return {
        "calibration_slope": logistic_recalibration(p, y)[0],
        "calibration_intercept": calibration_intercept(p, y),
        "observed_expected": observed_expected_ratio(p, y),
        **{_at("sensitivity_at_specificity", each): points.at_specificity(each)[0] for each in specificities},
        _at("specificity_at_sensitivity", sensitivity): points.at_sensitivity(sensitivity)[0],
    }


def _at(name: str, share: float) -> str:
    return f"{name}_{100 * share:g}"


def _with_intervals(
    probabilities: np.ndarray,
    outcomes: np.ndarray,
    groups: np.ndarray,
    specificities: Sequence[float],
    sensitivity: float,
) -> dict[str, float]:
    values = binary_metrics(probabilities, outcomes)
    all_points = OperatingPoints.compute(probabilities, outcomes)
    values |= _other_metrics(probabilities, outcomes, all_points, specificities, sensitivity)
    losses = _losses(probabilities, outcomes)

    def resampled(rows: np.ndarray) -> np.ndarray:
        p, y = probabilities[rows], outcomes[rows]
        if not 0 < y.sum() < len(y):
            return np.full(len(values), np.nan)
        points = OperatingPoints.compute(p, y)
        others = _other_metrics(p, y, points, specificities, sensitivity).values()
        return np.array([points.roc_auc, points.average_precision, *losses[:, rows].mean(axis=1), *others])

    metrics: dict[str, float] = {}
    for (name, value), low, high in zip(values.items(), *group_bootstrap_interval(resampled, groups), strict=True):
        metrics |= {name: value, f"{name}_low": low, f"{name}_high": high} if np.isfinite(value) else {}
    return metrics


def _losses(probabilities: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
    """Return squared errors and log losses of shape `(2, n)`; probabilities are clipped as in scikit-learn."""
    margin = np.finfo(probabilities.dtype).eps
    of_outcome = np.where(outcomes == 1, probabilities, 1 - probabilities)
    return np.array([(1 - of_outcome) ** 2, -np.log(np.clip(of_outcome, margin, 1 - margin))])


def _widen_stated(
    metrics: dict[str, float],
    probabilities: np.ndarray,
    outcomes: np.ndarray,
    groups: np.ndarray,
    specificities: Sequence[float],
    sensitivity: float,
) -> None:
    """Widen bootstrap intervals to those of the same proportions at fixed thresholds.

    A sensitivity of 1 is 1 in nearly all resamples.
    """
    points, cases = OperatingPoints.compute(probabilities, outcomes), outcomes == 1
    negative = probabilities < points.at_sensitivity(sensitivity)[1]
    stated = [(_at("specificity_at_sensitivity", sensitivity), negative, ~cases)]
    for each in specificities:
        positive = probabilities >= points.at_specificity(each)[1]
        stated.append((_at("sensitivity_at_specificity", each), positive, cases))
    for name, successes, rows in stated:
        low, high = group_proportion_interval(successes[rows], groups[rows])
        metrics[f"{name}_low"] = min(metrics[f"{name}_low"], low)
        metrics[f"{name}_high"] = max(metrics[f"{name}_high"], high)


def _at_threshold(
    positive: np.ndarray, cases: np.ndarray, groups: np.ndarray, prevalence: float | None
) -> dict[str, float]:
    metrics = _proportion("sensitivity", positive[cases], groups[cases])
    metrics |= _proportion("specificity", ~positive[~cases], groups[~cases])
    if prevalence is not None:
        return metrics | _predictive_values(metrics, prevalence)
    metrics |= _proportion("ppv", cases[positive], groups[positive])
    return metrics | _proportion("npv", ~cases[~positive], groups[~positive])


def _proportion(name: str, successes: np.ndarray, groups: np.ndarray) -> dict[str, float]:
    if len(successes) == 0:
        return {}
    low, high = group_proportion_interval(successes, groups)
    return {name: float(successes.mean()), f"{name}_low": low, f"{name}_high": high}


def _predictive_values(metrics: dict[str, float], prevalence: float) -> dict[str, float]:
    """Compute PPV and NPV; both grow with sensitivity and specificity, so their bounds follow from those of these."""
    ppv, npv = predictive_values(metrics["sensitivity"], metrics["specificity"], prevalence)
    low = predictive_values(metrics["sensitivity_low"], metrics["specificity_low"], prevalence)
    high = predictive_values(metrics["sensitivity_high"], metrics["specificity_high"], prevalence)
    return {
        "ppv": ppv,
        "ppv_low": low[0],
        "ppv_high": high[0],
        "npv": npv,
        "npv_low": low[1],
        "npv_high": high[1],
    }
