"""An example table for the page."""

from pathlib import Path

import numpy as np

from plexus.data.spreadsheets import write_spreadsheet
from plexus_apps.risk_desk.dependence import is_whole
from plexus_apps.risk_desk.table_codec import Column
from plexus_apps.risk_desk.table_model import TableModel

ROWS = 40


def write_example_table(model: TableModel, file: Path) -> Path:
    """Write a table of invented rows: values within the range of the training, and one number above it.

    Args:
        model: The model.
        file: CSV file to write.

    Returns:
        The file.
    """
    import polars as pl

    generator = np.random.default_rng(0)
    table = {column.name: _cells(column, generator) for column in model.columns}
    numeric = next((column for column in model.columns if column.kind == "numeric"), None)
    if numeric is not None:
        table[numeric.name][1] = round(numeric.high + (numeric.high - numeric.low) / 4)
    write_spreadsheet(pl.DataFrame(table), file)
    return file


def _cells(column: Column, generator: np.random.Generator) -> list[object]:
    if column.categories:
        shares = 0.5 ** np.arange(len(column.categories))
        return list(generator.choice(column.categories, ROWS, p=shares / shares.sum()).tolist())
    # A triangular distribution over the range, with its mode at the median: few values are as large as the largest.
    mode = float(column.typical) if column.kind == "numeric" else (column.low + column.high) / 2
    numbers = [column.low] * ROWS
    if column.low < column.high:
        numbers = generator.triangular(column.low, mode, column.high, ROWS).tolist()
    if column.kind == "date":
        return [column.shown(number) for number in numbers]
    return [round(number) if is_whole(column) else round(number, 3) for number in numbers]
