"""A table of a database as a stream of transactions."""

import re
from collections import Counter
from collections.abc import Set
from typing import Any

import sqlalchemy
from sqlalchemy import literal_column, select, text

from plexus import InputError
from plexus.data.databases import Database
from plexus_apps.fraud_monitor.feed import Feed, Positioned, Transaction

LIMIT = 2**63
"""Keys are between its negative and itself: the position before the lowest key has to fit in 64 bits, too."""
_POSITION = "plexus_position"
"""Name of the key in the selected rows: databases differ in the case of names."""
_NUMBERS = {"smallint", "integer", "bigint", "numeric", "real", "double precision"}
"""PostgreSQL's types of numbers."""
_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?")


class DatabaseFeed(Feed):
    """The rows of a table of a database that grows; positions are the values of a column that numbers them.

    The values of the column are whole numbers, each of which occurs once. They need not be committed in their order:
    sequences of PostgreSQL give numbers to transactions that run at the same time, and a lower number may be committed
    later.

    Args:
        url: Address of the database.
        table: Name of the table.
        key: Name of the column.

    Raises:
        InputError: If a name is not one, the table cannot be read, or a value of the column occurs twice.

    Example:
        ```python
        DatabaseFeed("sqlite:///shop.db", "payments", key="id").after(0, limit=10)
        ```
    """

    grows_in_order = False

    def __init__(self, url: str, table: str, key: str) -> None:
        for option, name in (("--table", table), ("--key", key)):
            if not _NAME.fullmatch(name):
                raise InputError(f"{option} must be a name of letters and digits, not {name!r}")
        self.database, self.table, self.key = Database(url, read_only=True), table, key
        self.name = f"{table} of {url.rpartition('/')[2].partition('?')[0]}"
        self._require_numbers()  # fails now, not later, if there is no such table
        self._is_declared_unique = self._find_unique_constraint()
        if not self._is_declared_unique:
            self._require_unique()

    def start(self) -> int:
        """Return the position before the first transaction.

        Returns:
            One less than the lowest key, at most 0.
        """
        lowest = self._scalar(select(sqlalchemy.func.min(self._key)).where(self._has_position))
        return 0 if lowest is None else min(int(lowest) - 1, 0)

    def after(self, position: int, limit: int) -> list[Positioned]:
        """Return the next transactions.

        Args:
            position: The last position that was read.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order; none if there are no more, or none yet.
        """
        return self._select(self._key > position, self._key, limit)

    def before(self, position: int, limit: int) -> list[Positioned]:
        """Return the last transactions up to a position.

        Args:
            position: The last position.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order.
        """
        return self._select(self._key <= position, self._key.desc(), limit)[::-1]

    def late(self, floor: int, position: int, scored: Set[int], limit: int) -> list[Positioned]:
        """Return transactions that were committed behind a position which has been read already.

        Args:
            floor: Positions up to this one are skipped.
            position: The last position that was read.
            scored: Positions between them that were processed.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order.
        """
        between = (self._key > floor) & (self._key <= position) & self._has_position
        query = select(self._key).select_from(text(self.table)).where(between).order_by(self._key)
        with self.database.transaction() as connection:
            keys = [int(key) for key in connection.execute(query).scalars()]
        self._refuse_repeated(keys)
        late = [key for key in keys if key not in scored][:limit]
        return self._select(self._key.in_(late), self._key, limit) if late else []

    def without_position(self, limit: int) -> list[tuple[str, Transaction]]:
        """Return transactions whose key is no whole number.

        Args:
            limit: Maximum number of transactions.

        Returns:
            Pairs of the value of the key and the transaction.
        """
        with self.database.transaction() as connection:
            rows = connection.execute(self._rows().where(self._lacks_position).limit(limit)).mappings()
            return [(f"{self.key} = {row[_POSITION]!r}", _as_transaction(row)) for row in rows]

    @property
    def _key(self) -> "sqlalchemy.ColumnClause[int]":
        return literal_column(self.key, sqlalchemy.BigInteger())

    @property
    def _has_position(self) -> "sqlalchemy.ColumnElement[bool]":
        """Whether the key is a whole number within `LIMIT`; SQLite holds values of any type in any column."""
        key = self.key
        if self.database.is_sqlite:
            whole = f"(typeof({key}) = 'integer' or (typeof({key}) = 'real' and {key} = cast({key} as integer)))"
        else:
            whole = f"({key} = floor({key}))"
        return literal_column(f"({whole} and {key} > -{LIMIT} and {key} < {LIMIT})", sqlalchemy.Boolean())

    @property
    def _lacks_position(self) -> "sqlalchemy.ColumnElement[bool]":
        condition = f"({self.key} is null or not {self._has_position.compile().string})"
        return literal_column(condition, sqlalchemy.Boolean())

    def _rows(self) -> "sqlalchemy.Select[Any]":
        # The names are checked above; unquoted, they are found whatever their case.
        columns: list[Any] = [literal_column(self.key).label(_POSITION), text("*")]
        return select(*columns).select_from(text(self.table))

    def _select(
        self, condition: "sqlalchemy.ColumnElement[bool]", order: "sqlalchemy.ColumnElement[int]", limit: int
    ) -> list[Positioned]:
        query = self._rows().where(condition & self._has_position).order_by(order).limit(limit)
        with self.database.transaction() as connection:
            rows = [(int(row[_POSITION]), _as_transaction(row)) for row in connection.execute(query).mappings()]
        self._refuse_repeated([position for position, _ in rows])
        return rows

    def _scalar(self, query: "sqlalchemy.Select[Any]") -> Any:
        with self.database.transaction() as connection:
            return connection.execute(query.select_from(text(self.table))).scalar()

    def _require_numbers(self) -> None:
        function = "typeof" if self.database.is_sqlite else "pg_typeof"
        kind = self._scalar(select(text(f"cast({function}({self.key}) as text)")).limit(1))
        is_number = self.database.is_sqlite or kind in _NUMBERS
        if kind is not None and not (is_number and self._has_rows(self._has_position)):
            raise InputError(
                f"--key {self.key}: the column of {self.table} holds values of type {kind}; expected whole numbers "
                "that number the rows"
            )

    def _has_rows(self, condition: "sqlalchemy.ColumnElement[bool]") -> bool:
        return self._scalar(select(text("1")).where(condition).limit(1)) is not None

    def _find_unique_constraint(self) -> bool:
        """Return whether the database itself keeps the values unique; of a view it does not say."""
        schema, _, table = self.table.rpartition(".")
        with self.database.transaction() as connection:
            inspector = sqlalchemy.inspect(connection)
            names = {name.lower(): name for name in inspector.get_table_names(schema or None)}
            if table.lower() not in names:
                return False
            place = names[table.lower()], schema or None
            constraints: list[Any] = [
                inspector.get_pk_constraint(*place)["constrained_columns"],
                *(constraint["column_names"] for constraint in inspector.get_unique_constraints(*place)),
                *(index["column_names"] for index in inspector.get_indexes(*place) if index["unique"]),
            ]
        return any([str(name).lower() for name in columns] == [self.key.lower()] for columns in constraints)

    def _require_unique(self) -> None:
        query = select(self._key).where(self._has_position).group_by(self._key).having(text("count(*) > 1"))
        repeated = self._scalar(query.limit(1))
        if repeated is not None:
            raise self._repetition(repeated)

    def _refuse_repeated(self, keys: list[int]) -> None:
        if self._is_declared_unique or len(set(keys)) == len(keys):
            return
        raise self._repetition(next(key for key, count in Counter(keys).items() if count > 1))

    def _repetition(self, value: object) -> InputError:
        return InputError(
            f"--key {self.key}: the value {value} occurs in several rows of {self.table}; expected a column whose "
            "values are unique, such as the primary key"
        )


def _as_transaction(row: "sqlalchemy.RowMapping") -> Transaction:
    return {str(name): value for name, value in row.items() if name != _POSITION}
