"""Transactions from tables, databases and named data sets, split by time."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import Examples, Findings, InputError, NamedDataset
from plexus.data.archives import opened_folder
from plexus.data.cells import MISSING
from plexus.data.databases import is_database, read_query
from plexus.data.findings import Counted
from plexus.data.table_rows import TableRows
from plexus.data.tables import DELIMITED, FORMATS, is_table, read_table, spreadsheet_hint, suffix, with_cells_as_written
from plexus.utils.messages import note
from plexus_fraud.codec import FraudCodec
from plexus_fraud.column_roles import ColumnRoles
from plexus_fraud.column_values import as_ids
from plexus_fraud.feature_columns import feature_names, find_non_numeric, non_numeric, useful_names
from plexus_fraud.options import DetectOptions
from plexus_fraud.row_findings import add_rows
from plexus_fraud.time_splits import split_by_time
from plexus_fraud.transaction_encoder import TransactionEncoder
from plexus_fraud.transaction_times import DAY
from plexus_fraud.transactions import Transactions, read_transactions

if TYPE_CHECKING:
    import polars as pl

DEFAULT_DELAY_DAYS = 7.0
MIN_LABELLED, MIN_FRAUDS = 50, 5
NO_LABEL = Counted(
    "label is missing; this transaction is used for behaviour only",
    "labels are missing; these transactions are used for behaviour only",
)
POSITIVE_LABELS = ("true", "yes", "y", "fraud", "fraudulent", "t")


@dataclass
class TransactionDataset:
    """Transactions in the order of time, split by time: training, a delay, test.

    Args:
        transactions: All transactions.
        roles: The columns with a role.
        feature_names: The columns that may become features.
        positive_label: Value of the label that means fraud.
        delay: Seconds until it is labelled whether a transaction was fraud.
        options: The options.
        fingerprint: Checksum of the content.
        licence: Licence of the data.
        findings: What was repaired or dropped.

    Example:
        ```python
        dataset = task.load_dataset(task.options.parse({"data": "payments.csv"}))
        dataset.fraud("test").mean()
        ```
    """

    transactions: Transactions
    roles: ColumnRoles
    feature_names: list[str]
    positive_label: str
    delay: float
    options: DetectOptions
    fingerprint: str
    licence: str
    findings: Findings
    evaluation_protocol: str | None = None
    _encoded: tuple[TransactionEncoder, bool, np.ndarray] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def splits(self) -> dict[str, np.ndarray]:
        """The rows of `train`, `val` and `test`.

        Returns:
            Row numbers by name of the split, each of shape `(rows of the split,)`.

        Raises:
            InputError: If the transactions cannot be split, or a split lacks frauds or others.
        """
        splits = split_by_time(self.transactions, self.roles, self.delay, self.options)
        for name, rows in splits.items():
            fraud = self.transactions.fraud[rows]
            if not (fraud == 1).any() or not (fraud == 0).any():
                raise InputError(
                    f"--data {self.options.data}: the {name} split of {len(rows):,} transactions needs both frauds "
                    "and other transactions; change --train-days, --delay-days or --test-days"
                )
        return splits

    def count(self, split: str) -> int:
        """Return the number of transactions in a split.

        Args:
            split: `train`, `val`, `test` or `unseen`.

        Returns:
            The number.
        """
        return len(self.rows(split))

    def rows(self, split: str) -> np.ndarray:
        """Return the rows of a split.

        Args:
            split: `train`, `val`, `test`, or `unseen`: all labelled transactions.

        Returns:
            Indices of shape `(n,)`.
        """
        return np.flatnonzero(~np.isnan(self.transactions.fraud)) if split == "unseen" else self.splits[split]

    def fraud(self, split: str) -> np.ndarray:
        """Return the labels of a split.

        Args:
            split: The split.

        Returns:
            1 or 0, shape `(n,)`.
        """
        return np.asarray(self.transactions.fraud[self.rows(split)])

    def amounts(self, split: str) -> np.ndarray:
        """Return the amounts of a split.

        Args:
            split: The split.

        Returns:
            Amounts of shape `(n,)`, NaN where one is missing; 0 without a column of amounts.
        """
        rows = self.rows(split)
        return self.transactions.numbers(self.roles.amount)[rows] if self.roles.amount else np.zeros(len(rows))

    def examples(self, split: str) -> Examples[str]:
        """Return the transactions of a split as rows of a table.

        Args:
            split: The split.

        Returns:
            The rows, and `fraud` or `genuine` for each.
        """
        import polars as pl

        rows = self.rows(split)
        frame = pl.DataFrame(dict(self.transactions.columns))[rows]
        labels = np.where(self.transactions.fraud[rows] == 1, "fraud", "genuine")
        return Examples(TableRows(frame), labels.tolist())

    def encode(self, codec: FraudCodec, split: str) -> np.ndarray:
        """Return the features of a split; those of all transactions are computed once and cached.

        Args:
            codec: The codec.
            split: The split; transactions that are `unseen` follow the history of the codec.

        Returns:
            Features of shape `(n, features)`.
        """
        unseen = split == "unseen"
        return np.asarray(self.encode_all(codec.encoder, codec if unseen else None)[self.rows(split)])

    def encode_all(self, encoder: TransactionEncoder, after: FraudCodec | None = None) -> np.ndarray:
        """Return the features of all transactions, those without a label too.

        Args:
            encoder: The encoder.
            after: The codec whose history they follow; None if they are its own data.

        Returns:
            Features of shape `(transactions, features)`.
        """
        unseen = after is not None
        if self._encoded is None or self._encoded[0] is not encoder or self._encoded[1] != unseen:
            history = encoder.empty_history() if after is None else after.history
            self._encoded = encoder, unseen, encoder.encode(self.transactions, history)
        return self._encoded[2]


def load_dataset(place: Path | NamedDataset | None, options: DetectOptions) -> TransactionDataset:
    """Read transactions.

    Args:
        place: A table, or a named data set; None if `options.data` is the address of a database.
        options: The options.

    Returns:
        The dataset.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    table = read_query(options.data, options.query or "") if place is None else _read_table(place)
    roles = ColumnRoles.infer(table.columns, options)
    note(f"{options.data}: {roles}")
    positive_label = _positive_label(table, roles.label, options.data)
    with_ids = with_cells_as_written(table, place, roles.accounts.values()) if isinstance(place, Path) else table
    transactions = read_transactions(with_ids, roles, positive_label, options.data, findings)
    _check_amounts(transactions, roles, options.data)
    transactions = transactions.without_duplicates(options.data, findings)
    _check_labels(transactions, options.data, findings)
    names = useful_names(transactions, feature_names(transactions, roles, options.ignore), findings)
    find_non_numeric(transactions, names, findings)
    has_accounts = roles.time is not None and bool(roles.accounts)
    delay_days = DEFAULT_DELAY_DAYS * has_accounts if options.delay_days is None else options.delay_days
    licence = place.licence if isinstance(place, NamedDataset) else "not stated"
    is_delimited = isinstance(place, Path) and suffix(place) in DELIMITED
    fingerprint = _fingerprint(
        table, roles, options, is_delimited or (isinstance(place, NamedDataset) and not place.embedded)
    )
    return TransactionDataset(
        transactions, roles, names, positive_label, DAY * delay_days, options, fingerprint, licence, findings
    )


