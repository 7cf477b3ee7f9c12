"""Streams of transactions, from tables and databases."""

import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import InputError
from plexus.data.databases import Database
from plexus.data.tables import is_table, read_table
from plexus.plugins.registry import registry
from plexus.utils.files import sha256
from plexus_apps.fraud_monitor.options import MonitorOptions

if TYPE_CHECKING:
    import polars as pl
    import sqlalchemy

Transaction = dict[str, object]
"""Values of a transaction by column."""
Positioned = tuple[int, Transaction]
"""A transaction with its position in the stream."""
SIMULATED_SHARE = 0.2
"""Share of the simulated transactions that is streamed: the last ones, which training does not use."""


class Feed(ABC):
    """A stream of transactions with ascending positions.

    Attributes:
        name: Name by which alerts and progress are stored.

    Example:
        ```python
        feed = table_feed(Path("payments.csv"))
        feed.after(0, limit=10)
        ```
    """

    name: str

    @abstractmethod
    def after(self, position: int, limit: int) -> list[Positioned]:
        """Return the next transactions.

        Args:
            position: The last position that was read; 0 at the start.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order; none if there are no more, or none yet.
        """

    @abstractmethod
    def before(self, position: int, limit: int) -> list[Positioned]:
        """Return the last transactions up to a position, from which features of the next ones are computed.

        Args:
            position: The last position.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order.
        """

    def remaining(self, position: int) -> int | None:
        """Return how many transactions follow a position.

        Args:
            position: The position.

        Returns:
            The number; None if it is not known.
        """
        return None


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


class DatabaseFeed(Feed):
    """The rows of a table of a database that grows; positions are the values of a column that numbers them.

    Args:
        url: Address of the database.
        table: Name of the table.
        key: Name of the column.

    Raises:
        InputError: If a name is not one, or the table cannot be read.

    Example:
        ```python
        DatabaseFeed("sqlite:///shop.db", "payments", key="id").after(0, limit=10)
        ```
    """

    def __init__(self, url: str, table: str, key: str) -> None:
        for option, name in (("--table", table), ("--key", key)):
            if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?", name):
                raise InputError(f"{option} must be a name of letters and digits, not {name!r}")
        self.database, self.table, self.key = Database(url, read_only=True), table, key
        self.name = f"{table} of {url.rpartition('/')[2].partition('?')[0]}"
        self.after(0, 1)  # fails now, not later, if there is no such table

    def after(self, position: int, limit: int) -> list[Positioned]:
        """Return the next transactions.

        Args:
            position: The last position that was read; 0 at the start.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order; none if there are no more, or none yet.
        """
        return self._select(self._key_column > position, self._key_column, limit)

    def before(self, position: int, limit: int) -> list[Positioned]:
        """Return the last transactions up to a position.

        Args:
            position: The last position.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order.
        """
        return self._select(self._key_column <= position, self._key_column.desc(), limit)[::-1]

    @property
    def _key_column(self) -> "sqlalchemy.ColumnClause[int]":
        import sqlalchemy

        return sqlalchemy.literal_column(self.key, sqlalchemy.BigInteger())

    def _select(
        self, condition: "sqlalchemy.ColumnElement[bool]", order: "sqlalchemy.ColumnElement[int]", limit: int
    ) -> list[Positioned]:
        import sqlalchemy

        # The names are checked above; unquoted, they are found whatever their case.
        query = sqlalchemy.select(sqlalchemy.text("*")).select_from(sqlalchemy.text(self.table))
        with self.database.transaction() as connection:
            rows = connection.execute(query.where(condition).order_by(order).limit(limit)).mappings()
            return [(int(row[self.key]), dict(row)) for row in rows]


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
