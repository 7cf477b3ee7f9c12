"""The rows of a table as raw inputs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import polars as pl


class TableRows(Sequence[Mapping[str, object]]):
    """The rows of a table as a sequence, which a codec may also encode by columns instead of one by one.

    Args:
        frame: The table.

    Example:
        ```python
        rows = TableRows(read_table(Path("payments.csv")))
        rows[0]["amount"], rows.frame["amount"]
        ```
    """

    def __init__(self, frame: "pl.DataFrame") -> None:
        self.frame = frame

    def __len__(self) -> int:
        return len(self.frame)

    def __iter__(self) -> "Iterator[Mapping[str, object]]":
        return self.frame.iter_rows(named=True)

    @overload
    def __getitem__(self, rows: int) -> Mapping[str, object]: ...

    @overload
    def __getitem__(self, rows: slice) -> "TableRows": ...

    def __getitem__(self, rows: int | slice) -> "Mapping[str, object] | TableRows":
        return TableRows(self.frame[rows]) if isinstance(rows, slice) else self.frame.row(rows, named=True)
