"""A part of a table as raw inputs of the codec."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from plexus_fraud.transaction_records import Record

if TYPE_CHECKING:
    import polars as pl


class TransactionTable(Sequence[Record]):
    """The rows of a table, which the codec reads by columns instead of one by one.

    Args:
        frame: The table.

    Example:
        ```python
        bundle.predict(TransactionTable(polars.read_csv("payments.csv")))
        ```
    """

    def __init__(self, frame: "pl.DataFrame") -> None:
        self.frame = frame

    def __len__(self) -> int:
        return len(self.frame)

    @overload
    def __getitem__(self, rows: int) -> Record: ...

    @overload
    def __getitem__(self, rows: slice) -> "TransactionTable": ...

    def __getitem__(self, rows: int | slice) -> "Record | TransactionTable":
        return TransactionTable(self.frame[rows]) if isinstance(rows, slice) else self.frame.row(rows, named=True)
