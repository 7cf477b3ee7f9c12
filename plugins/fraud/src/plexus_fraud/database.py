"""Transactions from a database, which is only read."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from plexus import InputError

if TYPE_CHECKING:
    import polars as pl

SCHEMES = {"postgresql", "postgres", "sqlite"}
CHUNK = 50_000
LOOKED_UP = "PGPASSWORD"
"""The environment variable in which PostgreSQL's own library looks for a password."""


def is_database(data: str) -> bool:
    """Whether an address is that of a database."""
    return urlsplit(data).scheme in SCHEMES


def without_password(data: str) -> str:
    """An address without its password, which goes where only the connection looks: no file and no line has it then."""
    address = urlsplit(data)
    query = dict(parse_qsl(address.query))
    password = query.pop("password", None) or (unquote(address.password) if address.password else None)
    if password is None or address.scheme not in SCHEMES:
        return data
    os.environ[LOOKED_UP] = password
    who, at, where = address.netloc.rpartition("@")
    return address._replace(netloc=who.partition(":")[0] + at + where, query=urlencode(query)).geturl()


def read_database(url: str, query: str | None) -> "pl.DataFrame":
    """What a query selects, fetched a piece at a time.

    Args:
        url: `sqlite:///FILE` or `postgresql://USER@HOST/NAME`.

    Raises:
        InputError: there is no query, the database cannot be reached, or the query is none or writes.
    """
    import polars as pl

    if not query:
        raise InputError(f"--data {url} is a database: give the --query that selects the transactions")
    connection = _sqlite(url) if url.startswith("sqlite:") else _postgresql(url)
    try:
        cursor = connection.cursor()
        cursor.execute(query)
        if cursor.description is None:
            raise InputError(f"--query {query!r} selects nothing")
        names, pieces = [column[0] for column in cursor.description], []
        while rows := cursor.fetchmany(CHUNK):
            pieces.append(pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None, strict=False))
    except connection.errors as error:
        raise InputError(f"--query {query!r} on {url}: {str(error).strip().splitlines()[0]}") from error
    finally:
        connection.close()
    if not pieces:
        raise InputError(f"--query {query!r} on {url}: no rows")
    return pl.concat(pieces, how="vertical_relaxed")


@dataclass(frozen=True)
class _Connection:
    """How to begin a query, how to end, and the errors of the driver."""

    cursor: Callable[[], Any]
    close: Callable[[], None]
    errors: type[Exception]


def _sqlite(url: str) -> _Connection:
    import sqlite3

    file = Path(url.removeprefix("sqlite:///"))
    if not file.is_file():
        raise InputError(f"--data {url}: there is no such file")
    inner = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    return _Connection(inner.cursor, inner.close, sqlite3.Error)


def _postgresql(url: str) -> _Connection:
    try:
        import psycopg
    except ImportError as error:
        raise InputError(f"--data {url} needs psycopg: pip install 'plexus-suite[postgres]'") from error
    try:
        inner = psycopg.connect(url, connect_timeout=10)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1]
        raise InputError(f"--data {url}: the database cannot be reached, or refuses: {reason}") from error
    inner.read_only = True
    # A cursor with a name is the server's: it gives rows a piece at a time, and takes nothing but a query.
    return _Connection(lambda: inner.cursor("transactions"), inner.close, psycopg.Error)
