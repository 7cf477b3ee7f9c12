"""Tables in memory, for `plexus.Estimator`."""

from collections.abc import Sequence

from plexus import InputError
from plexus.data.table_rows import TableRows
from plexus_tables.frames import to_frame
from plexus_tables.options import TableOptions
from plexus_tables.table_source import TableSource

PLACE = "X"
"""Name of the table in messages: that of scikit-learn."""


class TablesInMemory:
    """Mixin of tasks that learn from tables in memory; with `make_dataset` a task is `LearnsFromTables`.

    Example:
        ```python
        class Regress(TablesInMemory, RegressionTask[NumberCodec, TableOptions]):
            def make_dataset(self, rows, targets, options):
                return regression_dataset(source_in_memory(rows, targets, options), options)
        ```
    """

    def make_rows(self, table: object) -> TableRows:
        """Return the rows of a table in memory.

        Args:
            table: As of `to_frame`.

        Returns:
            The rows.
        """
        return TableRows(to_frame(table), PLACE)


def source_in_memory(rows: TableRows, targets: Sequence[object], options: TableOptions) -> TableSource:
    """Return a table in memory with its targets.

    Args:
        rows: The rows.
        targets: One target per row.
        options: The options.

    Returns:
        The source.

    Raises:
        InputError: If the options name a column as the target.
    """
    if options.target is not None:
        raise InputError(f"target={options.target!r}: the targets are those of y; remove the option")
    return TableSource.in_memory(rows.frame, targets, PLACE)
