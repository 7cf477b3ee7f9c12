"""Fitting of the encoders of columns."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus.data.times import parse_times
from plexus_tables.cell_texts import to_texts
from plexus_tables.column_encoder import ColumnEncoder
from plexus_tables.column_kinds import MAX_ONE_HOT, Kind, frequent_rows
from plexus_tables.column_lists import parse_names, parse_ordinal
from plexus_tables.date_parts import DAY, varying_parts
from plexus_tables.options import TableOptions

if TYPE_CHECKING:
    import polars as pl

MAX_SIZE, MAX_SCALE = 1e150, 1e300
"""Size of a number from which values are divided before they are subtracted, so that differences are finite, and
largest factor of scaling."""
MAX_CATEGORIES = 1000
"""Categories of a column with a code, and rare values that are recorded."""


def fit_columns(frame: "pl.DataFrame", kinds: Mapping[str, Kind], options: TableOptions) -> list[ColumnEncoder]:
    """Fit the encoders of the columns that are features.

    Args:
        frame: The training rows.
        kinds: Kinds of the columns that are features.
        options: The options: `ordinal`, `increasing`, `decreasing`.

    Returns:
        The encoders, in the order of `kinds`.

    Raises:
        InputError: If a column with a monotone effect is neither numeric nor ordinal, or has both directions; or if an
            ordinal column has none of its categories.
    """
    ordinal, directions = parse_ordinal(options.ordinal), _directions(kinds, options)
    encoders = []
    for name, kind in kinds.items():
        series = frame[name]
        if kind == "categorical":
            encoders.append(_fit_categories(series))
        elif kind == "date":
            encoders.append(_fit_dates(series))
        elif kind == "ordinal":
            column = ColumnEncoder(name, "ordinal", categories=ordinal[name])
            encoders.append(_fit_numbers(column, series, directions))
        else:
            encoders.append(_fit_numbers(ColumnEncoder(name, "numeric"), series, directions))
    return encoders


def robust_scale(values: np.ndarray) -> tuple[float, float]:
    """Return center and factor of robust scaling (Holzmüller et al. 2024, arXiv:2407.04491, section 3).

    Args:
        values: Finite numbers of shape `(n,)`; none is allowed.

    Returns:
        The median, and 1 divided by the interquartile range; if that is 0, 2 divided by the range, and 0 if that is 0.
    """
    if not len(values):
        return 0.0, 0.0
    size = float(np.abs(values).max())
    if size > MAX_SIZE:  # differences would be infinite
        center, scale = robust_scale(values / size)
        return center * size, scale / size
    first, median, third = np.quantile(values, [0.25, 0.5, 0.75])
    spread = third - first or (values.max() - values.min()) / 2
    return float(median), float(min(1 / spread, MAX_SCALE)) if spread > 0 else 0.0


def _directions(kinds: Mapping[str, Kind], options: TableOptions) -> dict[str, int]:
    increasing = parse_names(options.increasing, kinds, "--increasing")
    decreasing = parse_names(options.decreasing, kinds, "--decreasing")
    for name in (*increasing, *decreasing):
        if kinds[name] not in ("numeric", "ordinal"):
            raise InputError(
                f"--increasing and --decreasing are for numeric and ordinal columns: {name} is {kinds[name]}; give its "
                "order with --ordinal"
            )
        if name in increasing and name in decreasing:
            raise InputError(f"column {name} is in --increasing and in --decreasing: remove it from one")
    return dict.fromkeys(increasing, 1) | dict.fromkeys(decreasing, -1)


def _fit_numbers(column: ColumnEncoder, series: "pl.Series", directions: Mapping[str, int]) -> ColumnEncoder:
    values = column.column_numbers(series)
    present = values[~np.isnan(values)]
    if column.kind == "ordinal" and not len(present):
        raise InputError(
            f"--ordinal {column.name}={'<'.join(column.categories)}: the column has none of them, but values like "
            f"{', '.join(map(repr, series.drop_nulls()[:1].to_list())) or 'nothing'}"
        )
    center, scale = robust_scale(present)
    low, high = (float(present.min()), float(present.max())) if len(present) else (0.0, 0.0)
    return ColumnEncoder(
        column.name,
        column.kind,
        (center,),
        (scale,),
        low,
        high,
        len(present) < len(values),
        column.categories,
        direction=directions.get(column.name, 0),
    )


def _fit_dates(series: "pl.Series") -> ColumnEncoder:
    times = parse_times(series)
    days = times.seconds / DAY
    present = days[~np.isnan(days)]
    parts = varying_parts(present) if len(present) else ()
    center, scale = robust_scale(present)
    waves = 2 * len(parts)
    low, high = (float(present.min()), float(present.max())) if len(present) else (0.0, 0.0)
    return ColumnEncoder(
        series.name,
        "date",
        (center, *[0.0] * waves),
        (scale, *[1.0] * waves),
        low,
        high,
        len(present) < len(days),
        time_form=times.form,
        parts=parts,
    )


def _fit_categories(series: "pl.Series") -> ColumnEncoder:
    texts = to_texts(series)
    counts = texts.drop_nulls().value_counts()
    ordered = sorted(counts.iter_rows(), key=lambda pair: (-pair[1], pair[0]))
    enough = 1 if len(ordered) <= MAX_ONE_HOT else frequent_rows(len(series))
    frequent = [text for text, count in ordered if count >= enough][:MAX_CATEGORIES] or [ordered[0][0]]
    rare = [text for text, _ in ordered[len(frequent) :]][:MAX_CATEGORIES]
    return ColumnEncoder(
        series.name,
        "categorical",
        flag_missing=texts.null_count() > 0,
        categories=tuple(frequent),
        rare=tuple(rare),
    )
