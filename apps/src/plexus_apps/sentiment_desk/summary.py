"""Feelings over time, and by column."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.plugins.registry import registry

if TYPE_CHECKING:
    import polars as pl

MOST_KINDS, MOST_DATES = 20, 16
ALL = "all"
COLOURS = ["#d9822b", "#2a6fdb", "#8a8f98", "#3a9d6e", "#a05fc0"]


def summary_columns(answers: Path) -> list[str]:
    """What a table of answers can be told apart by: its dates first, then columns of a few kinds, and `all`."""
    table = _read(answers)
    own = table.columns[: table.columns.index("label")] if "label" in table.columns else table.columns
    dates = [name for name in own if _dates(table[name]) is not None]
    kinds = [name for name in own if name not in dates and 2 <= table[name].n_unique() <= MOST_KINDS]
    return [*dates, *kinds, ALL]


def draw_shares(answers: Path, column: str, to: Path) -> None:
    """Draw the share of each label, along time or by a column's values."""
    from matplotlib.figure import Figure

    table = _read(answers)
    labels = (table["label_answer"] if "label_answer" in table.columns else table["label"]).to_numpy()
    names, groups, texts = sorted(set(labels)), *_groups(table, column)
    counts = np.array([[((groups == group) & (labels == name)).sum() for name in names] for group in range(len(texts))])
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    axes = figure.subplots()
    part, bottom = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), np.zeros(len(texts))
    for number, name in enumerate(names):
        axes.bar(
            range(len(texts)),
            part[:, number],
            bottom=bottom,
            label=name,
            color=COLOURS[number % len(COLOURS)],
            width=0.85,
        )
        bottom += part[:, number]
    for place, total in enumerate(counts.sum(axis=1)):
        axes.text(place, 1.02, f"{total:,}", ha="center", fontsize=8)
    axes.set(
        ylabel="share",
        ylim=(0, 1.1),
        title=f"{len(table):,} texts, by {column}" if column != ALL else f"{len(table):,} texts",
    )
    axes.set_xticks(range(len(texts)), texts, rotation=30 if len(texts) > 6 else 0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    figure.savefig(to, dpi=100)


def example_table(file: Path) -> Path:
    """Write a table of made-up reviews, with dates and shops."""
    import polars as pl

    made = registry().dataset("phrases").embedded
    assert made is not None  # noqa: S101 - the set is made up, and has no files
    texts, _ = made()["train"]
    generator, chosen = np.random.default_rng(0), [str(text) for text in list(texts)[:240]]
    days = np.sort(generator.integers(0, 180, len(chosen)))
    dates = [str(np.datetime64("2026-01-01") + int(day)) for day in days]
    shops = generator.choice(["Oslo", "Lagos", "Lima"], len(chosen)).tolist()
    pl.DataFrame({"date": dates, "shop": shops, "review": chosen}).write_csv(file)
    return file


def _groups(table: "pl.DataFrame", column: str) -> tuple[np.ndarray, list[str]]:
    """The group of each row, and the groups' names."""
    if column == ALL:
        return np.zeros(len(table), int), ["all"]
    dates = _dates(table[column])
    if dates is None:
        names, groups = np.unique(table[column].fill_null("").to_numpy().astype(str), return_inverse=True)
        return groups, names.tolist()
    days = dates.to_numpy().astype("datetime64[D]").astype(int)
    span = max(int(np.ceil((days.max() - days.min() + 1) / MOST_DATES)), 1)
    groups = (days - days.min()) // span
    return groups, [str(np.datetime64(int(days.min() + span * one), "D")) for one in range(int(groups.max()) + 1)]


def _dates(series: "pl.Series") -> "pl.Series | None":
    """A column as dates; None if not all of it is one."""
    import polars as pl

    found = series.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return found if found.null_count() == 0 and found.dtype == pl.Date and len(found) else None


def _read(answers: Path) -> "pl.DataFrame":
    import polars as pl

    return pl.read_csv(answers, infer_schema=False)
