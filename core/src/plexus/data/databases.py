"""Connections to databases by SQLAlchemy."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from plexus.errors import InputError

if TYPE_CHECKING:
    import polars as pl
    import sqlalchemy

SCHEMES = {"postgresql", "postgres", "sqlite"}
CHUNK_ROWS = 50_000
CONNECT_TIMEOUT, WRITE_TIMEOUT = 10, 30.0
"""Seconds for a connection to PostgreSQL, and for a write of another process to SQLite."""


class DatabaseUrl(str):
    """The address of a database without its password, which is held in memory alone: no file and no message has it.

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


def open_engine(url: str, read_only: bool = False) -> "sqlalchemy.Engine":
    """Create the engine of a database.

    Args:
        url: `sqlite:///FILE` or `postgresql://USER@HOST/NAME`; see `DatabaseUrl` for passwords.
        read_only: Whether connections may only read; a file of SQLite has to exist then.

    Returns:
        The engine; its connections are closed when they are released.

    Raises:
        InputError: If the file does not exist, or the driver is not installed.
    """
    import sqlalchemy
    from sqlalchemy.pool import NullPool

    if url.startswith("sqlite:"):
        address, arguments = _sqlite_url(url, read_only), {"timeout": WRITE_TIMEOUT}
    else:
        parsed = DatabaseUrl.parse(url)
        address = sqlalchemy.make_url(parsed).set(
            drivername="postgresql+psycopg", password=getattr(parsed, "password", None)
        )
        arguments = {"connect_timeout": CONNECT_TIMEOUT}
    try:
        engine = sqlalchemy.create_engine(address, poolclass=NullPool, connect_args=arguments)
    except ModuleNotFoundError as error:
        raise InputError(f"{url} needs {error.name}: pip install 'plexus-suite[postgres]'") from error
    return engine.execution_options(postgresql_readonly=True) if read_only else engine


def _sqlite_url(url: str, read_only: bool) -> "sqlalchemy.URL":
    """Return the address with the file as a URI, in which SQLite can be told not to write."""
    import sqlalchemy

    file = Path(url.removeprefix("sqlite:///"))
    if read_only and not file.is_file():
        raise InputError(f"{url}: there is no such file")
    query = {"mode": "ro" if read_only else "rwc", "uri": "true"}
    return sqlalchemy.URL.create("sqlite", database=file.absolute().as_uri(), query=query)


def read_query(url: str, query: str) -> "pl.DataFrame":
    """Read what a query selects, a part at a time; the connection can only read.

    Polars' `read_database` is not used: it refuses columns of several types, which SQLite allows.

    Args:
        url: As of `open_engine`.
        query: The SQL query.

    Returns:
        The rows.

    Raises:
        InputError: If the database cannot be reached, or the query fails, writes, or selects no rows.
    """
    import polars as pl
    import sqlalchemy

    try:
        with open_engine(url, read_only=True).connect() as connection:
            result = connection.execution_options(stream_results=True).exec_driver_sql(query)
            if not result.returns_rows:
                raise InputError(f"query {query!r} selects nothing")
            names = list(result.keys())
            parts = [
                pl.DataFrame(list(map(tuple, rows)), schema=names, orient="row", infer_schema_length=None, strict=False)
                for rows in result.partitions(CHUNK_ROWS)
            ]
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise InputError(f"{url}, query {query!r}: {database_reason(error)}") from error
    if not parts:
        raise InputError(f"{url}, query {query!r}: no rows")
    return pl.concat(parts, how="vertical_relaxed")


def database_reason(error: Exception) -> str:
    """Return the driver's message of an error, in one line.

    Args:
        error: An error of SQLAlchemy.

    Returns:
        The first line of the message, without the statement and its values.
    """
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
