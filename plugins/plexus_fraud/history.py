"""What was seen in the last weeks: what behaviour is told from."""

import base64
import io
from typing import Any, Self

import numpy as np

from plexus_fraud.windows import Groups

DAY = 86_400.0
SPANS = (1, 7, 30)
LONGEST = 37 * DAY
"""Seconds since a customer's last transaction, from which on it does not matter how many."""
SPARE = 7 * DAY
"""Kept longer than behaviour goes back, for what is given again."""
FEW, MANY = 32, 1000
"""Transactions, up to which their own customers and terminals are looked up instead of going through all."""


class History:
    """The transactions of the last weeks, and the behaviour of customers and terminals that follows from them.

    Args:
        delay: seconds until it is known whether a transaction was fraud.
        time, amount, fraud: of the transactions, in the order of time `(n,)`; customer, terminal: their ids, as texts.
    """

    def __init__(self, delay: float, columns: dict[str, np.ndarray] | None = None) -> None:
        empty = {"time": np.empty(0), "amount": np.empty(0), "fraud": np.empty(0)}
        self.delay, self.kept = delay, max(SPANS) * DAY + delay + SPARE
        self.columns = columns or empty | {name: np.empty(0, object) for name in ("customer", "terminal")}
        self._new: list[dict[str, np.ndarray]] = []
        self._waiting = 0
        self._places: dict[str, dict[str, list[Any]]] | None = None
        self._count = 0
        self._last, self._latest = -np.inf, set[tuple[Any, ...]]()
        if len(self.columns["time"]):
            self._note_latest({name: values[-MANY:] for name, values in self.columns.items()})

    def features(self, given: dict[str, np.ndarray]) -> np.ndarray:
        """The behaviour before each transaction, in the order of `names_of_behaviour` `(n, features)`.

        Args:
            given: columns as of the history, in the order of time; they are looked at one after another, and not kept.
                Of what is kept, only what came before them is looked at.
        """
        before = self._of_the_same(given) if len(given["time"]) <= FEW else self._before(given)
        together = {name: np.concatenate([before[name], given[name]]) for name in given}
        return behaviour(together, self.delay)[len(before["time"]) :]

    def extend(self, given: dict[str, np.ndarray]) -> None:
        """Keep transactions that came after those that are kept; the others were seen already."""
        new = given["time"] > self._last
        new |= (given["time"] == self._last) & np.array([row not in self._latest for row in _rows(given)], bool)
        if not new.any():
            return
        given = {name: values[new] for name, values in given.items()}
        self._new.append(given)
        self._waiting += len(given["time"])
        if self._places is not None:
            self._index(self._places, given)
        self._note_latest(given)
        if self._waiting > len(self.columns["time"]) + 10_000:
            self._all()

    def _note_latest(self, given: dict[str, np.ndarray]) -> None:
        last = float(given["time"].max(initial=self._last))
        kept = self._latest if last == self._last else set()
        self._last, self._latest = last, kept | {row for row in _rows(given) if row[0] == last}

    def _before(self, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Those that came before."""
        columns = self._all()
        low, high = (int(columns["time"].searchsorted(given["time"][0], side=side)) for side in ("left", "right"))
        asked = set(_rows(given)) if low < high else set()
        same = [row for row in range(low, high) if _row(columns, row) not in asked]
        rows = np.concatenate([np.arange(low), np.array(same, int)])
        return {name: values[rows] for name, values in columns.items()}

    def _all(self) -> dict[str, np.ndarray]:
        """All that are not too old, in one piece."""
        if self._new:
            joined = {
                name: np.concatenate([part[name] for part in (self.columns, *self._new)]) for name in self.columns
            }
            order = np.argsort(joined["time"], kind="stable")
            order = order[joined["time"][order] >= joined["time"].max() - self.kept]
            self.columns, self._new, self._places = {name: values[order] for name, values in joined.items()}, [], None
            self._waiting = 0
        return self.columns

    def _of_the_same(self, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Those of the same customers and terminals."""
        if self._places is None:
            columns = self._all()
            self._places = {"customer": {}, "terminal": {}}
            self._index(self._places, columns)
        places = self._places
        customers, oldest = set(given["customer"].tolist()) - {""}, float(given["time"][0]) - self.kept
        rows = [row for id in customers for row in places["customer"].get(id, ())]
        for id in set(given["terminal"].tolist()):
            rows += [row for row in places["terminal"].get(id, ()) if row[4] not in customers]
        # One that is asked for again, for its explanation say, is not its own past.
        asked, latest = set(_rows(given)), float(given["time"][0])
        kept = [row for row in rows if oldest <= row[0] <= latest and (row[0], row[2], row[4], row[5]) not in asked]
        columns = list(zip(*sorted(kept), strict=True)) or [()] * 6
        kinds = {"time": float, "amount": float, "fraud": float, "customer": object, "terminal": object}
        # A row begins with its time and its number, by which equal times keep their order.
        return {
            name: np.array(columns[at], kind) for (name, kind), at in zip(kinds.items(), (0, 2, 3, 4, 5), strict=True)
        }

    def _index(self, places: dict[str, dict[str, list[Any]]], given: dict[str, np.ndarray]) -> None:
        names = ("time", "amount", "fraud", "customer", "terminal")
        for time, amount, fraud, customer, terminal in zip(*(given[name].tolist() for name in names), strict=True):
            self._count += 1
            row = (time, self._count, amount, fraud, customer, terminal)
            if customer:
                places["customer"].setdefault(customer, []).append(row)
            if terminal:
                places["terminal"].setdefault(terminal, []).append(row)

    def to_json(self) -> dict[str, Any]:
        """For `from_json`: ids as numbers of a list, all of it packed."""
        columns = self._all()
        packed = {
            name: columns[name].astype(np.float32 if name != "time" else np.float64)
            for name in ("time", "amount", "fraud")
        }
        for role in ("customer", "terminal"):
            names, codes = np.unique(columns[role].astype(str), return_inverse=True)
            packed |= {f"{role}_names": names, role: codes.astype(np.int32)}
        stream = io.BytesIO()
        np.savez_compressed(stream, **packed)
        return {"delay": self.delay, "columns": base64.b64encode(stream.getvalue()).decode()}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The history that gave this state."""
        with np.load(io.BytesIO(base64.b64decode(state["columns"])), allow_pickle=False) as packed:
            columns = {name: packed[name].astype(np.float64) for name in ("time", "amount", "fraud")}
            for role in ("customer", "terminal"):
                columns[role] = packed[f"{role}_names"].astype(object)[packed[role]]
        return cls(state["delay"], columns)


def _rows(given: dict[str, np.ndarray]) -> list[tuple[Any, ...]]:
    """What tells one transaction from another."""
    return list(zip(*(given[name].tolist() for name in ("time", "amount", "customer", "terminal")), strict=True))


def _row(columns: dict[str, np.ndarray], row: int) -> tuple[Any, ...]:
    return _rows({name: values[row : row + 1] for name, values in columns.items()})[0]


def names_of_behaviour(customer: str | None, terminal: str | None) -> list[str]:
    """What the features are, in words."""
    names, spans = [], [f"{days} day{'s' * (days > 1)}" for days in SPANS]
    if customer:
        names += [f"transactions of the {customer} in {span}" for span in spans]
        names += [f"mean amount of the {customer} in {span}" for span in spans]
        names += [f"amount beside the {customer}'s mean", f"hours since the {customer}'s last"]
    if terminal:
        names += [f"transactions at the {terminal} in {span} before the delay" for span in spans]
        names += [f"share of fraud at the {terminal} in {span} before the delay" for span in spans]
        names += [f"transactions at the {terminal} in {spans[0]}"]
    if customer and terminal:
        names += [f"times that the {customer} was at this {terminal} in {spans[-1]}"]
    return names


def behaviour(given: dict[str, np.ndarray], delay: float) -> np.ndarray:
    """Features of transactions in the order of time, from those before each alone.

    Windows of 1, 7 and 30 days, and of what was fraud only what is known by then (Le Borgne et al. 2022, Fraud
    Detection Handbook, chapter 3, "Baseline feature transformation").

    Returns:
        In the order of `names_of_behaviour`, of ids that are all empty nothing: `(n, features)`.
    """
    time, amount, spans = given["time"], np.nan_to_num(given["amount"]), tuple(days * DAY for days in SPANS)
    codes = {role: _codes(given[role]) for role in ("customer", "terminal")}
    found = []
    if codes["customer"] is not None:
        groups = Groups(codes["customer"], time)
        counts, sums = groups.rolling(amount, spans)
        means = sums / np.maximum(counts, 1)
        gaps = groups.since_last(LONGEST) / 3600
        found += [counts, means, (amount / np.maximum(means[:, -1], 1e-6))[:, None], gaps[:, None]]
    if codes["terminal"] is not None:
        groups = Groups(codes["terminal"], time)
        counts, sums = groups.rolling(np.nan_to_num(given["fraud"]), spans, delay)
        today, _ = groups.rolling(amount, spans[:1])
        found += [counts, sums / np.maximum(counts, 1), today]
    if codes["customer"] is not None and codes["terminal"] is not None:
        pairs = codes["customer"] * (int(codes["terminal"].max(initial=0)) + 1) + codes["terminal"]
        counts, _ = Groups(np.unique(pairs, return_inverse=True)[1], time).rolling(amount, spans[-1:])
        found.append(counts - 1)
    return np.concatenate(found, axis=1).astype(np.float32) if found else np.zeros((len(time), 0), np.float32)


def _codes(ids: np.ndarray) -> np.ndarray | None:
    """Ids as whole numbers, an empty one a number of its own: nobody knows whose it is. None if all are empty."""
    nobody = ids == ""
    if nobody.all():
        return None
    if len(ids) < MANY:
        numbers = {id: number for number, id in enumerate(dict.fromkeys(ids.tolist()))}
        codes = np.array([numbers[id] for id in ids.tolist()], np.int64)
    else:
        import polars as pl

        codes = pl.Series(ids, dtype=pl.String).cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    codes[nobody] = codes.max() + 1 + np.arange(nobody.sum())
    return codes
