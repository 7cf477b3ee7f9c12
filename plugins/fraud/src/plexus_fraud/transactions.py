"""Transactions in the order of time, from a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import Findings
from plexus.data.cells import MISSING
from plexus.data.findings import Counted
from plexus_fraud.column_roles import ColumnRoles
from plexus_fraud.column_values import Column, as_ids, as_numbers
from plexus_fraud.row_findings import add_rows
from plexus_fraud.transaction_times import read_times

if TYPE_CHECKING:
    import polars as pl

NO_TIME = Counted(
    "transaction has no readable time and was dropped", "transactions have no readable time and were dropped"
)
UNORDERED = Counted(
    "transaction was not in the order of time and was sorted",
    "transactions were not in the order of time and were sorted",
)
DUPLICATES = Counted("transaction is a duplicate and was dropped", "transactions are duplicates and were dropped")
NEGATIVE = Counted("amount is negative and was kept", "amounts are negative and were kept")


@dataclass
class Transactions:
    """Transactions in the order of their times.

    Args:
        columns: All columns by name.
        time: Times in seconds, shape `(n,)`; since 1970 if the column holds dates. None without a column of times.
        dated: Whether the times are dates, so that the day of the week is known.
        fraud: 1 or 0, NaN where it is not known, shape `(n,)`.
        rows: Number of each transaction's row in the table, counted from 1, shape `(n,)`.
        time_form: How the times are written; empty for seconds.

    Example:
        ```python
        transactions = read_transactions(table, roles, "1", "payments.csv", Findings())
        transactions.numbers("amount")
        ```
    """

    columns: Mapping[str, Column]
    time: np.ndarray | None
    dated: bool
    fraud: np.ndarray
    rows: np.ndarray
    time_form: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def ids(self, name: str) -> np.ndarray:
        """Return the ids of a column.

        Args:
            name: Name of the column.

        Returns:
            Strings of shape `(n,)`, empty where the id is missing.
        """
        return as_ids(self.columns[name])

    def numbers(self, name: str) -> np.ndarray:
        """Return the numbers of a column.

        Args:
            name: Name of the column.

        Returns:
            Numbers of shape `(n,)`, NaN where one is missing.
        """
        return as_numbers(self.columns[name])

    def take(self, rows: np.ndarray) -> Self:
        """Return some of the transactions.

        Args:
            rows: Indices of shape `(n,)`, ascending.

        Returns:
            The transactions.
        """
        columns = {
            name: [values[i] for i in rows] if isinstance(values, list) else values[rows]
            for name, values in self.columns.items()
        }
        time = None if self.time is None else self.time[rows]
        return type(self)(columns, time, self.dated, self.fraud[rows], self.rows[rows], self.time_form)

    def without_duplicates(self, place: str, findings: Findings) -> Self:
        """Return each transaction once.

        Args:
            place: Name of the table, for messages.
            findings: Receives the rows that are dropped.

        Returns:
            The transactions that differ from all earlier ones in at least one column.
        """
        import polars as pl

        first = pl.DataFrame(dict(self.columns)).to_struct().is_first_distinct().to_numpy()
        add_rows(findings, DUPLICATES, place, self.rows[~first])
        return self.take(np.flatnonzero(first))


def read_transactions(
    table: "pl.DataFrame",
    roles: ColumnRoles,
    positive_label: str,
    place: str,
    findings: Findings,
    time_form: str = "",
    dated: bool | None = None,
    numbers: Sequence[int] | None = None,
) -> Transactions:
    """Read the transactions of a table and sort them by time.

    Args:
        table: The table; for prediction it needs no label.
        roles: The columns with a role.
        positive_label: Value of the label that means fraud.
        place: Name of the table, for messages.
        findings: Receives what was repaired or dropped, with the rows.
        time_form: How the times of the training are written, for prediction.
        dated: Whether the times of the training are dates; None in training.
        numbers: Number of each row in the file, for messages, if this is a part of it.

    Returns:
        The transactions.

    Raises:
        InputError: If a column is missing, or no time can be parsed.
    """
    roles.require_in(table.columns, place)
    rows = np.arange(1, len(table) + 1)
    file_rows = rows if numbers is None else np.asarray(numbers)
    fraud = np.full(len(table), np.nan)
    if roles.label in table.columns:
        fraud = fraud_of_labels(as_ids(table[roles.label]), positive_label)
    if roles.amount is not None:
        add_rows(findings, NEGATIVE, place, file_rows[as_numbers(table[roles.amount]) < 0])
    columns = dict(zip(table.columns, table.get_columns(), strict=True))
    if roles.time is None:
        return Transactions(columns, None, False, fraud, rows)
    times = read_times(table[roles.time], place, findings, file_rows, time_form, dated)
    time = times.seconds
    add_rows(findings, NO_TIME, place, file_rows[np.isnan(time)])
    readable = np.flatnonzero(~np.isnan(time))
    add_rows(findings, UNORDERED, place, file_rows[readable][np.flatnonzero(np.diff(time[readable]) < 0) + 1])
    order = readable[np.argsort(time[readable], kind="stable")]
    return Transactions(columns, time, times.is_date, fraud, rows, times.form).take(order)


def fraud_of_labels(labels: np.ndarray, positive_label: str) -> np.ndarray:
    """Convert labels to numbers.

    Args:
        labels: Labels as ids, shape `(n,)`.
        positive_label: The label that means fraud.

    Returns:
        1 for fraud, 0 for others, NaN where the label is missing (empty, or a text like NA), shape `(n,)`.
    """
    texts = set(np.unique(labels.astype(str)).tolist())
    missing = [text for text in texts if text.lower() in MISSING]
    return np.where(np.isin(labels, missing), np.nan, (labels == positive_label).astype(float))
