"""The transactions of the last weeks: the state of a stream."""

import base64
import io
import zipfile
from collections.abc import Sequence
from itertools import pairwise
from typing import Self

import numpy as np

from plexus import InputError
from plexus.codec import Arrays, JsonObject
from plexus_fraud.behaviour_features import WINDOW_DAYS, behaviour_features
from plexus_fraud.single_transaction import AccountPast, single_transaction_features
from plexus_fraud.transaction_times import DAY

EXTRA_AGE = 7 * DAY
"""Seconds that transactions are kept beyond the longest window, for transactions that are passed again."""
MAX_INDEXED_ROWS = 32
"""Up to so many transactions, their accounts are looked up in an index instead of computing features of all."""
MAX_ADDED_ROWS = 10_000
"""Transactions that may be added before they are merged with the others."""
MAX_BYTES = 1 << 32
"""Largest size of a history in a bundle when it is unpacked."""
LONG_AHEAD, CONFIRMATIONS = 366 * DAY, 8
"""Seconds after the latest transaction from which a date may be wrong, and transactions that show that it is right."""
NUMBERS = ("time", "amount", "fraud")

Key = tuple[float | str, ...]


class AccountHistory:
    """The transactions of the last weeks, from which the features of the next ones are computed.

    Transactions are passed as activity: arrays in the order of time, `time` in seconds, `amount`, `fraud` (0 where it
    is not known), and the ids of each role as strings.

    A transaction that is dated more than a year after all others does not count as one of them, so that a wrong date
    does not make all that follow look old. It does once more transactions continue from there.

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
        self._ahead = empty
        self._use(_Log(empty if activity is None else activity, self.roles))

    def __len__(self) -> int:
        return len(self._log) + len(self._added)

    @property
    def latest_time(self) -> float:
        """Time of the latest transaction in seconds; minus infinity if there is none."""
        return self._latest_time

    def copy(self) -> Self:
        """Return an independent copy; it shares the memory of the transactions so far.

        Returns:
            The copy.
        """
        history = type(self)(self.delay, self.roles)
        history._use(self._merged())
        history._ahead = self._ahead
        return history

    def features(self, activity: Arrays) -> np.ndarray:
        """Compute the features of transactions, one after another; they are not added.

        Args:
            activity: Transactions; of those in the history, only earlier ones are used.

        Returns:
            Features as of `behaviour_features`, shape `(n, features)`.
        """
        pasts = self._pasts_of_one(activity) if len(activity["time"]) == 1 else None
        if pasts is not None:
            return single_transaction_features(activity, pasts, self.delay)
        few = len(activity["time"]) <= MAX_INDEXED_ROWS
        past = self._of_same_accounts(activity) if few else self._merged().activity
        earlier = self._earlier(_joined(past, self._ahead), activity)
        together = {name: np.concatenate([earlier[name], activity[name]]) for name in activity}
        return behaviour_features(together, self.delay)[len(earlier["time"]) :]

    def extend(self, activity: Arrays) -> None:
        """Add transactions that follow those in the history; the others are in it already and are ignored.

        Args:
            activity: Transactions.
        """
        if self._follows(activity):
            self._append(activity)
            return
        first, after = _bounds(activity, self._latest_time)
        fresh = [row for row, key in enumerate(_keys(activity, first, after), first) if key not in self._latest_keys]
        rows = np.concatenate([np.array(fresh, int), np.arange(after, len(activity["time"]))])
        if not len(rows):
            return
        added = self._without_ahead({name: values[rows] for name, values in activity.items()})
        if len(added["time"]):
            self._append(added)

    def to_json(self) -> JsonObject:
        """Return the transactions of the last weeks as JSON types: compressed arrays, ids as numbers of a list.

        Returns:
            The object that `from_json` takes.
        """
        activity = _joined(self._merged().activity, self._ahead)
        packed = {name: activity[name].astype(np.float64 if name == "time" else np.float32) for name in NUMBERS}
        for role in self.roles:
            ids, numbers = np.unique(activity[role].astype(str), return_inverse=True)
            packed |= {f"{role}_ids": ids, role: numbers.astype(np.int32)}
        if len(self._ahead["time"]):
            packed["ahead"] = np.array(len(self._ahead["time"]))
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

        Raises:
            InputError: If it is larger when unpacked than any history is.
        """
        content = io.BytesIO(base64.b64decode(state["activity"]))
        with zipfile.ZipFile(content) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MAX_BYTES:
            raise InputError(f"the history has {size:,} bytes when unpacked, expected at most {MAX_BYTES:,}")
        with np.load(content, allow_pickle=False) as packed:
            activity = {name: packed[name].astype(np.float64) for name in NUMBERS}
            activity |= {role: packed[f"{role}_ids"].astype(object)[packed[role]] for role in state["roles"]}
            count = len(activity["time"]) - (int(packed["ahead"]) if "ahead" in packed else 0)
        history = cls(state["delay"], state["roles"], {name: values[:count] for name, values in activity.items()})
        history._ahead = {name: values[count:] for name, values in activity.items()}
        return history

    def _follows(self, activity: Arrays) -> bool:
        """Return whether this is one transaction, later than all others and not too far ahead of them."""
        if len(activity["time"]) != 1 or len(self._ahead["time"]):
            return False
        return bool(self._latest_time < activity["time"][0] <= self._latest_time + LONG_AHEAD)

    def _append(self, added: Arrays) -> None:
        self._added.append(added)
        self._update_latest(added)
        if len(self._added) > len(self._log) + MAX_ADDED_ROWS:
            self._merged()

    def _without_ahead(self, added: Arrays) -> Arrays:
        """Return transactions without those that are dated too far ahead; those are held until others confirm them."""
        first = added["time"][0]
        is_confirmed = np.isinf(self._latest_time) or first <= self._latest_time + LONG_AHEAD
        if is_confirmed:
            self._ahead = {name: values[:0] for name, values in added.items()}  # the others do not continue there
        elif len(self._ahead["time"]):
            added = _sorted(_joined(self._ahead, added))
        times = added["time"]
        starts = np.flatnonzero(np.diff(times) > LONG_AHEAD) + 1
        parts = [*([] if is_confirmed else [0]), *starts.tolist(), len(times)]
        end = next((start for start, after in pairwise(parts) if after - start < CONFIRMATIONS), len(times))
        self._ahead = {name: values[end:] for name, values in added.items()}
        return {name: values[:end] for name, values in added.items()}

    def _use(self, log: "_Log") -> None:
        """Continue from a log that is shared with copies."""
        self._log, self._added = log, _Log({name: values[:0] for name, values in log.activity.items()}, self.roles)
        self._latest_time, self._latest_keys = -np.inf, set[Key]()
        self._update_latest(log.activity)

    def _update_latest(self, activity: Arrays) -> None:
        """Remember the transactions of the last moment: one of the same time may be new, or one of them again."""
        if len(activity["time"]):
            latest = float(activity["time"][-1])
            same = self._latest_keys if latest == self._latest_time else set()
            self._latest_time, self._latest_keys = latest, same | set(_keys(activity, *_bounds(activity, latest)))

    def _merged(self) -> "_Log":
        """Return all transactions that are not too old, in one log."""
        if len(self._added):
            added = self._added.activity
            joined = {name: np.concatenate([values, added[name]]) for name, values in self._log.activity.items()}
            start, _ = _bounds(joined, float(joined["time"][-1]) - self.max_age)
            self._use(_Log({name: values[start:] for name, values in joined.items()}, self.roles))
        return self._log

    def _pasts_of_one(self, activity: Arrays) -> dict[str, AccountPast] | None:
        """Return the past of each account of one transaction.

        None if it takes the general way: where others of its accounts have its time or a later one and it may be one of
        them, and in the cases of `_ahead`.
        """
        time = float(activity["time"][0])
        if len(self._ahead["time"]):
            return None
        pasts = {}
        for role in self.roles:
            names = (*NUMBERS, *(("terminal",) if role == "customer" and "terminal" in self.roles else ()))
            parts = [log.rows_of_id(role, activity[role][0], names) for log in (self._log, self._added)]
            columns = [np.concatenate(values) for values in zip(*parts, strict=True)]
            if len(columns[0]) and columns[0][-1] >= time:
                return None
            start = int(columns[0].searchsorted(time - self.max_age))
            times, amounts, frauds, *ids = [values[start:] for values in columns]
            pasts[role] = AccountPast(times, amounts, frauds, ids[0] if ids else None)
        return pasts

    def _of_same_accounts(self, activity: Arrays) -> Arrays:
        """Return the transactions of the same customers and terminals."""
        parts = [log.take(log.rows_of(activity)) for log in (self._log, self._added)]
        return {name: np.concatenate([part[name] for part in parts]) for name in self._log.activity}

    def _earlier(self, activity: Arrays, passed: Arrays) -> Arrays:
        """Return the transactions before those that are passed; one that is passed again is not its own past."""
        first_time = float(passed["time"][0])
        oldest, _ = _bounds(activity, first_time - self.max_age)
        begin, end = _bounds(activity, first_time)
        keys = set(_keys(passed, *_bounds(passed, first_time)))
        same_time = [row for row, key in enumerate(_keys(activity, begin, end), begin) if key not in keys]
        rows = np.concatenate([np.arange(oldest, begin), np.array(same_time, int)])
        return {name: values[rows] for name, values in activity.items()}


