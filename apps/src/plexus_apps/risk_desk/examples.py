"""An example table for the page."""

import math
from pathlib import Path

import numpy as np

from plexus.data.spreadsheets import write_spreadsheet
from plexus_apps.risk_desk.columns import is_date_only, usual_range, value_step
from plexus_apps.risk_desk.table_codec import Column
from plexus_apps.risk_desk.table_model import TableModel

ROWS = 40
WIDTH = 1.5
"""Half of the width of the numbers' distribution, in interquartile ranges."""


def write_example_table(model: TableModel, file: Path) -> Path:
    """Write a table of invented rows: values around the medians, within the range of the training.

    Args:
        model: The model.
        file: CSV file to write.

    Returns:
        The file.
    """
    import polars as pl

    generator = np.random.default_rng(0)
    write_spreadsheet(pl.DataFrame({column.name: _cells(column, generator) for column in model.columns}), file)
    return file


def _cells(column: Column, generator: np.random.Generator) -> list[object]:
    if column.categories:
        distances = np.abs(np.arange(len(column.categories)) - column.categories.index(str(column.typical)))
        shares = 0.5**distances
        return list(generator.choice(column.categories, ROWS, p=shares / shares.sum()).tolist())
    numbers = _numbers(column, generator)
    if column.kind == "date":
        return [column.shown(math.floor(number) if is_date_only(column) else number) for number in numbers]
    step = value_step(column)
    whole = [round(number / step) * step for number in numbers]
    return [int(number) if step == 1 else round(number, 6) for number in whole]


def _numbers(column: Column, generator: np.random.Generator) -> list[float]:
    """Return numbers of a triangular distribution with its mode at the median."""
    low, high = usual_range(column, WIDTH)
    if low == high:
        return [low] * ROWS
    return list(generator.triangular(low, column.centers[0], high, ROWS).tolist())