def _read_table(place: Path | NamedDataset) -> "pl.DataFrame":
    if not isinstance(place, NamedDataset):
        if not is_table(place):
            with opened_folder(place):  # the error names the tables in an archive
                raise InputError(f"--data {place}: expected a table ({FORMATS}){spreadsheet_hint(place)}")
        return read_table(place)
    if place.embedded is None:
        file = next(file.name for file in place.files if is_table(Path(file.name)))
        return read_table(place.fetch() / file)
    import polars as pl

    return pl.DataFrame({name: values for name, (values, _) in place.embedded().items()})


def _positive_label(table: "pl.DataFrame", label: str, place: str) -> str:
    """Return the value of the label that means fraud: one whose name says so, else the rarer one.

    1 says so next to 0 or -1 only: of 1 and 2, or of the codes 1 and 9, it may as well be the usual value.
    """
    values, counts = np.unique(_labels(table, label), return_counts=True)
    values, counts = values[values != ""], counts[values != ""]
    if len(values) != 2:
        shown = ", ".join(map(repr, values[:5].tolist()))
        count = "1 value" if len(values) == 1 else f"{len(values)} values"
        raise InputError(f"{place}: the label {label!r} has {count} ({shown}); expected two, such as 0 and 1")
    missing = next((value for value in values.tolist() if value.lower() in MISSING), None)
    if missing is not None:
        raise InputError(
            f"{place}: the label {label!r} has one value and {missing!r}, which stands for a missing one: rename it if "
            "it is the other class"
        )
    positive = [str(value) for value in values.tolist() if value.lower() in POSITIVE_LABELS]
    positive += ["1"] if set(values.tolist()) in ({"0", "1"}, {"-1", "1"}) else []
    if len(positive) == 1:
        return positive[0]
    rarer = str(values[np.argmin(counts)])
    note(f"{place}: {label} = {rarer!r}, the rarer value, is treated as fraud")
    return rarer


