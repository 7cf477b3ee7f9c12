"""Bar charts of the features that move a prediction most."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from plexus.explain.shapley import ShapleyValues
from plexus.report.colors import BLUE, GREY, RED
from plexus.report.figure import save_figure

MAX_BARS = 12
"""Features that a figure shows, those with the largest absolute change."""


def draw_contributions(
    changes: ShapleyValues, caption: Callable[[int], str], title: str, unit: str, file: Path
) -> Path:
    """Draw by how much features move a prediction: red raises it, blue lowers it.

    Features without a change are left out.

    Args:
        changes: The Shapley values of the features, with one output.
        caption: Returns the caption of a feature, given its place: its name, and its values.
        title: Title of the figure: the prediction.
        unit: Unit of the changes.
        file: PNG or SVG file to write.

    Returns:
        The file.
    """
    from matplotlib.figure import Figure

    values, errors = changes
    shown = min(max(np.count_nonzero(values), 1), MAX_BARS)
    strongest = np.argsort(-np.abs(values), kind="stable")[:shown][::-1]
    figure = Figure(figsize=(8, 0.55 * len(strongest) + 1.4), layout="constrained")
    axes = figure.subplots()
    axes.barh(
        np.arange(len(strongest)),
        values[strongest],
        xerr=errors[strongest] if errors.any() else None,
        ecolor=GREY,
        color=[RED if values[place] > 0 else BLUE for place in strongest],
    )
    axes.set_yticks(np.arange(len(strongest)), [caption(int(place)) for place in strongest], fontsize=10)
    axes.axvline(0, color=GREY)
    note = "\n(lines: standard errors of the sampling)" if errors.any() else ""
    axes.set(title=title, xlabel=f"Change in {unit}{note}")
    save_figure(figure, file)
    return file
