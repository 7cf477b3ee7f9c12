"""Figures of a credit-risk model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.metrics.drift import LARGE_DRIFT
from plexus.report.colors import BLUE, GREY, RED
from plexus.report.figure import save_figure
from plexus_tables.risk.cost_matrix import CostMatrix
from plexus_tables.risk.ranking import ks_statistic
from plexus_tables.risk.weight_of_evidence import WeightOfEvidence

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes

MAX_COLUMNS, MAX_BARS, MAX_LETTERS, HISTOGRAM_BINS = 6, 12, 28, 30
WIDTH, FONT = 5, 9
"""Inches and points: on a phone, where a figure is 3.7 inches wide, text is read without magnifying it."""
BAR_HEIGHT, TITLE_HEIGHT = 0.24, 0.55
"""Inches of a bar, and of the title and the axis of a panel."""
FAIRNESS_PANELS = (
    ("selection_rate", "Approval rate", ()),
    ("demographic_parity_ratio", "Demographic parity ratio", (0.8, 1.0, 1.25)),
    ("equal_opportunity_difference", "Equal opportunity\ndifference", (0.0,)),
    ("false_positive_rate", "False-positive rate", ()),
    ("roc_auc", "Area under the ROC curve", (0.5,)),
    ("calibration_gap", "Predicted minus\nobserved bad rate", (0.0,)),
)
"""Number of the fairness table, title, and reference lines."""


def draw_weight_of_evidence(binnings: Sequence[WeightOfEvidence], file: Path) -> None:
    """Draw the weight of evidence per bin of the columns with the largest information value.

    Args:
        binnings: Bins of the columns, those with the largest information value first.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    shown = binnings[:MAX_COLUMNS]
    bins = [int((binning.table()["cases"] > 0).sum()) for binning in shown]
    heights = [BAR_HEIGHT * count + TITLE_HEIGHT for count in bins]
    figure = Figure(figsize=(WIDTH, sum(heights) + TITLE_HEIGHT), layout="constrained")
    panels = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights).ravel()
    for axes, binning in zip(panels, shown, strict=True):
        _draw_bins(axes, binning)
    figure.supxlabel("Weight of evidence (below 0: riskier than the average);\nIV: information value", fontsize=FONT)
    save_figure(figure, file)


def _draw_bins(axes: "Axes", binning: WeightOfEvidence) -> None:
    table = binning.table()
    table = table.filter(table["cases"] > 0)[::-1]
    shares = table["cases"] / table["cases"].sum()
    names = [f"{_cut(name)} ({share:.0%})" for name, share in zip(table["bin"], shares, strict=True)]
    weights = table["weight_of_evidence"].to_numpy()
    places = range(len(names))  # two long names may be the same after the cut
    axes.barh(places, weights, color=np.where(weights < 0, RED, BLUE))
    axes.set_yticks(places, names)
    axes.axvline(0, color=GREY, linewidth=1)
    axes.tick_params(labelsize=FONT)
    title = f"{_cut(binning.column)}: IV {binning.information_value:.3f}, {binning.strength}"
    axes.set_title(title, fontsize=FONT)


def draw_score_distribution(probabilities: np.ndarray, outcomes: np.ndarray, file: Path) -> None:
    """Draw the distribution of the probabilities of good and bad cases, and the KS statistic.

    Args:
        probabilities: Probabilities of bad, shape `(n,)`.
        outcomes: 1 (bad) or 0 (good), both present, shape `(n,)`.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    groups = [
        ("good", np.sort(probabilities[outcomes == 0]), BLUE),
        ("bad", np.sort(probabilities[outcomes == 1]), RED),
    ]
    distinct = np.unique(probabilities)
    shares = [np.searchsorted(values, distinct, side="right") / len(values) for _, values, _ in groups]
    widest = int(np.abs(shares[0] - shares[1]).argmax())
    figure = Figure(figsize=(5, 5.5), layout="constrained")
    density, cumulative = figure.subplots(2, 1, sharex=True)
    lowest, highest = (distinct[0], distinct[-1]) if len(distinct) > 1 else (0.0, 1.0)
    edges = np.linspace(lowest, highest, HISTOGRAM_BINS + 1)
    for (name, values, color), share in zip(groups, shares, strict=True):
        weights = np.full(len(values), 100 / len(values))
        density.hist(values, edges, weights=weights, color=color, alpha=0.5, label=f"{name}: {len(values):,}")
        cumulative.step(distinct, 100 * share, where="post", color=color)
    heights = [100 * share[widest] for share in shares]
    cumulative.plot([distinct[widest]] * 2, heights, color="black", linestyle="--", marker="o", markersize=3)
    density.legend(fontsize=FONT)
    density.set(title=f"KS statistic {ks_statistic(probabilities, outcomes):.3f}", ylabel="% of good, % of bad")
    cumulative.set(xlabel="Predicted probability of bad", ylabel="Cumulative %", ylim=(0, 102))
    save_figure(figure, file)


def draw_calibration_by_decile(deciles: "pl.DataFrame", file: Path) -> None:
    """Draw predicted and observed bad rates by decile.

    Args:
        deciles: The result of `calibration_by_decile`.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    places, observed = deciles["decile"], deciles["observed"]
    errors = np.stack([observed - deciles["low"], deciles["high"] - observed])
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.subplots()
    axes.bar(places, deciles["mean_predicted"], color=GREY, label="predicted (mean)")
    axes.errorbar(
        places, observed, np.maximum(errors, 0), fmt="o", color=BLUE, capsize=3, label="observed, 95 % interval"
    )
    axes.set_xticks(places)
    axes.legend(fontsize=FONT, loc="upper left")
    axes.set(title="Calibration by decile", xlabel="Decile of the predicted probability", ylabel="Bad rate")
    save_figure(figure, file)


