"""Options of `tables.regress`."""

from typing import ClassVar

from plexus_tables.options import TableOptions


class RegressOptions(TableOptions):
    """Options of `tables.regress`.

    Example:
        ```python
        RegressOptions.parse({"data": "houses.csv", "target": "price"})
        ```
    """

    defaults: ClassVar[dict[str, object]] = {"data": "diabetes"}
