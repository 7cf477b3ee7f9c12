"""Options of `tables.risk`."""

from typing import ClassVar

from pydantic import Field

from plexus_tables.events.options import EventOptions


class RiskOptions(EventOptions):
    """Options of `tables.risk`.

    Example:
        ```python
        RiskOptions.parse({"data": "loans.csv", "target": "defaulted", "cost_false_negative": 10, "protected": "sex"})
        ```
    """

    defaults: ClassVar[dict[str, object]] = {"data": "german_credit"}

    cost_false_positive: float = Field(1.0, gt=0, le=1e9, description="Cost of rejecting a good case.")
    cost_false_negative: float = Field(5.0, gt=0, le=1e9, description="Cost of approving a bad case.")
    protected: str | None = Field(None, description="Column of the fairness table, which the model never sees.")