def draw_cost(
    probabilities: np.ndarray,
    outcomes: np.ndarray,
    cost_matrix: CostMatrix,
    threshold: float,
    interval: tuple[float, float],
    file: Path,
) -> None:
    """Draw the cost per case over the threshold.

    Args:
        probabilities: Probabilities of bad, shape `(n,)`.
        outcomes: 1 (bad) or 0 (good), both present, shape `(n,)`.
        cost_matrix: Costs of the two errors.
        threshold: The threshold of the model.
        interval: 95 % interval of the optimal threshold.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    thresholds, costs = cost_matrix.cost_curve(probabilities, outcomes)
    cost = cost_matrix.cost_per_case(probabilities, outcomes, threshold)
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.axvspan(*interval, color=GREY, alpha=0.35, linewidth=0, label="optimal threshold, 95 % interval")
    axes.axvline(
        cost_matrix.theoretical_threshold,
        color="black",
        linestyle=":",
        label=f"theoretical threshold {cost_matrix.theoretical_threshold:.3f}",
    )
    trivial = cost_matrix.trivial_cost_per_case(outcomes)
    axes.axhline(trivial, color=GREY, linewidth=1, label=f"better trivial decision {trivial:.3f}")
    axes.plot(thresholds, costs, color=BLUE)
    axes.scatter([threshold], [cost], color=RED, zorder=3, label=f"threshold {threshold:.3f}: cost {cost:.3f}")
    axes.legend(fontsize=FONT)
    ratio = f"{cost_matrix.false_negative:g}:{cost_matrix.false_positive:g}"
    axes.set(title=f"Cost per case, bad approved to good rejected {ratio}")
    axes.set(xlabel="Threshold: rejected from this probability on", ylabel="Cost per case", ylim=(0, None))
    save_figure(figure, file)


def draw_fairness(table: "pl.DataFrame", protected: str, file: Path) -> None:
    """Draw the numbers of the fairness table with their intervals (forest plot).

    Args:
        table: The result of `fairness_table`.
        protected: Name of the protected column.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, 3 * (0.36 * table.height + 0.9) + 0.4), layout="constrained")
    panels = figure.subplots(3, 2, sharey=True).ravel()
    for axes, (name, title, lines) in zip(panels, FAIRNESS_PANELS, strict=True):
        _draw_forest(axes, table, name, lines)
        axes.set_title(title, fontsize=FONT)
    labels = [f"{_cut(group)}\n({cases:,})" for group, cases in zip(table["group"], table["cases"], strict=True)]
    panels[0].set_yticks(range(table.height), labels)
    panels[0].set_ylim(table.height - 0.5, -0.5)
    figure.suptitle(f"{_cut(protected)}: groups (cases);\nthe first is the reference", fontsize=FONT + 1)
    save_figure(figure, file)


def _draw_forest(axes: "Axes", table: "pl.DataFrame", name: str, lines: Sequence[float]) -> None:
    for line in lines:
        axes.axvline(line, color=GREY, linewidth=1, linestyle=":" if len(lines) > 1 and line != 1 else "-")
    # null becomes NaN, which is not drawn
    values, low, high = (table[column].cast(float).to_numpy() for column in (name, f"{name}_low", f"{name}_high"))
    axes.hlines(range(len(values)), low, high, color=BLUE)
    axes.scatter(values, range(len(values)), color=BLUE, s=20, zorder=3)
    axes.locator_params(axis="x", nbins=4)
    axes.tick_params(labelsize=FONT)


def draw_drift(drift: "pl.DataFrame", file: Path) -> None:
    """Draw the columns with the largest drift.

    Args:
        drift: The result of `drift_table`.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    shown = drift.head(MAX_BARS)[::-1]
    places = np.arange(shown.height)
    figure = Figure(figsize=(WIDTH, 0.3 * shown.height + 1.8), layout="constrained")
    axes = figure.subplots()
    for name, color, is_large in (("large", RED, True), ("not large", BLUE, False)):
        some = (shown["large"] == is_large).to_numpy()
        if some.any():
            axes.barh(places[some], shown["psi"].to_numpy()[some], color=color, label=name)
    axes.scatter(shown["psi_by_chance"], places, marker="|", s=90, color="black", zorder=3, label="expected by chance")
    axes.set_yticks(places, [_cut(name) for name in shown["column"]], fontsize=FONT)
    axes.axvline(LARGE_DRIFT, color=GREY, linewidth=1)
    axes.legend(fontsize=FONT, loc="lower right")
    axes.set_title("Drift since training")
    rule = f"large: above {LARGE_DRIFT} and twice the value expected by chance"
    axes.set_xlabel(f"Population stability index\n({rule})", fontsize=FONT)
    save_figure(figure, file)


def _cut(name: str) -> str:
    return name if len(name) <= MAX_LETTERS else f"{name[: MAX_LETTERS - 1]}…"
