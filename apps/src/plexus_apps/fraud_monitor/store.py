"""Alerts that survive: none is lost, and none is there twice."""

import json
from dataclasses import dataclass
from typing import Any

from plexus_apps.fraud_monitor.database import Database

_TABLES = (
    "CREATE TABLE IF NOT EXISTS alerts (stream TEXT, position BIGINT, probability DOUBLE PRECISION, "
    "reasons TEXT, what TEXT, judged TEXT, PRIMARY KEY (stream, position))",
    "CREATE TABLE IF NOT EXISTS progress (stream TEXT PRIMARY KEY, position BIGINT)",
)


@dataclass(frozen=True)
class Alert:
    """A transaction that is to be looked at.

    Attributes:
        position: in its stream.
        probability: that it is fraud.
        reasons: what raised it most.
        transaction: its columns.
        judged: what a person said of it: `fraud`, `fine`, or nothing yet.
    """

    position: int
    probability: float
    reasons: tuple[str, ...]
    transaction: dict[str, Any]
    judged: str = ""


class AlertStore:
    """Alerts, and how far each stream has been seen, in one database.

    Both are written in one transaction of the database: a process that is killed has either done both or neither, and
    goes on behind the last position that was done.

    Args:
        url: as of `Database`.
    """

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        with self.database.working() as execute:
            for table in _TABLES:
                execute(table)

    def position(self, stream: str) -> int:
        """The last position that was seen; 0 for a new stream."""
        with self.database.working() as execute:
            found = execute("SELECT position FROM progress WHERE stream = ?", (stream,))
        return int(found[0]["position"]) if found else 0

    def keep(self, stream: str, alerts: list[Alert], position: int) -> None:
        """Keep alerts, and that the stream has been seen up to a position."""
        with self.database.working() as execute:
            for one in alerts:
                what = json.dumps(one.transaction, default=str)
                execute(
                    "INSERT INTO alerts VALUES (?, ?, ?, ?, ?, '')",
                    (stream, one.position, one.probability, json.dumps(one.reasons), what),
                )
            execute(
                "INSERT INTO progress VALUES (?, ?) ON CONFLICT (stream) DO UPDATE SET position = excluded.position",
                (stream, position),
            )

    def latest(self, stream: str, most: int) -> list[Alert]:
        """The latest alerts of a stream, the newest first."""
        with self.database.working() as execute:
            sql = "SELECT * FROM alerts WHERE stream = ? ORDER BY position DESC LIMIT ?"
            return [_alert(row) for row in execute(sql, (stream, most))]

    def count(self, stream: str) -> dict[str, int]:
        """How many there are, by how they were judged."""
        with self.database.working() as execute:
            found = execute("SELECT judged, COUNT(*) AS n FROM alerts WHERE stream = ? GROUP BY judged", (stream,))
        return {row["judged"]: int(row["n"]) for row in found}

    def judge(self, stream: str, position: int, judged: str) -> None:
        """Keep what a person said of an alert."""
        with self.database.working() as execute:
            execute("UPDATE alerts SET judged = ? WHERE stream = ? AND position = ?", (judged, stream, position))


def _alert(row: dict[str, Any]) -> Alert:
    reasons, what = tuple(json.loads(row["reasons"])), json.loads(row["what"])
    return Alert(int(row["position"]), float(row["probability"]), reasons, what, row["judged"])
