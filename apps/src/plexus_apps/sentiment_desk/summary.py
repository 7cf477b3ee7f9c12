"""Fractions of labels over time and by column."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.plugins.registry import registry

if TYPE_CHECKING:
    import polars as pl

MAX_CATEGORIES, MAX_PERIODS = 20, 16
ALL = "all"
COLORS = ["#d9822b", "#2a6fdb", "#8a8f98", "#3a9d6e", "#a05fc0"]
EXAMPLE_DATA, EXAMPLE_ROWS, EXAMPLE_DAYS = "phrases", 240, 180
EXAMPLE_SHOPS = ["Oslo", "Lagos", "Lima"]


def summary_columns(predictions: Path) -> list[str]:
    """Return the columns that a table of predictions can be summarized by.

    Args:
        predictions: The result of `predict_table`.

    Returns:
        Columns of dates, then columns of a few different values, then `all`.
    """
    table = _read(predictions)
    inputs = table.columns[: table.columns.index("label")] if "label" in table.columns else table.columns
    dates = [name for name in inputs if _parse_dates(table[name]) is not None]
    categories = [name for name in inputs if name not in dates and 2 <= table[name].n_unique() <= MAX_CATEGORIES]
    return [*dates, *categories, ALL]


def draw_fractions(predictions: Path, column: str, file: Path) -> None:
    """Draw the fraction of each label, over time or by the values of a column.

    Args:
        predictions: The result of `predict_table`.
        column: One of `summary_columns`.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    from plexus.report.figure import save_figure

    table = _read(predictions)
    labels = (table["label_answer"] if "label_answer" in table.columns else table["label"]).to_numpy()
    group_of_row, group_names = _groups(table, column)
    names = sorted(set(labels))
    counts = np.array(
        [[((group_of_row == group) & (labels == name)).sum() for name in names] for group in range(len(group_names))]
    )
    totals = counts.sum(axis=1)
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    axes = figure.subplots()
    fractions, bottom = counts / np.maximum(totals[:, None], 1), np.zeros(len(group_names))
    for index, name in enumerate(names):
        color = COLORS[index % len(COLORS)]
        axes.bar(range(len(group_names)), fractions[:, index], bottom=bottom, label=name, color=color, width=0.85)
        bottom += fractions[:, index]
    for place, total in enumerate(totals):
        axes.text(place, 1.02, f"{total:,}", ha="center", fontsize=10)
    title = f"{len(table):,} texts" + (f" by {column}" if column != ALL else "")
    axes.set(ylabel="fraction", ylim=(0, 1.1), title=title)
    axes.set_xticks(range(len(group_names)), group_names, rotation=30 if len(group_names) > 6 else 0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    save_figure(figure, file, dpi=100)


def write_example_table(file: Path) -> Path:
    """Write a table of synthetic reviews with dates and shops.

    Args:
        file: CSV file to write.

    Returns:
        The file.

    Raises:
        RuntimeError: If the data set of synthetic reviews is not embedded.
    """
    import polars as pl

    load = registry().dataset(EXAMPLE_DATA).embedded
    if load is None:
        raise RuntimeError(f"data set {EXAMPLE_DATA} is not embedded")
    texts = [str(text) for text in list(load()["train"][0])[:EXAMPLE_ROWS]]
    generator = np.random.default_rng(0)
    days = np.sort(generator.integers(0, EXAMPLE_DAYS, len(texts)))
    dates = [str(np.datetime64("2026-01-01") + int(day)) for day in days]
    shops = generator.choice(EXAMPLE_SHOPS, len(texts)).tolist()
    pl.DataFrame({"date": dates, "shop": shops, "review": texts}).write_csv(file)
    return file


def _groups(table: "pl.DataFrame", column: str) -> tuple[np.ndarray, list[str]]:
    """Return the group of each row, and the names of the groups: values of a column, or periods of equal length."""
    if column == ALL:
        return np.zeros(len(table), int), [ALL]
    dates = _parse_dates(table[column])
    if dates is None:
        names, groups = np.unique(table[column].fill_null("").to_numpy().astype(str), return_inverse=True)
        return groups, names.tolist()
    days = dates.to_numpy().astype("datetime64[D]").astype(int)
    length = max(int(np.ceil((days.max() - days.min() + 1) / MAX_PERIODS)), 1)
    groups = (days - days.min()) // length
    starts = days.min() + length * np.arange(int(groups.max()) + 1)
    return groups, [str(np.datetime64(int(start), "D")) for start in starts]


def _parse_dates(series: "pl.Series") -> "pl.Series | None":
    """Return a column as dates; None if a value is not a date."""
    import polars as pl

    dates = series.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return dates if dates.null_count() == 0 and dates.dtype == pl.Date and len(dates) else None


def _read(predictions: Path) -> "pl.DataFrame":
    import polars as pl

    return pl.read_csv(predictions, infer_schema=False)
