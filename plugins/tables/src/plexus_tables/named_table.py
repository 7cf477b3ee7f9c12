"""Named tables: files without a header, or arrays that come with scikit-learn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plexus import NamedDataset

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class NamedTable(NamedDataset):
    """A named data set that is one table.

    Args:
        columns: Names of the columns, in order; the last one is the target.
        classes: Names of the classes by their value in the data; empty for regression.
        zero_is_missing: Columns in which 0 stands for a missing value.

    Example:
        ```python
        PIMA_DIABETES.read_frame()["insulin"].null_count()  # 374
        ```
    """

    columns: tuple[str, ...] = ()
    classes: Mapping[str, str] = field(default_factory=dict)
    zero_is_missing: tuple[str, ...] = ()

    def read_frame(self) -> "pl.DataFrame":
        """Read the table, from its file or from the library that has it.

        Returns:
            All rows, with the names of the columns.

        Raises:
            InputError: If the file cannot be downloaded, or its checksum is wrong.
        """
        import polars as pl

        frame = self._read_arrays() if self.embedded is not None else self._read_file()
        frame = frame.with_columns(pl.col(name).replace(0, None) for name in self.zero_is_missing)
        if not self.classes:
            return frame
        return frame.with_columns(pl.col(self.columns[-1]).cast(pl.String).replace_strict(self.classes))

    def _read_arrays(self) -> "pl.DataFrame":
        import polars as pl

        assert self.embedded is not None  # noqa: S101 - for mypy
        inputs, targets = self.embedded()["train"]
        frame = pl.DataFrame(inputs, schema=list(self.columns[:-1]))
        return frame.with_columns(pl.Series(self.columns[-1], targets))

    def _read_file(self) -> "pl.DataFrame":
        import polars as pl

        file = self.fetch() / self.files[0].name
        # `read_table` takes the first line for a header, unless it is all numbers.
        return pl.read_csv(file, has_header=False, new_columns=list(self.columns), infer_schema_length=None)