class _Log:
    """Transactions that are never changed, only appended to, with an index by account.

    Args:
        activity: The transactions.
        roles: The roles of the ids.
    """

    def __init__(self, activity: Arrays, roles: tuple[str, ...]) -> None:
        self._columns, self._count = dict(activity), len(activity["time"])
        self._rows: dict[str, dict[str, list[int]]] = {role: {} for role in roles}
        self._indexed = 0

    def __len__(self) -> int:
        return self._count

    @property
    def activity(self) -> Arrays:
        """The transactions."""
        return {name: values[: self._count] for name, values in self._columns.items()}

    def append(self, activity: Arrays) -> None:
        """Append transactions; the arrays double when they are full.

        Args:
            activity: Columns of the transactions, each of shape `(transactions,)`.
        """
        end = self._count + len(activity["time"])
        for name, values in self._columns.items():
            if end > len(values):
                self._columns[name] = np.empty(2 * end, values.dtype)
                self._columns[name][: self._count] = values[: self._count]
            self._columns[name][self._count : end] = activity[name]
        self._count = end

    def rows_of(self, activity: Arrays) -> np.ndarray:
        """Return the rows that have a customer or a terminal of these transactions, in ascending order.

        Args:
            activity: Columns of the transactions.

        Returns:
            Row numbers, shape `(rows,)`.
        """
        self._index()
        rows: set[int] = set()
        for role, rows_of_id in self._rows.items():
            rows.update(*(rows_of_id.get(id, ()) for id in set(activity[role].tolist())))
        return np.sort(np.fromiter(rows, int, len(rows)))

    def rows_of_id(self, role: str, id: str, names: Sequence[str]) -> list[np.ndarray]:
        """Return columns of the transactions of one account.

        Args:
            role: The role.
            id: The id; a missing one has none.
            names: Names of the columns.

        Returns:
            The columns, in the order of the names.
        """
        self._index()
        rows = np.array(self._rows[role].get(id, ()), np.int64)
        return [self._columns[name].take(rows) for name in names]

    def take(self, rows: np.ndarray) -> Arrays:
        """Return some of the transactions.

        Args:
            rows: Row numbers, shape `(rows,)`.

        Returns:
            Their columns.
        """
        return {name: values[rows] for name, values in self._columns.items()}

    def _index(self) -> None:
        """Index the transactions that are not indexed yet; a missing id may be anybody's."""
        for role, rows_of_id in self._rows.items():
            ids = self._columns[role][self._indexed : self._count].tolist()
            for row, id in enumerate(ids, self._indexed):
                if id:
                    rows_of_id.setdefault(id, []).append(row)
        self._indexed = self._count


def _joined(first: Arrays, second: Arrays) -> Arrays:
    if not len(second["time"]):
        return first
    return {name: np.concatenate([values, second[name]]) for name, values in first.items()}


def _sorted(activity: Arrays) -> Arrays:
    order = np.argsort(activity["time"], kind="stable")
    return {name: values[order] for name, values in activity.items()}


def _bounds(activity: Arrays, time: float) -> tuple[int, int]:
    """Return the first row of a time, and the first after it."""
    times = activity["time"]
    return int(times.searchsorted(time, side="left")), int(times.searchsorted(time, side="right"))


def _keys(activity: Arrays, begin: int, end: int) -> list[Key]:
    """Return what distinguishes some of the transactions: all but whether they were fraud."""
    columns = (values[begin:end].tolist() for name, values in activity.items() if name != "fraud")
    return list(zip(*columns, strict=True))
