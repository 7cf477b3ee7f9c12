"""Transactions to learn from, and later ones to measure on."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import InputError
from plexus.data.findings import Findings
from plexus.data.named import NamedDataset, locate
from plexus.data.tables import is_table, read_table
from plexus.utils.messages import note
from plexus_fraud.database import is_database, read_database
from plexus_fraud.options import FraudOptions
from plexus_fraud.roles import Roles
from plexus_fraud.transactions import DAY, Transactions, as_ids, note_rows, read_transactions, without_repeats

if TYPE_CHECKING:
    import polars as pl

    from plexus_fraud.codec import FraudCodec

TEST_SHARE, VAL_SHARE, DELAY = 0.2, 0.03, 7.0
FEWEST, FEWEST_FRAUDS = 50, 5
NO_LABEL = "labels are missing; these transactions tell behaviour, and are not learned from"
YES = ("1", "true", "yes", "y", "fraud", "fraudulent", "t")


@dataclass
class TimeSplits:
    """Transactions in the order of time, and which of them are learned from, chosen by, and measured on.

    Training comes first, then a delay in which what was fraud is not known yet, then what is measured on. The
    validation split is the end of the training.
    """

    given: Transactions
    roles: Roles
    positive: str
    delay: float
    options: FraudOptions
    fingerprint: str
    licence: str
    findings: Findings
    memo: dict[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def parts(self) -> dict[str, np.ndarray]:
        """The rows of `train`, `val` and `test`; errors as for `read_source`."""
        parts = _parts(self.given, self.roles, self.delay, self.options)
        for name, rows in parts.items():
            if not (self.given.fraud[rows] == 1).any() or not (self.given.fraud[rows] == 0).any():
                raise InputError(
                    f"--data {self.options.data}: the {name} split of {len(rows):,} transactions has not both frauds "
                    "and others; change --train-days, --delay-days or --test-days"
                )
        return parts

    def count(self, split: str) -> int:
        """How many transactions a split has."""
        return len(self.rows(split))

    def rows(self, split: str) -> np.ndarray:
        """The rows of a split; of data that the model never saw, all that are labelled."""
        return np.flatnonzero(~np.isnan(self.given.fraud)) if split == "unseen" else self.parts[split]

    def features(self, codec: "FraudCodec", unseen: bool = False) -> np.ndarray:
        """The network's inputs for all transactions; computed once."""
        key = "unseen" if unseen else "own"
        if key not in self.memo:
            self.memo[key] = codec.features(self.given, codec.history if unseen else None)
        return self.memo[key]  # type: ignore[no-any-return]

    def fraud(self, split: str) -> np.ndarray:
        """1 or 0 `(n,)`."""
        return self.given.fraud[self.rows(split)]


