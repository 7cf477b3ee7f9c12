"""The ROC curve and the decision curve with the operating point, as SVG in the colors of the page."""

from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from plexus.metrics.operating_points import OperatingPoints
from plexus.report.figure import INK, as_inline_svg
from plexus_apps.xray_reader.population import DecisionCurve, Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE = "#2a6fdb", "#cb6d0d"
"""Blue is the model, orange the operating point."""
WIDTH, HEIGHT, TEXT_SIZE = 4.5, 4.0, 12
"""In inches and points: a figure is as wide as a phone's page, and its text is not smaller there."""
LEGEND: dict[str, Any] = {
    "frameon": False, "labelcolor": INK, "fontsize": TEXT_SIZE, "handlelength": 1.4, "borderpad": 0,
}  # fmt: skip
FRAME = (
    '<figure class="reader-figure {name}"><figcaption><b>{caption}</b></figcaption>'
    '<div role="img" aria-label="{description}">{svg}</div><div class="reader-text">{text}.</div></figure>'
)


class OperatingPoint(NamedTuple):
    """The operating point of a model on the test split.

    Attributes:
        sensitivity: Sensitivity at the threshold.
        specificity: Specificity at the threshold.
    """

    sensitivity: Estimate
    specificity: Estimate


def draw_roc_curve(points: OperatingPoints, threshold: float, test: OperatingPoint) -> str:
    """Draw the ROC curve with the threshold of the model.

    Args:
        points: The curve, out of fold.
        threshold: The threshold at the prevalence of the training data.
        test: The operating point on the test split.

    Returns:
        HTML with the figure.
    """
    place = np.searchsorted(-points.thresholds, -threshold, side="right") - 1
    figure, axes = _figure()
    axes.plot([0, 100], [0, 100], color=INK, alpha=0.35, linewidth=1)
    axes.plot(
        100 * (1 - points.specificities), 100 * points.sensitivities, color=BLUE, linewidth=2.2, label="out of fold"
    )
    x, y = 100 * (1 - points.specificities[place]), 100 * points.sensitivities[place]
    axes.plot([x], [y], "o", color=ORANGE, markersize=9, label="threshold, out of fold", zorder=4)
    _draw_test_point(axes, test)
    axes.set(xlim=(-1, 101), ylim=(-1, 101))
    _finish(axes, "100% - specificity (%)", "sensitivity (%)")
    axes.legend(loc="lower right", **LEGEND)
    text = (
        f"At the threshold: sensitivity {y:.1f}% and specificity {100 - x:.1f}%; on the test split "
        f"{test.sensitivity.value:.1%} and {test.specificity.value:.1%}"
    )
    caption = f"ROC curve, out of fold on the training data; area {points.roc_auc:.3f}"
    return _html(figure, "reader-roc-curve", caption, text)


def draw_decision_curve(
    curve: DecisionCurve, threshold: float, benefits: tuple[float, float], prevalence: float
) -> str:
    """Draw the net benefit of the model, of treating all and of treating none (Vickers & Elkin 2006).

    Args:
        curve: The curve at the prevalence of the population.
        threshold: The threshold at this prevalence.
        benefits: Net benefits of the model and of treating everybody at it.
        prevalence: The prevalence.

    Returns:
        HTML with the figure.
    """
    figure, axes = _figure()
    thresholds, place = 100 * curve.thresholds, min(100 * threshold, 100 * float(curve.thresholds[-1]))
    axes.plot(thresholds, 1000 * curve.model, color=BLUE, linewidth=2.2, label="model")
    axes.plot(thresholds, 1000 * curve.treat_all, color=INK, alpha=0.75, linestyle="--", label="treat all")
    axes.axhline(0, color=INK, alpha=0.45, linewidth=1, label="treat nobody")
    axes.plot([place], [1000 * benefits[0]], "o", color=ORANGE, markersize=9, label="threshold", zorder=4)
    axes.set(xlim=(0, thresholds[-1]), ylim=(-200 * prevalence, 1150 * prevalence))
    _finish(axes, "threshold probability (%)", "net benefit per 1,000")
    # The curves cross any part of the axes at some prevalence.
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.2, **LEGEND)
    model, treat_all = (_per_thousand(benefit) for benefit in benefits)
    text = f"At the threshold of {threshold:.1%}: {model} per 1,000; treating all {treat_all}"
    caption = f"Decision curve at a prevalence of {prevalence:.1%}, out of fold"
    return _html(figure, "reader-decision-curve", caption, f"{text}; treating nobody 0")


def _draw_test_point(axes: "Axes", test: OperatingPoint) -> None:
    sensitivity, specificity = test
    x, y = 100 * (1 - specificity.value), 100 * sensitivity.value
    spread = [[y - 100 * sensitivity.low], [100 * sensitivity.high - y]]
    width = [[x - 100 * (1 - specificity.high)], [100 * (1 - specificity.low) - x]]
    axes.errorbar(
        [x], [y], np.maximum(spread, 0), np.maximum(width, 0), fmt="s", color=INK, markersize=5, elinewidth=1,
        capsize=3, label="threshold, test split (95%)", zorder=3,
    )  # fmt: skip


def _figure() -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.subplots()
    axes.patch.set_alpha(0)
    return figure, axes


def _finish(axes: "Axes", x_label: str, y_label: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel(x_label, color=INK, fontsize=TEXT_SIZE)
    axes.set_ylabel(y_label, color=INK, fontsize=TEXT_SIZE)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.tick_params(colors=INK, labelsize=TEXT_SIZE)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(INK)


def _per_thousand(benefit: float) -> str:
    return f"{1000 * benefit:,.{0 if abs(benefit) >= 0.1 else 1}f}"


def _html(figure: "Figure", name: str, caption: str, text: str) -> str:
    """Return a figure that is as wide as the page allows; its texts are texts of the page."""
    svg = as_inline_svg(figure)
    description = escape(f"{caption}. {text}", quote=True)
    return FRAME.format(name=name, caption=escape(caption), text=escape(text), description=description, svg=svg)
