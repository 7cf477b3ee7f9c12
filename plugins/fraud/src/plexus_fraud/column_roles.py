"""The columns of a table of transactions that have a role."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

from plexus import InputError
from plexus.errors import unknown
from plexus_fraud.options import DetectOptions

NO_COLUMN = "none"
"""Value of an option that stands for no column of a role."""
NAME_PATTERNS = {
    "label": r"class|label|target|(tx_|is_?)?fraud(ulent)?(_?(flag|label|bool|found|reported|detected))?(_p)?",
    "time": r"(tx_|trans(action)?_?)?(date_?time|timestamp|time|date)(_?utc)?|(trans_)?date_trans_time|step",
    "amount": r"(tx_|trans(action)?_?)?(amount|amt|value|sum)(_?(usd|eur))?",
    "customer": r"(tx_)?(customer|client|account|card|cc|user|holder)(_?(id|num(ber)?|no))?|nameorig",
    "terminal": r"(tx_)?(terminal|merchant|shop|seller|payee|counterparty|device)(_?(id|name|no))?|namedest",
}


@dataclass(frozen=True)
class ColumnRoles:
    """The columns with a role; None where a table has no such column. All other columns are features.

    Args:
        label: Column that says which transactions are fraud.
        time: Column of the times.
        amount: Column of the amounts.
        customer: Column of the customers, cards or accounts.
        terminal: Column of the terminals, merchants or payees.

    Example:
        ```python
        ColumnRoles("is_fraud", time="timestamp", amount="amount")
        ```
    """

    label: str
    time: str | None = None
    amount: str | None = None
    customer: str | None = None
    terminal: str | None = None

    def __str__(self) -> str:
        return ", ".join(f"{role}: {column or 'none'}" for role, column in asdict(self).items())

    @property
    def accounts(self) -> dict[str, str]:
        """The columns of customers and terminals by role, as far as there are any."""
        columns = {"customer": self.customer, "terminal": self.terminal}
        return {role: column for role, column in columns.items() if column is not None}

    @classmethod
    def infer(cls, columns: Sequence[str], options: DetectOptions) -> Self:
        """Infer the roles from the names of the columns, where the options leave them open.

        Args:
            columns: Names of the columns.
            options: The options.

        Returns:
            The roles.

        Raises:
            InputError: If an option names a column that does not exist, or no column looks like the label.
        """
        roles: dict[str, str | None] = {}
        for role, pattern in NAME_PATTERNS.items():
            name = getattr(options, role)
            if name not in (None, NO_COLUMN) and name not in columns:
                raise unknown(f"column in {options.data}", name, columns)
            free = (column for column in columns if column not in roles.values())
            matching = (c for c in free if re.fullmatch(pattern, re.sub(r"[^a-z0-9]+", "_", c.lower()).strip("_")))
            roles[role] = None if name == NO_COLUMN else name or next(matching, None)
        label = roles.pop("label")
        if label is None:
            raise InputError(
                f"{options.data}: no column looks like the label of fraud; name it with --label "
                f"(the columns are {', '.join(columns)})"
            )
        return cls(label, **roles)

    def require_in(self, columns: Sequence[str], place: str) -> None:
        """Check that the columns that prediction needs exist.

        Args:
            columns: Names of the columns.
            place: What has the columns, for messages.

        Raises:
            InputError: If one is missing.
        """
        for column in (self.time, self.amount, self.customer, self.terminal):
            if column is not None and column not in columns:
                raise InputError(f"{place} lacks the column {column!r}; it has {', '.join(columns) or 'no columns'}")
