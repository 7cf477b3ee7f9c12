"""What was seen in the last weeks."""

import base64
import io
import threading
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from plexus_fraud.behaviour import SPANS, behaviour
from plexus_fraud.transactions import DAY

SPARE = 7 * DAY
"""Kept longer than behaviour goes back, for what is given again."""
FEW = 32
"""Transactions, up to which their own customers and terminals are looked up instead of going through all."""
PILE = 10_000
"""Transactions that may wait to be sorted in."""
NUMBERS = ("time", "amount", "fraud")


class History:
    """The transactions of the last weeks, and the behaviour that follows from them.

    Transactions are columns of arrays in the order of time: `time` in seconds, `amount`, `fraud` (0 where it is not
    known), and the ids of each role as texts.

    Args:
        delay: seconds until it is known whether a transaction was fraud.
        roles: which ids there are: `customer`, `terminal`, or both.
        columns: of the transactions that are kept.
    """

    def __init__(self, delay: float, roles: Sequence[str], columns: dict[str, np.ndarray] | None = None) -> None:
        self.delay, self.roles, self.kept = delay, tuple(roles), max(SPANS) * DAY + delay + SPARE
        empty = {name: np.empty(0) for name in NUMBERS} | {role: np.empty(0, object) for role in roles}
        self.columns = empty if columns is None else columns
        self._waiting: list[dict[str, np.ndarray]] = []
        self._pile = 0
        self._places: dict[str, dict[str, list[Any]]] | None = None
        self._count = 0
        self._last, self._latest = -np.inf, set[tuple[Any, ...]]()
        self._lock = threading.RLock()  # a server answers and explains in several threads
        self._note_latest(self.columns)

    def features(self, given: dict[str, np.ndarray]) -> np.ndarray:
        """The behaviour before each transaction `(n, numbers)`, as of `behaviour`.

        Args:
            given: they are looked at one after another, and not kept; of what is kept, only what came before them is.
        """
        with self._lock:
            before = self._of_the_same(given) if len(given["time"]) <= FEW else self._before(given)
        together = {name: np.concatenate([before[name], given[name]]) for name in given}
        return behaviour(together, self.delay)[len(before["time"]) :]

    def extend(self, given: dict[str, np.ndarray]) -> None:
        """Keep transactions that came after those that are kept; the others were seen already."""
        with self._lock:
            self._keep(given)

    def _keep(self, given: dict[str, np.ndarray]) -> None:
        same, after = _ends(given, self._last)
        fresh = [row for row, one in enumerate(_rows(given, same, after), same) if one not in self._latest]
        rows = np.concatenate([np.array(fresh, int), np.arange(after, len(given["time"]))])
        if not len(rows):
            return
        self._take({name: values[rows] for name, values in given.items()})

    def _take(self, given: dict[str, np.ndarray]) -> None:
        self._waiting.append(given)
        self._pile += len(given["time"])
        if self._places is not None:
            self._index(self._places, given)
        self._note_latest(given)
        if self._pile > len(self.columns["time"]) + PILE:
            self._all()

    def _note_latest(self, given: dict[str, np.ndarray]) -> None:
        if len(given["time"]):
            last = float(given["time"][-1])
            kept = self._latest if last == self._last else set()
            self._last, self._latest = last, kept | set(_rows(given, *_ends(given, last)))

    def _before(self, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Those that came before. One that is given again is not its own past."""
        columns, first = self._all(), float(given["time"][0])
        low, high = _ends(columns, first)
        asked = set(_rows(given, *_ends(given, first)))
        same = [row for row, one in enumerate(_rows(columns, low, high), low) if one not in asked]
        rows = np.concatenate([np.arange(low), np.array(same, int)])
        return {name: values[rows] for name, values in columns.items()}

    def _all(self) -> dict[str, np.ndarray]:
        """All that are not too old, in one piece."""
        if self._waiting:
            parts = (self.columns, *self._waiting)
            joined = {name: np.concatenate([part[name] for part in parts]) for name in self.columns}
            old, _ = _ends(joined, float(joined["time"][-1]) - self.kept)
            self.columns = {name: values[old:] for name, values in joined.items()}
            self._waiting, self._pile, self._places = [], 0, None
        return self.columns

    def _of_the_same(self, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """As `_before`, those of the same customers and terminals alone."""
        if self._places is None:
            columns = self._all()
            self._places = {role: {} for role in self.roles}
            self._index(self._places, columns)
        rows = {
            row[1]: row
            for role, places in self._places.items()
            for id in set(given[role].tolist())
            for row in places.get(id, ())
        }
        first = float(given["time"][0])
        asked = set(_rows(given, *_ends(given, first)))
        kept = [row for row in rows.values() if first - self.kept <= row[0] <= first]
        # A row begins with its time and its number, by which equal times keep their order.
        kept = sorted(row for row in kept if (row[0], *row[2:3], *row[4:]) not in asked)
        columns = list(zip(*kept, strict=True)) or [()] * (2 + len(given))
        del columns[1]
        kinds = [float] * len(NUMBERS) + [object] * len(self.roles)
        names = (*NUMBERS, *self.roles)
        return {name: np.array(values, kind) for name, values, kind in zip(names, columns, kinds, strict=False)}

    def _index(self, places: dict[str, dict[str, list[Any]]], given: dict[str, np.ndarray]) -> None:
        for time, *rest in zip(*(given[name].tolist() for name in (*NUMBERS, *self.roles)), strict=True):
            self._count += 1
            row = (time, self._count, *rest)
            for role, id in zip(self.roles, rest[len(NUMBERS) - 1 :], strict=True):
                if id:
                    places[role].setdefault(id, []).append(row)

    def to_json(self) -> dict[str, Any]:
        """For `from_json`: ids as numbers of a list, all of it packed."""
        with self._lock:
            columns = self._all()
        packed = {name: columns[name].astype(np.float64 if name == "time" else np.float32) for name in NUMBERS}
        for role in self.roles:
            names, codes = np.unique(columns[role].astype(str), return_inverse=True)
            packed |= {f"{role}_names": names, role: codes.astype(np.int32)}
        stream = io.BytesIO()
        np.savez_compressed(stream, **packed)
        content = base64.b64encode(stream.getvalue()).decode()
        return {"delay": self.delay, "roles": list(self.roles), "columns": content}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The history that gave this state."""
        with np.load(io.BytesIO(base64.b64decode(state["columns"])), allow_pickle=False) as packed:
            columns = {name: packed[name].astype(np.float64) for name in NUMBERS}
            columns |= {role: packed[f"{role}_names"].astype(object)[packed[role]] for role in state["roles"]}
        return cls(state["delay"], state["roles"], columns)


def _ends(columns: dict[str, np.ndarray], time: float) -> tuple[int, int]:
    """The rows of a time: from, up to."""
    times = columns["time"]
    return int(times.searchsorted(time, side="left")), int(times.searchsorted(time, side="right"))


def _rows(columns: dict[str, np.ndarray], start: int, end: int) -> list[tuple[Any, ...]]:
    """What tells some of the transactions from others: all but whether they were fraud."""
    return list(zip(*(values[start:end].tolist() for name, values in columns.items() if name != "fraud"), strict=True))
