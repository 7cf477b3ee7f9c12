"""Which column is what."""

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from plexus import InputError
from plexus.errors import unknown

if TYPE_CHECKING:
    import polars as pl

    from plexus_fraud.options import FraudOptions

USUAL = {
    "label": r"class|label|target|(tx_|is_?)?fraud(ulent)?(_?flag|_?label)?|is_?fraud",
    "time": r"(tx_|trans(action)?_?)?(date_?time|timestamp|time|date)(_?utc)?|(trans_)?date_trans_time|step",
    "amount": r"(tx_|trans(action)?_?)?(amount|amt|value|sum)(_?(usd|eur))?",
    "customer": r"(tx_)?(customer|client|account|card|cc|user|holder)(_?(id|num(ber)?|no))?|nameorig",
    "terminal": r"(tx_)?(terminal|merchant|shop|seller|payee|counterparty|device)(_?(id|name|no))?|namedest",
}


@dataclass(frozen=True)
class Roles:
    """The columns with a part of their own; None where there is none. All others are told as they are."""

    label: str
    time: str | None = None
    amount: str | None = None
    customer: str | None = None
    terminal: str | None = None

    def __str__(self) -> str:
        return ", ".join(f"{role}: {column or 'none'}" for role, column in asdict(self).items())

    @property
    def ids(self) -> dict[str, str]:
        """The columns of customers and terminals that there are, by their role."""
        both = {"customer": self.customer, "terminal": self.terminal}
        return {role: column for role, column in both.items() if column is not None}

    @classmethod
    def guessed(cls, table: "pl.DataFrame", options: "FraudOptions", where: str) -> Self:
        """As the options say, and what they leave open by the columns' names.

        Raises:
            InputError: there is no such column, or none that could be the label.
        """
        found: dict[str, str | None] = {}
        for role, pattern in USUAL.items():
            given = getattr(options, role)
            if given not in (None, "none") and given not in table.columns:
                raise unknown(f"column in {where}", given, table.columns)
            free = [name for name in table.columns if name not in found.values()]
            usual = (name for name in free if re.fullmatch(pattern, name.strip().lower().replace(" ", "_")))
            found[role] = None if given == "none" else given or next(usual, None)
        if found["label"] is None:
            raise InputError(
                f"{where}: no column says which transactions are fraud; name it with --label "
                f"(there are {', '.join(table.columns)})"
            )
        return cls(**found)  # type: ignore[arg-type]
