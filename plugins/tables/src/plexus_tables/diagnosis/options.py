"""Options of `tables.diagnose`."""

from typing import ClassVar

from pydantic import Field

from plexus_tables.events.options import EventOptions


class DiagnoseOptions(EventOptions):
    """Options of `tables.diagnose`.

    Example:
        ```python
        DiagnoseOptions.parse({"data": "patients.csv", "target": "sepsis", "group": "patient", "prevalence": 0.05})
        ```
    """

    defaults: ClassVar[dict[str, object]] = {"data": "pima_diabetes"}

    sensitivity: float = Field(
        0.9, gt=0, lt=1, description="Sensitivity that the threshold is chosen for, unless there is --miss-cost."
    )
    miss_cost: float | None = Field(
        None, gt=0, le=1e6, description="Cost of a missed case in false alarms; the threshold has the lowest cost then."
    )
    prevalence: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Prevalence where the model is used, for PPV and NPV; by default that of the data.",
    )
    subgroups: str = Field("", description="Columns of the table of subgroups, separated by commas.")
