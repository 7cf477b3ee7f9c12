"""A database of alerts."""

import json
from dataclasses import dataclass

import sqlalchemy
from sqlalchemy import BigInteger, Column, Double, Table, Text, func, insert, select, update

from plexus.data.databases import Database
from plexus_apps.fraud_monitor.feeds import Transaction

_METADATA = sqlalchemy.MetaData()
_ALERTS = Table(
    "alerts",
    _METADATA,
    Column("stream", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("probability", Double),
    Column("reasons", Text),
    Column("what", Text),
    Column("judged", Text),
)
_PROGRESS = Table("progress", _METADATA, Column("stream", Text, primary_key=True), Column("position", BigInteger))


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
            _METADATA.create_all(connection)

    def position(self, stream: str) -> int:
        """Return the last position of a stream that was processed.

        Args:
            stream: Name of the stream.

        Returns:
            The position; 0 for a new stream.
        """
        with self.database.transaction() as connection:
            query = select(_PROGRESS.c.position).where(_PROGRESS.c.stream == stream)
            return int(connection.execute(query).scalar() or 0)

    def add(self, stream: str, alerts: list[Alert], position: int) -> None:
        """Add alerts, and record that the stream was processed up to a position.

        Args:
            stream: Name of the stream.
            alerts: The alerts.
            position: The position.

        Raises:
            InputError: If one of the alerts exists already; none is added then.
        """
        rows = [
            {
                "stream": stream,
                "position": alert.position,
                "probability": alert.probability,
                "reasons": json.dumps(alert.reasons),
                "what": json.dumps(alert.transaction, default=str),
                "judged": alert.verdict,
            }
            for alert in alerts
        ]
        with self.database.transaction() as connection:
            if rows:
                connection.execute(insert(_ALERTS), rows)
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
