"""Transactions from a few JSON objects, without a table library: a single one is scored in a millisecond."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from plexus import InputError
from plexus.data.cells import MISSING
from plexus.data.times import require_time
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
        InputError: If a column is missing, a time cannot be parsed, an amount is no number, or a value is not a single
            one.
    """
    names = dict.fromkeys(name for record in records for name in record)
    roles.require_in(list(names), "the transaction")
    columns: dict[str, Column] = {name: [record.get(name) for record in records] for name in names}
    _require_plain_values(columns)
    _require_amounts(columns, roles)
    fraud = fraud_of_labels(as_ids(columns.get(roles.label, [None] * len(records))), positive_label)
    rows = np.arange(1, len(records) + 1)
    if roles.time is None:
        return Transactions(columns, None, False, fraud, rows)
    parsed = [require_time(record.get(roles.time), roles.time, time_form, dated) for record in records]
    time = np.array([seconds for seconds, _ in parsed])
    transactions = Transactions(columns, time, parsed[0][1], fraud, rows, time_form)
    order = np.argsort(time, kind="stable")
    return transactions if (order[1:] > order[:-1]).all() else transactions.take(order)


def _require_plain_values(columns: Mapping[str, Column]) -> None:
    for name, values in columns.items():
        for value in values:
            if isinstance(value, list | dict | tuple):
                raise InputError(f"column {name!r}: expected a number or a string, got {value!r}")


def _require_amounts(columns: Mapping[str, Column], roles: ColumnRoles) -> None:
    """Refuse amounts that are not numbers; a missing amount is none of them."""
    for value in columns[roles.amount] if roles.amount else ():
        if not math.isfinite(as_number(value)) and not _is_missing(value):
            raise InputError(f"column {roles.amount!r}: expected an amount, got {value!r}")


def _is_missing(value: object) -> bool:
    return value is None or value != value or (isinstance(value, str) and value.strip().lower() in MISSING)
