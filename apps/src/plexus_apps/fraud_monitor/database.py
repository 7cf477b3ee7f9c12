"""SQLite and PostgreSQL, by the same few words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plexus import InputError

PATIENCE = 30.0
"""Seconds that a write waits for another to end."""


class Database:
    """A database that is opened for each piece of work, from any thread.

    Args:
        url: `postgresql://…`, `sqlite:///FILE`, or a file of SQLite.
    """

    def __init__(self, url: str) -> None:
        self.url, self.is_postgresql = url, url.startswith(("postgresql://", "postgres://"))
        self.file = Path(url.removeprefix("sqlite:///"))

    @contextmanager
    def working(self) -> Iterator[Any]:
        """A function that executes SQL, its values marked by `?`; all of a block is done, or nothing of it.

        Raises:
            InputError: the database cannot be reached, or refuses.
        """
        if self.is_postgresql:
            yield from self._postgresql()
        else:
            yield from self._sqlite()

    def _sqlite(self) -> Iterator[Any]:
        try:
            connection = sqlite3.connect(self.file, timeout=PATIENCE)
            try:
                with connection:  # commits, or takes all of it back
                    yield lambda sql, values=(): _rows(connection.execute(sql, values))
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise InputError(f"{self.url}: {error}; a file of SQLite that can be written is wanted") from error

    def _postgresql(self) -> Iterator[Any]:
        try:
            import psycopg
        except ImportError as error:
            raise InputError("PostgreSQL needs psycopg: pip install 'plexus-suite[postgres]'") from error
        try:
            with psycopg.connect(self.url, connect_timeout=10) as connection:
                yield lambda sql, values=(): _rows(connection.execute(sql.replace("?", "%s"), values))
        except psycopg.Error as error:
            reason = str(error).strip().splitlines()[0]
            raise InputError(f"the database cannot be reached, or refuses: {reason}") from error


def _rows(cursor: Any) -> list[dict[str, Any]]:
    if cursor.description is None:
        return []
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
