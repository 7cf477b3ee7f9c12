"""The rows of a table as raw inputs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import polars as pl


class TableRows(Sequence[Mapping[str, object]]):
    """The rows of a table as a sequence, which a codec may also encode by columns instead of one by one.

    Args:
        frame: The table, or a part of it.
        name: The file, for messages.
        numbers: Number of each row in the file, counted from 1; None if they are all rows of it.
        written: The cells as the file has them; None if they are those of the table.

    Example:
        ```python
        rows = TableRows(read_table(Path("payments.csv")), "payments.csv")
        rows[0]["amount"], rows.frame["amount"], rows.numbers[0]
        ```
    """

    def __init__(
        self,
        frame: "pl.DataFrame",
        name: str = "the table",
        numbers: Sequence[int] | None = None,
        written: "pl.DataFrame | None" = None,
    ) -> None:
        self.frame, self.name, self.written = frame, name, frame if written is None else written
        self.numbers = range(1, len(frame) + 1) if numbers is None else numbers

    def __len__(self) -> int:
        return len(self.frame)

    def __iter__(self) -> "Iterator[Mapping[str, object]]":
        return self.frame.iter_rows(named=True)

    @overload
    def __getitem__(self, rows: int) -> Mapping[str, object]: ...

    @overload
    def __getitem__(self, rows: slice) -> "TableRows": ...

    def __getitem__(self, rows: int | slice) -> "Mapping[str, object] | TableRows":
        if isinstance(rows, slice):
            return TableRows(self.frame[rows], self.name, self.numbers[rows], self.written[rows])
        return self.frame.row(rows, named=True)

    def take(self, rows: Sequence[int]) -> "TableRows":
        """Return some of the rows.

        Args:
            rows: Their places, counted from 0.

        Returns:
            The rows.
        """
        return TableRows(self.frame[rows], self.name, [self.numbers[row] for row in rows], self.written[rows])
