"""The ability `LearnsFromTables` of a task."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import OptionsT

if TYPE_CHECKING:
    from plexus.data.table_rows import TableRows
    from plexus.dataset import Dataset


@runtime_checkable
class LearnsFromTables(Protocol[OptionsT]):
    """A task that learns from a table in memory; `plexus.Estimator` prefers it to `LearnsFromExamples`.

    Example:
        ```python
        def make_rows(self, table):
            return TableRows(to_frame(table), "X")

        def make_dataset(self, rows, targets, options):
            return classification_dataset(TableSource.in_memory(rows.frame, targets, "X"), options)
        ```
    """

    def make_rows(self, table: object) -> "TableRows":
        """Return the rows of a table in memory, to learn from or to predict for.

        Args:
            table: A table of Polars or pandas, an array of shape `(n, columns)`, or a list of dictionaries.

        Returns:
            The rows.

        Raises:
            InputError: If it is nothing of these.
        """
        ...

    def make_dataset(self, rows: "TableRows", targets: Sequence[object], options: OptionsT) -> "Dataset":
        """Return the dataset of a table and its targets.

        Args:
            rows: The rows.
            targets: One target per row: labels as strings, or numbers.
            options: The options.

        Returns:
            The dataset, split.

        Raises:
            InputError: If the table cannot be used.
        """
        ...
