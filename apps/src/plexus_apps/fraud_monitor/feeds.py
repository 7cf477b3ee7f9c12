"""Streams of transactions, from tables and databases."""

from pathlib import Path
from typing import TYPE_CHECKING

from plexus import InputError
from plexus.data.tables import is_table, read_table
from plexus.plugins.registry import registry
from plexus.utils.files import sha256
from plexus_apps.fraud_monitor.database_feed import DatabaseFeed
from plexus_apps.fraud_monitor.feed import Feed, Positioned
from plexus_apps.fraud_monitor.options import MonitorOptions

if TYPE_CHECKING:
    import polars as pl

SIMULATED_SHARE = 0.2
"""Share of the simulated transactions that is streamed: the last ones, which training does not use."""


class TableFeed(Feed):
    """The rows of a table; positions count from 1.

    Args:
        name: Name of the stream.
        table: The table.

    Example:
        ```python
        TableFeed("payments", polars.read_csv("payments.csv")).remaining(0)
        ```
    """

    def __init__(self, name: str, table: "pl.DataFrame") -> None:
        self.name, self.table = name, table

    def after(self, position: int, limit: int) -> list[Positioned]:
        """Return the next transactions.

        Args:
            position: The last position that was read; 0 at the start.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order; none if there are no more, or none yet.
        """
        return list(enumerate(self.table[position : position + limit].to_dicts(), position + 1))

    def before(self, position: int, limit: int) -> list[Positioned]:
        """Return the last transactions up to a position.

        Args:
            position: The last position.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order.
        """
        start = max(position - limit, 0)
        return self.after(start, position - start)

    def remaining(self, position: int) -> int:
        """Return how many rows follow a position.

        Args:
            position: The position.

        Returns:
            The number.
        """
        return len(self.table) - position


def open_feed(options: MonitorOptions) -> Feed:
    """Open the stream that `--stream` names.

    Args:
        options: The options.

    Returns:
        The stream.

    Raises:
        InputError: If there is none, or it cannot be read.
    """
    if options.stream == "simulated":
        return simulated_feed()
    if "://" in options.stream:
        if options.table is None:
            raise InputError(f"--stream {options.stream} is a database: pass the table to monitor with --table")
        return DatabaseFeed(options.stream, options.table, options.key)
    return table_feed(Path(options.stream))


def table_feed(file: Path) -> TableFeed:
    """Open a table as a stream. Its name contains its checksum, so that progress is kept if the file is renamed.

    Args:
        file: The table.

    Returns:
        The stream.

    Raises:
        InputError: If the file is not a table, or cannot be read.
    """
    if not is_table(file):
        raise InputError(f"{file.name} is not a table: expected .csv, .tsv, .parquet or .arff")
    return TableFeed(f"{file.name} ({sha256(file)[:8]})" if file.is_file() else file.name, read_table(file))


def simulated_feed() -> TableFeed:
    """Open the last simulated payments as a stream, without the column that says which are fraud.

    Returns:
        The stream.
    """
    import polars as pl

    simulate = registry().dataset("simulated").embedded
    arrays = simulate() if simulate else {}
    table = pl.DataFrame({name: values for name, (values, _) in arrays.items() if name != "fraud"})
    return TableFeed("simulated", table[int(len(table) * (1 - SIMULATED_SHARE)) :])
