"""A database of alerts."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy
from sqlalchemy import BigInteger, Column, Double, Table, Text, delete, func, insert, select, update

from plexus.data.databases import Database
from plexus_apps.fraud_monitor.feed import Transaction
from plexus_apps.fraud_monitor.stream_lock import METADATA, StreamLock

_ALERTS = Table(
    "alerts",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("probability", Double),
    Column("reasons", Text),
    Column("what", Text),
    Column("judged", Text),
)
_PROGRESS = Table("progress", METADATA, Column("stream", Text, primary_key=True), Column("position", BigInteger))
_SCORED = Table(
    "scored",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
)
"""The last positions that were processed: of a row with a lower position it is known whether it was."""
_UNREADABLE = Table(
    "unreadable",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("reason", Text),
    Column("what", Text),
)


@dataclass(frozen=True)
class Alert:
    """A transaction to review.

    Args:
        position: Position in its stream.
        probability: Probability of fraud.
        reasons: Features that raised the probability most.
        transaction: The transaction.
        verdict: Verdict of the reviewer: `fraud`, `fine`, or empty if there is none yet.

    Example:
        ```python
        Alert(17, 0.93, ("amount: 812 (median 44)",), {"amount": 812})
        ```
    """

    position: int
    probability: float
    reasons: tuple[str, ...]
    transaction: Transaction
    verdict: str = ""


@dataclass(frozen=True)
class Unreadable:
    """A transaction that could not be scored.

    Args:
        key: Position in its stream, or the value that should have been one.
        reason: Why it could not be scored.
        transaction: The transaction.

    Example:
        ```python
        Unreadable("17", "column 'time': None is not a time", {"time": None, "amount": 5})
        ```
    """

    key: str
    reason: str
    transaction: Transaction


class AlertStore:
    """Alerts, and the progress of each stream, in one database.

    Both are written in one transaction: a process that is killed has written both or neither, and continues after the
    last position that was written.

    Args:
        url: A SQLite file, or the address of a database.

    Raises:
        InputError: If the database cannot be opened or written to.

    Example:
        ```python
        store = AlertStore("alerts.sqlite")
        store.latest("payments", limit=10)
        ```
    """

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        with self.database.transaction() as connection:
            METADATA.create_all(connection)

    def position(self, stream: str) -> int:
        """Return the highest position of a stream that was processed.

        Args:
            stream: Name of the stream.

        Returns:
            The position; 0 for a new stream.
        """
        with self.database.transaction() as connection:
            query = select(_PROGRESS.c.position).where(_PROGRESS.c.stream == stream)
            return int(connection.execute(query).scalar() or 0)

    def scored(self, stream: str) -> list[int]:
        """Return the last positions of a stream that were processed.

        Args:
            stream: Name of the stream.

        Returns:
            The positions in ascending order; none if they were not recorded.
        """
        query = select(_SCORED.c.position).where(_SCORED.c.stream == stream).order_by(_SCORED.c.position)
        with self.database.transaction() as connection:
            return [int(position) for position in connection.execute(query).scalars()]

    def add(
        self,
        stream: str,
        alerts: Sequence[Alert],
        position: int,
        scored: Sequence[int] = (),
        floor: int | None = None,
        unreadable: Sequence[Unreadable] = (),
        lock: StreamLock | None = None,
    ) -> None:
        """Add alerts, and record what was processed.

        Args:
            stream: Name of the stream.
            alerts: The alerts.
            position: The highest position that was processed.
            scored: Positions to record one by one.
            floor: Recorded positions below this one are removed; None: none are.
            unreadable: Transactions that could not be scored; those that are in the store already are not repeated.
            lock: The lock of the stream, which is renewed.

        Raises:
            InputError: If one of the alerts exists already, or another monitor has the lock; nothing is added then.
        """
        with self.database.transaction() as connection:
            if lock is not None:
                lock.renew(connection)
            if alerts:
                connection.execute(insert(_ALERTS), [_alert_row(stream, alert) for alert in alerts])
            if scored:
                connection.execute(insert(_SCORED), [{"stream": stream, "position": position} for position in scored])
            if floor is not None:
                connection.execute(delete(_SCORED).where((_SCORED.c.stream == stream) & (_SCORED.c.position < floor)))
            for entry in unreadable:
                _insert_unreadable(connection, stream, entry)
            progress = update(_PROGRESS).where(_PROGRESS.c.stream == stream).values(position=position)
            if not connection.execute(progress).rowcount:
                connection.execute(insert(_PROGRESS).values(stream=stream, position=position))

    def latest(self, stream: str, limit: int) -> list[Alert]:
        """Return the latest alerts of a stream.

        Args:
            stream: Name of the stream.
            limit: Maximum number of alerts.

        Returns:
            The alerts, newest first.
        """
        query = select(_ALERTS).where(_ALERTS.c.stream == stream).order_by(_ALERTS.c.position.desc()).limit(limit)
        with self.database.transaction() as connection:
            return [
                Alert(row.position, row.probability, tuple(json.loads(row.reasons)), json.loads(row.what), row.judged)
                for row in connection.execute(query)
            ]

    def unreadable(self, stream: str, limit: int) -> list[Unreadable]:
        """Return transactions of a stream that could not be scored.

        Args:
            stream: Name of the stream.
            limit: Maximum number of transactions.

        Returns:
            The transactions.
        """
        query = select(_UNREADABLE).where(_UNREADABLE.c.stream == stream).limit(limit)
        with self.database.transaction() as connection:
            return [Unreadable(row.key, row.reason, json.loads(row.what)) for row in connection.execute(query)]

    def count_unreadable(self, stream: str) -> int:
        """Return the number of transactions of a stream that could not be scored.

        Args:
            stream: Name of the stream.

        Returns:
            The number.
        """
        query = select(func.count()).select_from(_UNREADABLE).where(_UNREADABLE.c.stream == stream)
        with self.database.transaction() as connection:
            return int(connection.execute(query).scalar() or 0)

    def counts(self, stream: str) -> dict[str, int]:
        """Return the number of alerts of a stream by verdict.

        Args:
            stream: Name of the stream.

        Returns:
            Numbers by verdict.
        """
        query = select(_ALERTS.c.judged, func.count()).where(_ALERTS.c.stream == stream).group_by(_ALERTS.c.judged)
        with self.database.transaction() as connection:
            return {verdict: int(count) for verdict, count in connection.execute(query)}

    def set_verdict(self, stream: str, position: int, verdict: str) -> None:
        """Record the verdict of a reviewer.

        Args:
            stream: Name of the stream.
            position: Position of the alert.
            verdict: `fraud` or `fine`.
        """
        alert = (_ALERTS.c.stream == stream) & (_ALERTS.c.position == position)
        with self.database.transaction() as connection:
            connection.execute(update(_ALERTS).where(alert).values(judged=verdict))


def _alert_row(stream: str, alert: Alert) -> dict[str, object]:
    return {
        "stream": stream,
        "position": alert.position,
        "probability": alert.probability,
        "reasons": json.dumps(alert.reasons),
        "what": _as_text(alert.transaction),
        "judged": alert.verdict,
    }


def _insert_unreadable(connection: sqlalchemy.Connection, stream: str, entry: Unreadable) -> None:
    same = (_UNREADABLE.c.stream == stream) & (_UNREADABLE.c.key == entry.key)
    if connection.execute(select(func.count()).select_from(_UNREADABLE).where(same)).scalar():
        return
    what = _as_text(entry.transaction)
    connection.execute(insert(_UNREADABLE).values(stream=stream, key=entry.key, reason=entry.reason, what=what))


def _as_text(transaction: Transaction) -> str:
    """Return a transaction as JSON. PostgreSQL's texts cannot hold the character 0, in whatever form JSON has it."""
    return json.dumps(transaction, default=str).replace("\\u0000", "\\ufffd")