def _labels(table: "pl.DataFrame", label: str) -> np.ndarray:
    """Return the labels; besides two others, a text like NA stands for one that is missing."""
    labels = as_ids(table[label])
    others = {value for value in np.unique(labels).tolist() if value.lower() not in MISSING}
    missing = np.array([value.lower() in MISSING for value in labels.tolist()], bool)
    return np.where(missing, "", labels) if len(others) == 2 else labels


def _check_amounts(transactions: Transactions, roles: ColumnRoles, place: str) -> None:
    """Refuse a column of amounts that are mostly no numbers; missing ones do not count."""
    if roles.amount is None:
        return
    unreadable, are_most = non_numeric(transactions.columns[roles.amount])
    if are_most:
        example = transactions.ids(roles.amount)[np.flatnonzero(unreadable)[0]]
        raise InputError(
            f"--data {place}: column {roles.amount!r} has {unreadable.sum():,} values that are no amounts, such as "
            f"{example[:80]!r}; write them as numbers, or name another column with --amount (none: there is none)"
        )


def _check_labels(transactions: Transactions, place: str, findings: Findings) -> None:
    labelled = ~np.isnan(transactions.fraud)
    add_rows(findings, NO_LABEL, place, transactions.rows[~labelled])
    frauds = int((transactions.fraud[labelled] == 1).sum())
    if labelled.sum() < MIN_LABELLED or frauds < MIN_FRAUDS:
        raise InputError(
            f"--data {place}: {labelled.sum():,} labelled transactions with {frauds:,} frauds; expected at least "
            f"{MIN_LABELLED} with {MIN_FRAUDS}"
        )


def _fingerprint(table: "pl.DataFrame", roles: ColumnRoles, options: DetectOptions, is_text: bool) -> str:
    """Return the checksum; whole numbers of a CSV count as numbers, as earlier versions read them."""
    if is_text:
        import polars as pl

        table = table.with_columns(pl.col(pl.Int64).cast(pl.Float64))
    digest = hashlib.sha256(table.write_csv().encode())
    digest.update(f"{roles} {options.train_days} {options.delay_days} {options.test_days}".encode())
    return digest.hexdigest()


def is_database_address(options: DetectOptions) -> bool:
    """Return whether the data is in a database, and check that there is a query exactly then.

    Args:
        options: The options.

    Returns:
        Whether it is.

    Raises:
        InputError: If the query of a database is missing, or there is one without a database.
    """
    database = is_database(options.data)
    if database and not options.query:
        raise InputError(
            f"--data {options.data} is a database: pass the query that selects the transactions with --query; "
            "a bundle's own is not run on other data"
        )
    if options.query and not database:
        raise InputError(f"--query is for databases, and {options.data} is not one")
    return database
