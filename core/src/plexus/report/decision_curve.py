"""Decision curve."""

from pathlib import Path
from typing import TYPE_CHECKING

from plexus.report.colors import BLUE, DARK_GREY, GREY, RED
from plexus.report.figure import save_figure

if TYPE_CHECKING:
    import polars as pl


def draw_decision_curve(curve: "pl.DataFrame", threshold: float, file: Path) -> None:
    """Draw the net benefit of the model, of treating all and of treating none (Vickers & Elkin 2006).

    Args:
        curve: The result of `plexus.metrics.decision_curve.decision_curve`.
        threshold: Probability from which a row is positive.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    thresholds, best = curve["threshold"].to_numpy(), float(curve["treat_all"].to_numpy()[0])
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    low, high = curve["model_low"].to_numpy(), curve["model_high"].to_numpy()
    axes.fill_between(thresholds, low, high, color=BLUE, alpha=0.15, linewidth=0)
    axes.plot(thresholds, curve["treat_all"].to_numpy(), color=DARK_GREY, linestyle="--", label="treat all")
    axes.plot(thresholds, curve["treat_none"].to_numpy(), color=GREY, label="treat none")
    axes.plot(thresholds, curve["model"].to_numpy(), color=BLUE, label="model, 95 % interval")
    if 0 < threshold < 1:
        axes.axvline(threshold, color=RED, linewidth=1, linestyle=":", label=f"threshold {threshold:.3g}")
    axes.legend(fontsize=9)
    axes.set(title="Decision curve", xlabel="threshold probability", ylabel="net benefit per row")
    axes.set(xlim=(0, 1), ylim=(-0.15 * best, 1.15 * max(best, float(high.max()))))
    save_figure(figure, file)
