"""A few transactions, read without a table: one that arrives is answered for in a millisecond."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from plexus import InputError
from plexus_fraud.roles import Roles
from plexus_fraud.transactions import DATED, Transactions, as_ids, as_number


class Few(dict[str, list[Any]]):
    """Columns as lists, each a value a transaction, None where one has none."""

    @property
    def columns(self) -> list[str]:
        """Their names."""
        return list(self)


def read_few(raws: Sequence[dict[str, Any]], roles: Roles, positive: str) -> Transactions:
    """Transactions as they came, in the order of time; as `read_transactions` reads them from a table.

    Raises:
        InputError: one lacks a column that has a part of its own, or its time cannot be read.
    """
    columns = Few(
        {name: [raw.get(name) for raw in raws] for name in dict.fromkeys(name for raw in raws for name in raw)}
    )
    for column in (roles.time, roles.amount, roles.customer, roles.terminal):
        if column is not None and column not in columns:
            raise InputError(f"the transaction lacks the column {column!r}; it has {', '.join(columns)}")
    labels = as_ids(columns.get(roles.label, [None] * len(raws)))
    fraud = np.where(labels == "", np.nan, (labels == positive).astype(float))
    if roles.time is None:
        return Transactions(columns, None, False, fraud, np.arange(1, len(raws) + 1))
    times = [_time(value, roles.time) for value in columns[roles.time]]
    order = sorted(range(len(raws)), key=lambda at: times[at][0])
    if order != list(range(len(raws))):
        columns = Few({name: [values[at] for at in order] for name, values in columns.items()})
    time, dated = np.array([times[at][0] for at in order]), times[0][1]
    return Transactions(columns, time, dated, fraud[order], np.array(order) + 1)


def _time(value: Any, column: str) -> tuple[float, bool]:
    """In seconds, and whether it is a date."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).timestamp(), True
    seconds = as_number(value)
    if math.isfinite(seconds):
        return seconds, False
    for form in DATED:
        try:
            return datetime.strptime(str(value).strip(), form).replace(tzinfo=UTC).timestamp(), True
        except ValueError:
            continue
    raise InputError(f"column {column!r}: {value!r} is no time; seconds are wanted, or a date as 2026-01-31 23:59:59")
