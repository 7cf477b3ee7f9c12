"""The figures of a run's report on a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from plexus.report.page_figure import PageFigure, figures_html

LEARNING_CURVES = {"training.svg": "Learning curves"}
"""Caption of the figure that every training writes."""


def report_figures(folder: Path, captions: Mapping[str, str], first: Sequence[str] = ()) -> str:
    """Return the figures of a report as HTML, plots in the reader's light or dark mode.

    Args:
        folder: The folder `report` of a run.
        captions: Captions by name of the file; images without one are left out.
        first: Names of files that come first.

    Returns:
        HTML; empty if there are no figures.
    """
    names = [name for name in dict.fromkeys([*first, *captions]) if name in captions and (folder / name).is_file()]
    shown = [name for name in names if name.endswith((".png", ".svg"))]
    return figures_html([PageFigure.read(folder / name, captions[name]) for name in shown])
