"""The transactions of the last weeks: the state of a stream."""

import base64
import io
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Self

import numpy as np

from plexus.codec import Arrays, JsonObject
from plexus_fraud.behaviour_features import WINDOW_DAYS, behaviour_features
from plexus_fraud.transaction_times import DAY

EXTRA_AGE = 7 * DAY
"""Seconds that transactions are kept beyond the longest window, for transactions that are passed again."""
MAX_INDEXED_ROWS = 32
"""Up to so many transactions, their accounts are looked up in an index instead of computing features of all."""
MAX_PENDING_ROWS = 10_000
"""Transactions that may be added before they are merged with the others."""
NUMBERS = ("time", "amount", "fraud")

Row = tuple[float | int | str, ...]


class AccountHistory:
    """The transactions of the last weeks, from which the features of the next ones are computed.

    Transactions are passed as activity: arrays in the order of time, `time` in seconds, `amount`, `fraud` (0 where it
    is not known), and the ids of each role as strings.

    Args:
        delay: Seconds until it is known whether a transaction was fraud.
        roles: `customer`, `terminal`, or both.
        activity: The first transactions; none by default.

    Example:
        ```python
        history = codec.history.copy()
        features = history.features(activity)
        history.extend(activity)
        ```
    """

    def __init__(self, delay: float, roles: Sequence[str], activity: Arrays | None = None) -> None:
        self.delay, self.roles = delay, tuple(roles)
        self.max_age = max(WINDOW_DAYS) * DAY + delay + EXTRA_AGE
        empty = {name: np.empty(0) for name in NUMBERS} | {role: np.empty(0, object) for role in roles}
        self._use(_Log(empty if activity is None else activity, self.roles))

    def __len__(self) -> int:
        return len(self._log) + self._pending_rows

    def copy(self) -> Self:
        """Return an independent copy; it shares the memory of the transactions so far.

        Returns:
            The copy.
        """
        history = type(self)(self.delay, self.roles)
        history._use(self._merged())
        return history

    def features(self, activity: Arrays) -> np.ndarray:
        """Compute the features of transactions, one after another; they are not added.

        Args:
            activity: Transactions; of those in the history, only earlier ones are used.

        Returns:
            Features as of `behaviour_features`, shape `(n, features)`.
        """
        few = len(activity["time"]) <= MAX_INDEXED_ROWS
        earlier = self._earlier_of_same_accounts(activity) if few else self._earlier(activity)
        together = {name: np.concatenate([earlier[name], activity[name]]) for name in activity}
        return behaviour_features(together, self.delay)[len(earlier["time"]) :]

    def extend(self, activity: Arrays) -> None:
        """Add transactions that follow those in the history; the others are in it already and are ignored.

        Args:
            activity: Transactions.
        """
        first, after = _bounds(activity, self._latest_time)
        fresh = [row for row, key in enumerate(_keys(activity, first, after), first) if key not in self._latest_keys]
        rows = np.concatenate([np.array(fresh, int), np.arange(after, len(activity["time"]))])
        if not len(rows):
            return
        added = {name: values[rows] for name, values in activity.items()}
        self._pending.append(added)
        self._pending_rows += len(rows)
        self._update_latest(added)
        if self._pending_rows > len(self._log) + MAX_PENDING_ROWS:
            self._merged()

    def to_json(self) -> JsonObject:
        """Return the transactions of the last weeks as JSON types: compressed arrays, ids as numbers of a list.

        Returns:
            The object that `from_json` takes.
        """
        activity = self._merged().activity
        packed = {name: activity[name].astype(np.float64 if name == "time" else np.float32) for name in NUMBERS}
        for role in self.roles:
            ids, numbers = np.unique(activity[role].astype(str), return_inverse=True)
            packed |= {f"{role}_ids": ids, role: numbers.astype(np.int32)}
        stream = io.BytesIO()
        np.savez_compressed(stream, **packed)  # type: ignore[arg-type]  # no array is called allow_pickle
        content = base64.b64encode(stream.getvalue()).decode()
        return {"delay": self.delay, "roles": list(self.roles), "activity": content}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a history from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The history.
        """
        with np.load(io.BytesIO(base64.b64decode(state["activity"])), allow_pickle=False) as packed:
            activity = {name: packed[name].astype(np.float64) for name in NUMBERS}
            activity |= {role: packed[f"{role}_ids"].astype(object)[packed[role]] for role in state["roles"]}
        return cls(state["delay"], state["roles"], activity)

    def _use(self, log: "_Log") -> None:
        """Continue from a log, without pending transactions."""
        self._log, self._pending, self._pending_rows = log, list[Arrays](), 0
        self._pending_index, self._indexed_parts = _AccountIndex(self.roles, first_number=len(log)), 0
        self._latest_time, self._latest_keys = -np.inf, set[Row]()
        self._update_latest(log.activity)

    def _update_latest(self, activity: Arrays) -> None:
        """Remember the transactions of the last moment: one of the same time may be new, or one of them again."""
        if len(activity["time"]):
            latest = float(activity["time"][-1])
            same = self._latest_keys if latest == self._latest_time else set()
            self._latest_time, self._latest_keys = latest, same | set(_keys(activity, *_bounds(activity, latest)))

    def _merged(self) -> "_Log":
        """Return all transactions that are not too old, in one log."""
        if self._pending:
            parts = (self._log.activity, *self._pending)
            joined = {name: np.concatenate([part[name] for part in parts]) for name in self._log.activity}
            start, _ = _bounds(joined, float(joined["time"][-1]) - self.max_age)
            self._use(_Log({name: values[start:] for name, values in joined.items()}, self.roles))
        return self._log

    def _earlier(self, activity: Arrays) -> Arrays:
        """Return the transactions before these; one that is passed again is not part of its own past."""
        log, first_time = self._merged().activity, float(activity["time"][0])
        begin, end = _bounds(log, first_time)
        passed = set(_keys(activity, *_bounds(activity, first_time)))
        same_time = [row for row, key in enumerate(_keys(log, begin, end), begin) if key not in passed]
        rows = np.concatenate([np.arange(begin), np.array(same_time, int)])
        return {name: values[rows] for name, values in log.items()}

    def _earlier_of_same_accounts(self, activity: Arrays) -> Arrays:
        """Return those of `_earlier` that have the same customers or terminals."""
        for part in self._pending[self._indexed_parts :]:
            self._pending_index.add(part)
        self._indexed_parts = len(self._pending)
        first_time = float(activity["time"][0])
        passed = set(_keys(activity, *_bounds(activity, first_time)))
        # A row is time, number, amount, fraud and ids. Rows of equal times keep the order of their numbers.
        rows = {row[1]: row for index in (self._log.index, self._pending_index) for row in index.rows_of(activity)}
        recent = [row for row in rows.values() if first_time - self.max_age <= float(row[0]) <= first_time]
        earlier = sorted(row for row in recent if (row[0], row[2], *row[4:]) not in passed)
        names = ("time", "number", *NUMBERS[1:], *self.roles)
        columns = list(zip(*earlier, strict=True)) or [()] * len(names)
        return {
            name: np.array(values, object if name in self.roles else float)
            for name, values in zip(names, columns, strict=True)
            if name != "number"
        }


class _Log:
    """Transactions that never change, with an index by account that copies of a history share."""

    def __init__(self, activity: Arrays, roles: tuple[str, ...]) -> None:
        self.activity, self._roles = activity, roles

    def __len__(self) -> int:
        return len(self.activity["time"])

    @cached_property
    def index(self) -> "_AccountIndex":
        """The transactions by account."""
        index = _AccountIndex(self._roles)
        index.add(self.activity)
        return index


class _AccountIndex:
    """Rows of transactions by role and id."""

    def __init__(self, roles: tuple[str, ...], first_number: int = 0) -> None:
        self._roles, self._next_number = roles, first_number
        self._rows: dict[str, dict[str, list[Row]]] = {role: {} for role in roles}

    def add(self, activity: Arrays) -> None:
        """Add transactions."""
        columns = (activity[name].tolist() for name in (*NUMBERS, *self._roles))
        for time, amount, fraud, *ids in zip(*columns, strict=True):
            row = (time, self._next_number, amount, fraud, *ids)
            self._next_number += 1
            for role, id in zip(self._roles, ids, strict=True):
                if id:
                    self._rows[role].setdefault(id, []).append(row)

    def rows_of(self, activity: Arrays) -> Iterable[Row]:
        """Return the rows that have a customer or a terminal of these transactions, some of them twice."""
        for role, rows in self._rows.items():
            for id in set(activity[role].tolist()):
                yield from rows.get(id, ())


def _bounds(activity: Arrays, time: float) -> tuple[int, int]:
    """Return the first row of a time, and the first after it."""
    times = activity["time"]
    return int(times.searchsorted(time, side="left")), int(times.searchsorted(time, side="right"))


def _keys(activity: Arrays, begin: int, end: int) -> list[Row]:
    """Return what distinguishes some of the transactions: all but whether they were fraud."""
    columns = (values[begin:end].tolist() for name, values in activity.items() if name != "fraud")
    return list(zip(*columns, strict=True))
