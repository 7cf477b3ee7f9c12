"""ROC curve."""

from pathlib import Path

import numpy as np

from plexus.metrics.binary import roc_auc_interval, sensitivity_and_specificity
from plexus.metrics.intervals import group_bootstrap_interval
from plexus.metrics.operating_points import OperatingPoints
from plexus.report.colors import BLUE, GREY, RED
from plexus.report.figure import save_figure

FALSE_POSITIVE_RATES = np.linspace(0, 1, 201)
"""Where the interval of the curve is drawn."""


def draw_roc_curve(
    probabilities: np.ndarray, outcomes: np.ndarray, groups: np.ndarray, threshold: float, file: Path
) -> None:
    """Draw sensitivity by false positive rate, with the pointwise 95 % bootstrap interval and the threshold in use.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, both of which occur, shape `(n,)`.
        groups: Group of each row, such as its patient, shape `(n,)`.
        threshold: Probability from which a row is positive.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    points = OperatingPoints.compute(probabilities, outcomes)
    low, high = group_bootstrap_interval(lambda rows: _sensitivities(probabilities[rows], outcomes[rows]), groups)
    sensitivity, specificity = sensitivity_and_specificity(probabilities, outcomes, threshold)
    bounds = roc_auc_interval(probabilities, outcomes, groups)
    figure = Figure(figsize=(4.6, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    axes.fill_between(FALSE_POSITIVE_RATES, low, high, color=BLUE, alpha=0.15, linewidth=0)
    axes.plot(1 - points.specificities, points.sensitivities, color=BLUE)
    label = f"threshold {threshold:.3g}: {sensitivity:.0%} and {specificity:.0%}"
    axes.scatter([1 - specificity], [sensitivity], color=RED, zorder=3, label=label)
    axes.legend(loc="lower right", title="sensitivity and specificity", fontsize=9, title_fontsize=9)
    axes.set(title=f"ROC curve: AUC {points.roc_auc:.3f} ({bounds[0]:.3f} to {bounds[1]:.3f})")
    axes.set(xlabel="1 - specificity", ylabel="sensitivity", xlim=(-0.01, 1.01), ylim=(-0.01, 1.02))
    save_figure(figure, file)


def _sensitivities(probabilities: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
    if not 0 < outcomes.sum() < len(outcomes):
        return np.full(len(FALSE_POSITIVE_RATES), np.nan)
    points = OperatingPoints.compute(probabilities, outcomes)
    # The curve has vertical steps, where it takes the highest sensitivity.
    rates, last = np.unique((1 - points.specificities)[::-1], return_index=True)
    return np.asarray(np.interp(FALSE_POSITIVE_RATES, rates, points.sensitivities[::-1][last]))
