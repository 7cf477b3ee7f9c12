"""Options of the tasks that predict the probability of an event."""

from typing import ClassVar

from pydantic import Field

from plexus_tables.options import TableOptions


class EventOptions(TableOptions):
    """Options of `tables.diagnose` and `tables.risk`.

    Example:
        ```python
        EventOptions.parse({"data": "loans.csv", "target": "defaulted", "positive": "yes"})
        ```
    """

    defaults: ClassVar[dict[str, object]] = {}

    positive: str | None = Field(
        None, description="Label that is the event; by default inferred from its name, else the rarer one."
    )
