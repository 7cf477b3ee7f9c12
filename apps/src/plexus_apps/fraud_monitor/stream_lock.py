"""The lock of a stream: one monitor scores it at a time."""

import os
import socket
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import sqlalchemy
from sqlalchemy import BigInteger, Column, Table, Text, delete, insert, select, update

from plexus import InputError

if TYPE_CHECKING:
    from plexus.data.databases import Database

METADATA = sqlalchemy.MetaData()
_MONITORS = Table(
    "monitors",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("token", Text),
    Column("host", Text),
    Column("process", BigInteger),
    Column("process_start", Text),
    Column("since", Text),
    Column("renewed", Text),
)
EXPIRY_SECONDS, RENEWAL_SECONDS = 60, 10
"""Seconds after which the lock of another host's monitor expires, and after which an idle monitor renews its own."""
_LOCKS: "WeakValueDictionary[str, StreamLock]" = WeakValueDictionary()
"""The locks of this process."""


class StreamLock:
    """A row in the store of the alerts that says which monitor scores a stream.

    The row of a process of this host that no longer runs, or that of another host which was not renewed for a minute,
    is taken over: a monitor that was killed does not block others.

    Args:
        database: The store of the alerts.
        stream: Name of the stream.

    Attributes:
        is_lost: Whether another monitor took the lock over.

    Example:
        ```python
        lock = StreamLock(store.database, "payments")
        lock.acquire()
        lock.release()
        ```
    """

    def __init__(self, database: "Database", stream: str) -> None:
        self.database, self.stream = database, stream
        self.token, self.is_lost = uuid.uuid4().hex, False
        _LOCKS[self.token] = self

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            InputError: If another monitor has it; the line says which.
        """
        with self.database.transaction() as connection:
            holder = self._holder(connection)
            if holder is not None and holder.token != self.token and _is_running(holder):
                raise self._refusal(holder)
            if holder is None:
                self._insert(connection)
                return
            own_row = (_MONITORS.c.stream == self.stream) & (_MONITORS.c.token == holder.token)
            if not connection.execute(update(_MONITORS).where(own_row).values(**self._values())).rowcount:
                raise self._refusal(self._holder(connection))

    def renew(self, connection: sqlalchemy.Connection) -> None:
        """Confirm within a transaction that this monitor has the lock.

        Args:
            connection: The connection of the transaction.

        Raises:
            InputError: If another monitor took it over.
        """
        own_row = (_MONITORS.c.stream == self.stream) & (_MONITORS.c.token == self.token)
        if not connection.execute(update(_MONITORS).where(own_row).values(renewed=_now())).rowcount:
            self.is_lost = True
            raise self._refusal(self._holder(connection))

    def release(self) -> None:
        """Give the lock back, if this monitor has it."""
        with self.database.transaction() as connection:
            connection.execute(delete(_MONITORS).where(_MONITORS.c.token == self.token))

    def _insert(self, connection: sqlalchemy.Connection) -> None:
        try:
            connection.execute(insert(_MONITORS).values(stream=self.stream, **self._values()))
        except sqlalchemy.exc.IntegrityError as error:  # another monitor was faster
            raise self._refusal(None) from error

    def _holder(self, connection: sqlalchemy.Connection) -> "sqlalchemy.Row[tuple[object, ...]] | None":
        return connection.execute(select(_MONITORS).where(_MONITORS.c.stream == self.stream)).first()

    def _values(self) -> dict[str, object]:
        return {
            "token": self.token,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "process_start": _process_start(os.getpid()),
            "since": _now(),
            "renewed": _now(),
        }

    def _refusal(self, holder: "sqlalchemy.Row[tuple[object, ...]] | None") -> InputError:
        holder_name = "another monitor"
        if holder is not None:
            holder_name = f"process {holder.process} on host {holder.host}, since {holder.since}"
        return InputError(
            f"{self.stream} is monitored already, with the alerts in {self.database.url}, by {holder_name}: "
            "stop that monitor, or use another store with --alerts"
        )


def _is_running(holder: "sqlalchemy.Row[tuple[object, ...]]") -> bool:
    if holder.host != socket.gethostname() or sys.platform == "win32":  # there a signal of 0 would end the process
        age = datetime.now(UTC) - datetime.fromisoformat(holder.renewed)
        return bool(age < timedelta(seconds=EXPIRY_SECONDS))
    if holder.process == os.getpid():
        return holder.token in _LOCKS
    try:
        os.kill(holder.process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs, as another user
        return True
    return bool(holder.process_start == _process_start(holder.process))


def _process_start(process: int) -> str:
    """Return when a process started, in the kernel's ticks: numbers of processes are used again. Linux only."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return "ended" if fields[0] == "Z" else fields[19]
    except (OSError, IndexError):
        return ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
