"""Connections to databases by SQLAlchemy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from plexus.data.column_types import ColumnTypes
from plexus.data.tables import plain_types
from plexus.errors import InputError

if TYPE_CHECKING:
    import polars as pl
    import sqlalchemy

SCHEMES = {"postgresql", "postgres", "sqlite"}
CHUNK_ROWS = 50_000
CONNECT_TIMEOUT, WRITE_TIMEOUT = 10, 30.0
"""Seconds for a connection to PostgreSQL, and for a write of another process to SQLite."""


class DatabaseUrl(str):
    """The address of a database without its password, which is held in memory only, in no file and no message.

    Attributes:
        password: The password of the address; None if it has none, so that the driver looks for one.

    Example:
        ```python
        url = DatabaseUrl.parse("postgresql://me:secret@host/shop")
        str(url)  # "postgresql://me@host/shop"
        ```
    """

    password: str | None = None

    @classmethod
    def parse(cls, address: str) -> str:
        """Return an address without its password.

        Args:
            address: An address of a database, or any other text.

        Returns:
            The address as `DatabaseUrl`; other text as it is.
        """
        if isinstance(address, cls) or not is_database(address):
            return address
        parts = urlsplit(address)
        query = dict(parse_qsl(parts.query))
        password = query.pop("password", None) or (unquote(parts.password) if parts.password else None)
        if password is None:
            return cls(address)
        user, at, host = parts.netloc.rpartition("@")
        url = cls(parts._replace(netloc=user.partition(":")[0] + at + host, query=urlencode(query)).geturl())
        url.password = password
        return url


def is_database(address: str) -> bool:
    """Return whether an address is that of a database.

    Args:
        address: The value of an option.

    Returns:
        Whether its scheme is `sqlite`, `postgresql` or `postgres`.
    """
    return urlsplit(address).scheme in SCHEMES


class Database:
    """A database; each transaction has a connection of its own, so that any thread can use it.

    Args:
        url: `sqlite:///FILE`, the path of a SQLite file, or `postgresql://USER@HOST/NAME`.
        read_only: Whether connections may only read; a SQLite file has to exist then.

    Raises:
        InputError: If the file does not exist, or the driver is not installed.

    Example:
        ```python
        with Database("sqlite:///shop.db").transaction() as connection:
            rows = connection.execute(sqlalchemy.text("select * from payments")).all()
        ```
    """

    def __init__(self, url: str, read_only: bool = False) -> None:
        self.url, self.read_only = DatabaseUrl.parse(url), read_only
        self._engine = self._open()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file."""
        return urlsplit(self.url).scheme not in {"postgresql", "postgres"}

    @contextmanager
    def transaction(self) -> Iterator["sqlalchemy.Connection"]:
        """Run the block in a transaction, which is committed at its end or rolled back if it fails.

        Yields:
            The connection.

        Raises:
            InputError: If the database cannot be opened, or refuses a statement.
        """
        from sqlalchemy.exc import SQLAlchemyError

        connected = False
        try:
            with self._engine.begin() as connection:
                connected = True
                yield connection
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise InputError(f"{self.url}: {'' if connected else 'the database cannot be opened: '}{reason}") from error

    def _open(self) -> "sqlalchemy.Engine":
        import sqlalchemy
        from sqlalchemy.pool import NullPool

        if self.is_sqlite:
            address, arguments = self._sqlite_address(), {"timeout": WRITE_TIMEOUT}
        else:
            address = sqlalchemy.make_url(self.url).set(
                drivername="postgresql+psycopg", password=getattr(self.url, "password", None)
            )
            arguments = {"connect_timeout": CONNECT_TIMEOUT}
        try:
            engine = sqlalchemy.create_engine(address, poolclass=NullPool, connect_args=arguments)
        except ModuleNotFoundError as error:
            raise InputError(f"{self.url} needs {error.name}: pip install 'plexus-core[postgres]'") from error
        return engine.execution_options(postgresql_readonly=True) if self.read_only else engine

    def _sqlite_address(self) -> "sqlalchemy.URL":
        """Return the file as a URI, which can ask SQLite not to write."""
        import sqlalchemy

        file = Path(self.url.removeprefix("sqlite:///"))
        if self.read_only and not file.is_file():
            raise InputError(f"{self.url}: there is no such file")
        query = {"mode": "ro" if self.read_only else "rwc", "uri": "true"}
        return sqlalchemy.URL.create("sqlite", database=file.absolute().as_uri(), query=query)


def read_query(url: str, query: str) -> "pl.DataFrame":
    """Read the rows of a query in chunks, over a read-only connection.

    Polars' `read_database` is not used: it refuses columns of several types, which SQLite allows.

    Args:
        url: The address, as of `Database`.
        query: The SQL query.

    Returns:
        The rows.

    Raises:
        InputError: If the database cannot be opened, or the query fails, writes, or selects no rows.
    """
    import polars as pl

    parts = []
    with Database(url, read_only=True).transaction() as connection:
        result = connection.execution_options(stream_results=True).exec_driver_sql(query)
        if not result.returns_rows:
            raise InputError(f"{url}: query {query!r} selects nothing")
        names = list(result.keys())
        for rows in result.partitions(CHUNK_ROWS):
            values = list(map(tuple, rows))
            parts.append(pl.DataFrame(values, schema=names, orient="row", infer_schema_length=None, strict=False))
    if not parts:
        raise InputError(f"{url}: query {query!r} selects no rows")
    table = plain_types(pl.concat(parts, how="vertical_relaxed"))
    ColumnTypes.infer([table.select(pl.col(pl.String))], ",")  # texts may be numbers with a decimal comma
    return table
