"""Tables from files, addresses, databases, named data sets and memory."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import InputError, NamedDataset
from plexus.data.archives import opened_folder
from plexus.data.databases import is_database, read_query
from plexus.data.named import locate
from plexus.data.table_rows import TableRows
from plexus.data.tables import FORMATS, is_table, plain_types, read_table, spreadsheet_hint, with_cells_as_written
from plexus_tables.datasets import DATASETS
from plexus_tables.frames import to_frame, to_series
from plexus_tables.named_table import NamedTable
from plexus_tables.options import TableOptions

if TYPE_CHECKING:
    import polars as pl

    from plexus_tables.table_encoder import TableEncoder

MAX_NAME = 10_000
"""Characters of the name of a column, as in the state of a codec."""
_RENAMED = re.compile(r"(.+)_duplicated_\d+")
"""Name that a reader gives to the second of two columns of one name."""


@dataclass(frozen=True)
class TableSource:
    """A table, and where it is from.

    Args:
        frame: The table: two columns or more, or one without a target, and one row or more.
        place: The file or the data set, for messages.
        licence: Licence of the data, for the model card.
        target: Name of the target, if the source has one.
        file: The file that the table is from; None if it is from elsewhere.
        needs_target: Whether one of the columns is to be the target.

    Raises:
        InputError: If the table has one column only, no rows, a column twice, or a name that is too long.

    Example:
        ```python
        source = read_source(TableOptions.parse({"data": "patients.csv"}))
        source.frame.columns
        ```
    """

    frame: "pl.DataFrame"
    place: str
    licence: str = "not stated"
    target: str | None = None
    file: Path | None = None
    needs_target: bool = True

    def __post_init__(self) -> None:
        names = self.frame.columns
        renamed = (match for match in map(_RENAMED.fullmatch, names) if match and match[1] in names)
        for match in renamed:
            raise InputError(
                f"{self.place}: the column {match[1]!r} is there more than once (columns {names.index(match[1]) + 1} "
                f"and {names.index(match[0]) + 1}): rename or remove one"
            )
        for number, name in enumerate(names, 1):
            if len(name) > MAX_NAME:
                raise InputError(
                    f"{self.place}: the name of column {number} has {len(name):,} characters, expected at most "
                    f"{MAX_NAME:,}: rename {name[:40]!r}…"
                )
        if not len(self.frame):
            raise InputError(f"{self.place} has no rows: expected one example per row")
        if len(names) < 1 + self.needs_target:
            raise InputError(
                f"{self.place} has one column only, {names[0] if names else ''!r}: expected a target and columns to "
                "predict it from"
            )

    def cells_as_written(self, name: str) -> "pl.Series":
        """Return a column of labels or groups, in which 1.10 is not 1.1.

        Args:
            name: Name of the column.

        Returns:
            The column; if a reader took its texts for numbers that are not whole, the cells of the file.
        """
        return self.frame[name] if self.file is None else with_cells_as_written(self.frame, self.file, [name])[name]

    def rows(self, encoder: "TableEncoder") -> TableRows:
        """Return the rows as they are passed to an encoder.

        Args:
            encoder: The encoder.

        Returns:
            The rows, with the cells of the file in categorical columns.
        """
        categorical = {column.name for column in encoder.columns if column.kind == "categorical"}
        names = [name for name in self.frame.columns if name in categorical]
        written = self.frame.with_columns(self.cells_as_written(name) for name in names)
        return TableRows(self.frame, self.place, written=written)

    @classmethod
    def in_memory(cls, data: object, targets: Sequence[object] | None = None, place: str = "the table") -> Self:
        """Return a table in memory.

        Args:
            data: As of `to_frame`.
            targets: One target per row; None if the target is a column of the table.
            place: Its name, for messages.

        Returns:
            The source; the column of `targets` is named `target`, or `target_1`, … if there is one of that name.

        Raises:
            InputError: As of `to_frame`, if it has one column only, or there are more or fewer targets than rows.
        """
        frame = to_frame(data)
        if targets is None:
            return cls(frame, place)
        if len(targets) != len(frame):
            raise InputError(f"{place} has {len(frame):,} rows and {len(targets):,} targets: expected one per row")
        names = ("target", *(f"target_{number}" for number in range(1, frame.width + 1)))
        name = next(name for name in names if name not in frame.columns)
        values = targets.tolist() if isinstance(targets, np.ndarray) else list(targets)
        return cls(frame.with_columns(to_series(name, values)), place, target=name)


def read_source(
    options: TableOptions, place: Path | NamedDataset | None = None, needs_target: bool = True
) -> TableSource:
    """Read the table that the options name.

    Args:
        options: The options: `data`, and `query` for a database.
        place: The file or the named data set, if `options.data` is located already.
        needs_target: Whether one of the columns is to be the target.

    Returns:
        The table.

    Raises:
        InputError: If there is no such table, it cannot be read, has no column next to the target, no rows, or a
            column twice; or if the query of a database is missing.
    """
    if _is_database(options):
        return TableSource(_read_database(options), options.data, needs_target=needs_target)
    if place is None:
        place = locate(options.data, DATASETS)
    if isinstance(place, NamedTable):
        return TableSource(place.read_frame(), place.id, place.licence, place.columns[-1])
    if isinstance(place, NamedDataset):
        raise InputError(f"--data {place.id}: expected a table, found a data set of another kind")
    if not is_table(place):
        with opened_folder(place):  # the error names the tables in an archive
            raise InputError(f"--data {place}: expected a table ({FORMATS}){spreadsheet_hint(place)}")
    return TableSource(_with_texts(read_table(place)), str(place), file=place, needs_target=needs_target)


def _is_database(options: TableOptions) -> bool:
    database = is_database(options.data)
    if database and not options.query:
        raise InputError(
            f"--data {options.data} is a database: pass the query that selects the rows with --query; a bundle's own "
            "is not run on other data"
        )
    if options.query and not database:
        raise InputError(f"--query is for databases, and {options.data} is not one")
    return database


def _read_database(options: TableOptions) -> "pl.DataFrame":
    import polars as pl

    try:
        return _with_texts(read_query(options.data, options.query or ""))
    except pl.exceptions.DuplicateError as error:
        raise InputError(
            f"{options.data}: query {options.query!r} selects two columns of one name: rename one with AS"
        ) from error


def _with_texts(frame: "pl.DataFrame") -> "pl.DataFrame":
    """Return the table with the types of `plain_types`; times of day, which are no dates, as text."""
    import polars as pl

    return plain_types(frame).with_columns(pl.col(pl.Time).cast(pl.String))
