"""Conversion of transactions to the network's features."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import Findings, InputError
from plexus.codec import Arrays, Input, JsonObject
from plexus.data.cells import missing
from plexus.data.table_rows import TableRows
from plexus.data.times import EXPECTED
from plexus.errors import UnreadableInputsError
from plexus.utils.messages import note
from plexus_fraud.account_history import AccountHistory
from plexus_fraud.behaviour_features import behaviour_feature_names
from plexus_fraud.column_roles import ColumnRoles
from plexus_fraud.column_values import as_number, as_numbers
from plexus_fraud.feature_columns import FeatureColumn
from plexus_fraud.transaction_records import read_records
from plexus_fraud.transaction_times import DAY
from plexus_fraud.transactions import Transactions, read_transactions

if TYPE_CHECKING:
    import polars as pl

EPOCH_WEEKDAY = 3
"""Weekday of 1970-01-01, a Thursday, counted from Monday."""
MAX_FEATURE = 1e15
MAX_CELL = 80
"""Characters of a cell that a message shows."""


@dataclass(frozen=True)
class TransactionEncoder:
    """Encodes columns, time of day, and behaviour of customers and terminals as one row of numbers.

    Args:
        roles: The columns with a role.
        positive_label: Value of the label that means fraud.
        columns: The columns that are features.
        dated: Whether times are dates, so that the day of the week is a feature.
        delay: Seconds until it is known whether a transaction was fraud.
        time_form: How the times of the training are written, which is tried first; empty for seconds.

    Example:
        ```python
        transactions = encoder.read([{"time": 1709300000, "customer": 5, "amount": 12.5}])
        x = encoder.encode(transactions, encoder.empty_history())
        ```
    """

    roles: ColumnRoles
    positive_label: str
    columns: tuple[FeatureColumn, ...]
    dated: bool
    delay: float
    time_form: str = ""

    @cached_property
    def names(self) -> list[str]:
        """Names of the features.

        Returns:
            The names, in the order of the features' axis.
        """
        names = [name for column in self.columns for name in column.features]
        if self.roles.time:
            names += ["hour of the day", *(["day of the week"] if self.dated else [])]
            names += behaviour_feature_names(self.roles.customer, self.roles.terminal)
        return names

    def empty_history(self) -> AccountHistory:
        """Return a history without transactions.

        Returns:
            The history.
        """
        return AccountHistory(self.delay, tuple(self.roles.accounts))

    def read(self, inputs: Sequence[Input]) -> Transactions:
        """Read raw inputs and sort them by time.

        Args:
            inputs: Transactions as JSON objects, or a `TableRows`.

        Returns:
            The transactions; `rows` are the places of the inputs, from 1.

        Raises:
            InputError: If a column is missing.
            UnreadableInputsError: If a time or an amount cannot be parsed.
        """
        if not isinstance(inputs, TableRows):
            for value in inputs:
                if not isinstance(value, dict):
                    raise InputError(
                        f"expected a transaction as a JSON object of its columns, got {type(value).__name__}"
                    )
            return read_records(inputs, self.roles, self.positive_label, self.time_form, self.dated)
        findings = Findings()
        transactions = read_transactions(
            self._with_written_ids(inputs),
            self.roles,
            self.positive_label,
            inputs.name,
            findings,
            self.time_form,
            self.dated,
            inputs.numbers,
        )
        self._require_readable(inputs, transactions)
        for line in findings.lines():
            note(line)
        return transactions

    def _with_written_ids(self, rows: TableRows) -> "pl.DataFrame":
        """Return the table with ids as they are written: as numbers, 1.10 and 1.1 would be one account."""
        accounts = [name for name in self.roles.accounts.values() if name in rows.frame.columns]
        numbers = [name for name in accounts if rows.frame[name].dtype.is_float()]
        return rows.frame.with_columns(rows.written[name] for name in numbers)

    def _require_readable(self, inputs: TableRows, transactions: Transactions) -> None:
        """Refuse rows without a time, or with an amount that is no number; a missing amount is not refused."""
        problems: dict[int, tuple[str, str]] = {}
        if self.roles.amount is not None:
            amounts = inputs.frame[self.roles.amount]
            unreadable = np.isnan(as_numbers(amounts)) & ~missing(amounts).to_numpy()
            problems |= dict.fromkeys(np.flatnonzero(unreadable).tolist(), (self.roles.amount, "is not an amount"))
        if self.roles.time is not None:
            without = np.setdiff1d(np.arange(len(inputs)), transactions.rows - 1)
            problems |= dict.fromkeys(without.tolist(), (self.roles.time, f"is not a time; {EXPECTED}"))
        if problems:
            raise UnreadableInputsError(
                {
                    row: f"{inputs.name}, row {inputs.numbers[row]}: column {column!r}: "
                    f"{_shown(inputs.frame[column][row])!r} {problem}"
                    for row, (column, problem) in sorted(problems.items())
                }
            )

    def amounts(self, inputs: Sequence[Input]) -> np.ndarray:
        """Return the amounts of raw inputs.

        Args:
            inputs: Transactions as of `read`.

        Returns:
            Amounts of shape `(n,)`, NaN where one is missing; 0 without a column of amounts.
        """
        name = self.roles.amount
        if name is None:
            return np.zeros(len(inputs))
        if isinstance(inputs, TableRows):
            return as_numbers(inputs.frame[name])
        return np.array([as_number(value.get(name)) for value in inputs])

    def activity(self, transactions: Transactions) -> Arrays | None:
        """Return the activity of accounts, as `AccountHistory` takes it.

        Args:
            transactions: The transactions.

        Returns:
            Times, amounts, fraud and ids; None without times or accounts.
        """
        if transactions.time is None or not self.roles.accounts:
            return None
        amount = transactions.numbers(self.roles.amount) if self.roles.amount else np.ones(len(transactions))
        amount = np.where(np.isfinite(amount), amount, self._median_amount)
        # As precise as a saved history, in which a transaction that is passed again has to be recognized.
        amount = np.clip(amount, -MAX_FEATURE, MAX_FEATURE).astype(np.float32).astype(np.float64)
        numbers = {"time": transactions.time, "amount": amount, "fraud": np.nan_to_num(transactions.fraud)}
        return numbers | {role: transactions.ids(column) for role, column in self.roles.accounts.items()}

    def encode(self, transactions: Transactions, history: AccountHistory, activity: Arrays | None = None) -> np.ndarray:
        """Compute the features.

        Args:
            transactions: The transactions, in the order of time.
            history: Transactions before them; it is not changed.
            activity: The result of `activity`, if it is computed already.

        Returns:
            Features in the order of `names`, shape `(n, features)`.

        Raises:
            InputError: If a column is missing.
        """
        parts = [column.encode(transactions) for column in self.columns]
        if transactions.time is not None:
            parts.append((transactions.time % DAY / 3600)[:, None])
            if self.dated:
                parts.append(((transactions.time // DAY + EPOCH_WEEKDAY) % 7)[:, None])
            activity = self.activity(transactions) if activity is None else activity
            if activity is not None:
                parts.append(history.features(activity))
        # Bounded, so that no product of the network is infinite or NaN, whatever the numbers of a transaction.
        bounded = np.clip(np.concatenate(parts, axis=1), -MAX_FEATURE, MAX_FEATURE)
        return np.asarray(bounded, np.float32)

    @cached_property
    def _median_amount(self) -> float:
        """Stands in for a missing amount: with 0 the behaviour would look harmless."""
        medians = (column.fill for column in self.columns if column.name == self.roles.amount and not column.categories)
        return next(medians, 0.0)

    def to_json(self) -> JsonObject:
        """Return the arguments as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return asdict(self)

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create an encoder from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The encoder.
        """
        columns = tuple(FeatureColumn.from_json(column) for column in state["columns"])
        return cls(**state | {"roles": ColumnRoles(**state["roles"]), "columns": columns})


def _shown(cell: object) -> str:
    """Return a cell for a message; empty if it is missing."""
    return "" if cell is None else str(cell)[:MAX_CELL]
