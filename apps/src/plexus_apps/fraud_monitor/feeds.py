"""Where transactions come from."""

import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plexus import InputError
from plexus.data.tables import is_table, read_table
from plexus.plugins.registry import registry
from plexus.utils.files import sha256
from plexus_apps.fraud_monitor.database import Database
from plexus_apps.fraud_monitor.flags import MonitorFlags

if TYPE_CHECKING:
    import polars as pl

Placed = tuple[int, dict[str, Any]]
SHARE = 0.2
"""Of the made-up transactions, the last, which no training has learned from."""


class Feed(ABC):
    """Transactions with their positions, which only grow.

    Attributes:
        name: under which the store knows it.
    """

    name: str

    @abstractmethod
    def after(self, position: int, most: int) -> list[Placed]:
        """The next ones; none where there are none yet, or no more."""

    @abstractmethod
    def before(self, position: int, most: int) -> list[Placed]:
        """The last ones up to a position, in order: what behaviour follows from."""

    def left(self, position: int) -> int | None:
        """How many come after a position; None if nobody knows."""
        return None


class TableFeed(Feed):
    """The rows of a table, one after the other; positions count from 1."""

    def __init__(self, name: str, table: "pl.DataFrame") -> None:
        self.name, self.table = name, table

    def after(self, position: int, most: int) -> list[Placed]:
        """See `Feed`."""
        return list(enumerate(self.table[position : position + most].to_dicts(), position + 1))

    def before(self, position: int, most: int) -> list[Placed]:
        """See `Feed`."""
        start = max(position - most, 0)
        return self.after(start, position - start)

    def left(self, position: int) -> int:
        """See `Feed`."""
        return len(self.table) - position


class DatabaseFeed(Feed):
    """The rows of a table that grows, by a column that numbers them."""

    def __init__(self, url: str, table: str, key: str) -> None:
        for flag, name in (("--table", table), ("--key", key)):
            if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?", name):
                raise InputError(f"{flag} must be a name of letters and digits, not {name!r}")
        self.database, self.table, self.key = Database(url), table, key
        if not self.database.is_postgresql and not self.database.file.is_file():
            raise InputError(f"--stream {url}: there is no such file")
        self.name = f"{table} of {url.rpartition('/')[2].partition('?')[0]}"
        self.after(0, 1)  # to be told now if there is no such table

    def after(self, position: int, most: int) -> list[Placed]:
        """See `Feed`."""
        return self._selected(f"> ? ORDER BY {self.key} LIMIT ?", position, most)

    def before(self, position: int, most: int) -> list[Placed]:
        """See `Feed`."""
        return self._selected(f"<= ? ORDER BY {self.key} DESC LIMIT ?", position, most)[::-1]

    def _selected(self, condition: str, *values: int) -> list[Placed]:
        with self.database.working() as execute:
            rows = execute(f"SELECT * FROM {self.table} WHERE {self.key} {condition}", values)  # noqa: S608 - names are checked
        return [(int(row[self.key]), row) for row in rows]


def feed_of(flags: MonitorFlags) -> Feed:
    """The feed that `--stream` names.

    Raises:
        InputError: there is none, or it cannot be read.
    """
    if flags.stream == "simulated":
        return simulated()
    if "://" in flags.stream:
        if flags.table is None:
            raise InputError(f"--stream {flags.stream} is a database: give the --table to watch")
        return DatabaseFeed(flags.stream, flags.table, flags.key)
    return table_feed(Path(flags.stream))


def table_feed(file: Path) -> TableFeed:
    """A table's rows; it is known by its content, so that it is gone on with under any name.

    Raises:
        InputError: it is not a table, or cannot be read.
    """
    if not is_table(file):
        raise InputError(f"{file.name} is not a table: .csv, .tsv, .parquet or .arff is wanted")
    return TableFeed(f"{file.name} ({sha256(file)[:8]})" if file.is_file() else file.name, read_table(file))


def simulated() -> TableFeed:
    """The last of the made-up payments, without what nobody knows yet: which are fraud."""
    import polars as pl

    made = registry().dataset("simulated").embedded
    assert made is not None  # noqa: S101 - the set is made up, and has no files
    table = pl.DataFrame({name: values for name, (values, _) in made().items() if name != "fraud"})
    return TableFeed("simulated", table[int(len(table) * (1 - SHARE)) :])
