"""Permutation importance of the columns of a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plexus.codec import Arrays
from plexus.data.spreadsheets import write_spreadsheet
from plexus.report.colors import BLUE
from plexus.report.figure import save_figure

MAX_ROWS, MIN_ROWS = 1000, 100
"""Test rows that columns are permuted in; of a very wide table fewer."""
MAX_REPEATS, MIN_REPEATS = 10, 3
"""Permutations of a column."""
MAX_PREDICTIONS = 40_000
"""Predictions that rows and permutations are chosen for: 4 s with an ensemble of 50 columns."""
MAX_BARS, MAX_LETTERS = 15, 40
"""Columns that the figure shows, and characters of a name."""
GREY = "#8a93a1"


@dataclass(frozen=True)
class Importance:
    """Permutation importance of columns.

    Args:
        means: Increase of the loss if the values of a column are permuted, mean over the permutations, shape
            `(columns,)`.
        standard_errors: Standard errors of the means over the permutations, shape `(columns,)`.
        repeats: Number of permutations of each column.

    Example:
        ```python
        importance = permutation_importance(loss, arrays, encoder.feature_columns, len(encoder.columns), repeats=10)
        importance.means.argmax()
        ```
    """

    means: np.ndarray
    standard_errors: np.ndarray
    repeats: int


def rows_and_repeats(rows: int, columns: int) -> tuple[int, int]:
    """Choose the size of the computation.

    Args:
        rows: Number of test rows.
        columns: Number of columns.

    Returns:
        Number of rows, and of permutations of each column.
    """
    used = min(rows, MAX_ROWS, max(MAX_PREDICTIONS // (MIN_REPEATS * columns), MIN_ROWS))
    return used, min(max(MAX_PREDICTIONS // (used * columns), MIN_REPEATS), MAX_REPEATS)


def permutation_importance(
    loss: Callable[[Arrays], float],
    arrays: Arrays,
    feature_columns: Mapping[str, np.ndarray],
    columns: int,
    repeats: int,
) -> Importance:
    """Compute by how much the loss increases if the values of a column are permuted among the rows.

    That is the permutation importance (Breiman 2001, section 10) of the model (model reliance, Fisher, Rudin & Dominici
    2019, JMLR 20:177, section 3, as a difference). All features that are made from one column move together.

    Args:
        loss: Returns the loss of encoded rows; row i has the target of row i of `arrays`.
        arrays: Encoded rows, arrays of shape `(rows, features)`.
        feature_columns: Of each array, the column that each feature is made from, counted from 0.
        columns: Number of columns.
        repeats: Number of permutations of each column, at least 2.

    Returns:
        The importance of all columns.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.inspection import permutation_importance as permuted

    rows = len(next(iter(arrays.values())))
    # scikit-learn permutes single columns of one array. Here it permutes, of each column, the places of the rows that
    # the features are taken from.
    places = np.tile(np.arange(rows)[:, None], columns)

    def score(_model: object, places: np.ndarray, _targets: object) -> float:
        return -loss(
            {
                name: np.take_along_axis(array, places[:, feature_columns[name]], axis=0)
                for name, array in arrays.items()
            }
        )

    result = permuted(DummyClassifier(), places, None, scoring=score, n_repeats=repeats, random_state=0)
    errors = result.importances.std(axis=1, ddof=1) / np.sqrt(repeats)
    return Importance(result.importances_mean, errors, repeats)


def write_importance(importance: Importance, names: Sequence[str], rows: int, metric: str, folder: Path) -> None:
    """Write `importance.csv`, all columns, and `importance.svg`, the most important ones.

    Args:
        importance: The importance.
        names: Names of the columns.
        rows: Number of rows that it was computed with.
        metric: The loss and its unit.
        folder: Folder to write to.
    """
    import polars as pl
    from matplotlib.figure import Figure

    order = np.argsort(-importance.means, kind="stable")
    values, errors = importance.means[order], importance.standard_errors[order]
    ranked = [names[place] for place in order]
    table = {"column": ranked, "importance": values, "standard_error": errors}
    write_spreadsheet(pl.DataFrame(table), folder / "importance.csv")
    shown = min(len(ranked), MAX_BARS)
    figure = Figure(figsize=(6, 0.32 * shown + 1.6), layout="constrained")
    axes = figure.subplots()
    places = range(shown)[::-1]
    axes.barh(places, values[:shown], xerr=errors[:shown], color=BLUE, ecolor=GREY)
    axes.set_yticks(places, [_short(name) for name in ranked[:shown]])
    axes.axvline(0, color=GREY, linewidth=1)
    axes.locator_params(axis="x", nbins=5)
    more = f"{shown} of {len(ranked):,} columns; " if len(ranked) > shown else ""
    loss = f"{metric[0].lower()}{metric[1:]}"
    size = f"{more}{rows:,} test rows, {importance.repeats} permutations"
    axes.set(title="Permutation importance", xlabel=f"Increase of the {loss}\n({size})")
    save_figure(figure, folder / "importance.svg")


def _short(name: str) -> str:
    return name if len(name) <= MAX_LETTERS else f"{name[: MAX_LETTERS - 1]}…"
