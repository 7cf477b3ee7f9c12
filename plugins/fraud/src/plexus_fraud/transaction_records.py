"""Transactions from a few JSON objects, without a table library: a single one is scored in a millisecond."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from plexus import InputError
from plexus.data.cells import MISSING
from plexus.data.times import require_time
from plexus.errors import UnreadableInputsError
from plexus_fraud.column_roles import ColumnRoles
from plexus_fraud.column_values import Column, as_ids, as_number
from plexus_fraud.transactions import Transactions, fraud_of_labels

Record = Mapping[str, object]
"""A transaction: values by column."""


def read_records(
    records: Sequence[Record], roles: ColumnRoles, positive_label: str, time_form: str = "", dated: bool | None = None
) -> Transactions:
    """Read transactions and sort them by time, as `read_transactions` does for a table.

    Args:
        records: The transactions.
        roles: The columns with a role.
        positive_label: Value of the label that means fraud.
        time_form: How the times of the training are written.
        dated: Whether the times of the training are dates.

    Returns:
        The transactions.

    Raises:
        InputError: If a column is missing.
        UnreadableInputsError: If a time cannot be parsed, an amount is no number, or a value is not a single one.
    """
    names = dict.fromkeys(name for record in records for name in record)
    roles.require_in(list(names), "the transaction")
    columns: dict[str, Column] = {name: [record.get(name) for record in records] for name in names}
    parsed = _parse_times(records, roles, time_form, dated)
    fraud = np.full(len(records), np.nan)
    if roles.label in columns:
        fraud = fraud_of_labels(as_ids(columns[roles.label]), positive_label)
    rows = np.arange(1, len(records) + 1)
    if roles.time is None:
        return Transactions(columns, None, False, fraud, rows)
    time = np.array([seconds for seconds, _ in parsed])
    transactions = Transactions(columns, time, parsed[0][1], fraud, rows, time_form)
    order = np.argsort(time, kind="stable")
    return transactions if (order[1:] > order[:-1]).all() else transactions.take(order)


def _parse_times(
    records: Sequence[Record], roles: ColumnRoles, time_form: str, dated: bool | None
) -> list[tuple[float, bool]]:
    """Check all records; return the time of each, and whether it is a date."""
    times, reasons = [], {}
    for place, record in enumerate(records):
        try:
            _require_plain_values(record)
            _require_amount(record, roles.amount)
            if roles.time is not None:
                times.append(require_time(record.get(roles.time), roles.time, time_form, dated))
        except InputError as error:
            reasons[place] = str(error)
    if reasons:
        raise UnreadableInputsError(reasons)
    return times


def _require_plain_values(record: Record) -> None:
    for name, value in record.items():
        if isinstance(value, list | dict | tuple):
            raise InputError(f"column {name!r}: expected a number or a string, got {value!r}")


def _require_amount(record: Record, column: str | None) -> None:
    """Refuse an amount that is not a number; a missing amount is not refused."""
    if column is None:
        return
    value = record.get(column)
    if not math.isfinite(as_number(value)) and not _is_missing(value):
        raise InputError(f"column {column!r}: expected an amount, got {value!r}")


def _is_missing(value: object) -> bool:
    return value is None or value != value or (isinstance(value, str) and value.strip().lower() in MISSING)
