"""The ability `DescribesRows` of a task."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT
from plexus.tasks.row_column import RowColumn


@runtime_checkable
class DescribesRows(Protocol[CodecInT]):
    """A servable task whose models predict for rows of named columns: Studio shows a field for each column.

    Example:
        ```python
        def describe_rows(self, codec):
            return [RowColumn(column.name, column.median) for column in codec.columns]
        ```
    """

    def describe_rows(self, codec: CodecInT) -> Sequence[RowColumn]:
        """Return the columns of a row that `parse_request` accepts as an object.

        Args:
            codec: The codec.

        Returns:
            The columns, in their order in the training data.
        """
        ...
