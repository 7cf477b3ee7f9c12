"""Transactions from a database, which is only read."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from plexus import InputError

if TYPE_CHECKING:
    import polars as pl

CHUNK = 50_000


def read_database(url: str, query: str | None) -> "pl.DataFrame":
    """What a query selects, fetched a piece at a time.

    Args:
        url: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`.

    Raises:
        InputError: there is no query, the database cannot be reached, or the query is none or writes. The password is
            not in the line.
    """
    import polars as pl

    shown = re.sub(r"//([^:/@]*):[^@]*@", r"//\1:…@", url)
    if not query:
        raise InputError(f"--data {shown} is a database: give the --query that selects the transactions")
    connection = _sqlite(url, shown) if url.startswith("sqlite:") else _postgresql(url, shown)
    try:
        cursor = connection.cursor()
        cursor.execute(query)
        if cursor.description is None:
            raise InputError(f"--query {query!r} selects nothing")
        names, pieces = [column[0] for column in cursor.description], []
        while rows := cursor.fetchmany(CHUNK):
            pieces.append(pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None, strict=False))
    except connection.errors as error:
        raise InputError(f"--query {query!r} on {shown}: {str(error).strip().splitlines()[0]}") from error
    finally:
        connection.close()
    if not pieces:
        raise InputError(f"--query {query!r} on {shown}: no rows")
    return pl.concat(pieces, how="vertical_relaxed")


class _Connection:
    """A connection, and the errors of its driver."""

    def __init__(self, inner: Any, errors: type[Exception]) -> None:
        self.cursor, self.close, self.errors = inner.cursor, inner.close, errors


def _sqlite(url: str, shown: str) -> _Connection:
    import sqlite3
    from pathlib import Path

    file = Path(url.removeprefix("sqlite:///"))
    if not file.is_file():
        raise InputError(f"--data {shown}: there is no such file")
    return _Connection(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True), sqlite3.Error)


def _postgresql(url: str, shown: str) -> _Connection:
    try:
        import psycopg
    except ImportError as error:
        raise InputError(f"--data {shown} needs psycopg: pip install 'plexus-suite[postgres]'") from error
    try:
        inner = psycopg.connect(url, connect_timeout=10)
    except psycopg.Error as error:
        host = urlsplit(url).hostname
        raise InputError(f"--data {shown}: {host} cannot be reached, or refuses ({type(error).__name__})") from error
    inner.read_only = True
    return _Connection(inner, psycopg.Error)
