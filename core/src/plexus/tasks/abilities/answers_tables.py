"""The ability `AnswersTables` of a task."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from plexus.codec import Input
    from plexus.data.table_rows import TableRows
    from plexus.utils.option_group import OptionGroup


@runtime_checkable
class AnswersTables(Protocol):
    """A task that predicts for the rows of a table.

    Example:
        ```python
        def table_inputs(self, parts, options):
            for rows in parts:
                yield rows.frame["text"].to_list()
        ```
    """

    def table_inputs(self, parts: "Iterable[TableRows]", options: "OptionGroup | None") -> "Iterator[Sequence[Input]]":
        """Convert the rows of a table to raw inputs.

        Args:
            parts: The table in parts of any number of rows. What is detected, such as a column, is detected once, in
                the first part.
            options: The options of `Task.predict_options`; None if the task has none.

        Returns:
            An iterator: of each part one raw input per row.

        Raises:
            InputError: If the table lacks a column.
        """
        ...