def read_source(options: FraudOptions) -> TimeSplits:
    """Read what `options.data` names.

    Raises:
        InputError: the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    table, licence = read_rows(options)
    roles = Roles.guessed(table, options, options.data)
    note(f"{options.data}: {roles}")
    positive = _positive(table, roles.label, options.data)
    given = without_repeats(read_transactions(table, roles, positive, options.data, findings), options.data, findings)
    known = ~np.isnan(given.fraud)
    note_rows(findings, NO_LABEL, options.data, given.rows[~known])
    frauds = int((given.fraud[known] == 1).sum())
    if known.sum() < FEWEST or frauds < FEWEST_FRAUDS:
        raise InputError(
            f"--data {options.data}: {known.sum():,} labelled transactions with {frauds:,} frauds; "
            f"{FEWEST} with {FEWEST_FRAUDS} or more are wanted"
        )
    behaves = roles.time is not None and bool(roles.ids)
    delay = DAY * (options.delay_days if options.delay_days is not None else DELAY * behaves)
    digest = hashlib.sha256(table.write_csv().encode())
    digest.update(f"{roles} {options.train_days} {options.delay_days} {options.test_days}".encode())
    return TimeSplits(given, roles, positive, delay, options, digest.hexdigest(), licence, findings)


def read_rows(options: FraudOptions) -> "tuple[pl.DataFrame, str]":
    """The table, and its licence."""
    if is_database(options.data):
        return read_database(options.data, options.query), "not stated"
    if options.query:
        raise InputError(f"--query is for databases; {options.data} is none")
    place = locate(options.data)
    if isinstance(place, NamedDataset):
        if place.embedded is not None:
            import polars as pl

            return pl.DataFrame({name: values for name, (values, _) in place.embedded().items()}), place.licence
        folder = place.fetch()
        return read_table(folder / next(file.name for file in place.files if is_table(Path(file.name)))), place.licence
    if not is_table(place):
        raise InputError(f"--data {place}: a table (.csv, .csv.gz, .tsv, .parquet) is wanted")
    return read_table(place), "not stated"


def _positive(table: "pl.DataFrame", label: str, where: str) -> str:
    """The label's value that means fraud: one that says so, else the rarer."""
    names, counts = np.unique(as_ids(table[label]), return_counts=True)
    names, counts = names[names != ""], counts[names != ""]
    if len(names) != 2:
        shown = ", ".join(map(repr, names[:5].tolist()))
        raise InputError(f"{where}: the label {label!r} has {len(names)} values ({shown}); two are wanted, as 0 and 1")
    said = [name for name in names.tolist() if name.lower() in YES]
    if len(said) == 1:
        return str(said[0])
    rarer = str(names[np.argmin(counts)])
    note(f"{where}: {label} = {rarer!r}, the rarer, is taken as fraud")
    return rarer


def _parts(given: Transactions, roles: Roles, delay: float, options: FraudOptions) -> dict[str, np.ndarray]:
    known = np.flatnonzero(~np.isnan(given.fraud))
    if given.time is None:
        if options.train_days or options.test_days or options.delay_days:
            raise InputError("--train-days, --delay-days and --test-days need a column of times: name it with --time")
        note("there is no column of times: the last rows are measured on, as if they were the latest")
        cut = round(len(known) * (1 - TEST_SHARE))
        train, test = known[:cut], known[cut:]
    else:
        time = given.time[known]
        start = time[round(len(known) * (1 - TEST_SHARE))]
        if options.test_days:
            start = _midnight(time.max(), given.dated) - options.test_days * DAY
        end = start - delay
        begin = end - options.train_days * DAY if options.train_days else -np.inf
        train, test = known[(time >= begin) & (time < end)], known[time >= start]
        if not len(train) or not len(test):
            days = (time.max() - time.min()) / DAY
            raise InputError(
                f"--data {options.data}: its {days:.1f} days leave no transactions to learn from before a delay of "
                f"{delay / DAY:g} days; change --delay-days or --test-days"
            )
        test = _of_others(given, roles, delay, train, test)
    frauds = np.flatnonzero(given.fraud[train] == 1)
    # A share of the time, or as much as it takes to have two frauds.
    cut = min(round(len(train) * (1 - VAL_SHARE)), int(frauds[-2]) if len(frauds) > 1 else 0)
    return {"train": train[:cut], "val": train[cut:], "test": test}


def _midnight(last: float, dated: bool) -> float:
    """The end of the last day, for dates; else the last time."""
    return float(np.ceil((last + 1e-3) / DAY) * DAY) if dated else float(last) + 1e-3


def _of_others(given: Transactions, roles: Roles, delay: float, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Without customers whose card is known to be compromised by then: it would be blocked (Handbook, chapter 3)."""
    if roles.customer is None or not delay or given.time is None:
        return test
    ids = given.ids(roles.customer)
    earlier = np.flatnonzero(given.fraud == 1)
    first: dict[str, float] = {}
    for row in earlier[earlier >= train[0]].tolist():
        if ids[row]:
            first.setdefault(ids[row], given.time[row] + delay)
    known = np.array([first.get(ids[row], np.inf) <= given.time[row] for row in test.tolist()])
    note(f"{known.sum():,} of {len(test):,} transactions are not measured on: their customers are known as compromised")
    return test[~known]
