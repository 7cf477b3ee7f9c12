"""Options of the fraud monitor's page."""

from pydantic import Field

from plexus import OptionGroup


class MonitorOptions(OptionGroup):
    """Options of `plexus open fraud-monitor`.

    Example:
        ```python
        MonitorOptions.parse({"stream": "sqlite:///shop.db", "table": "payments"})
        ```
    """

    stream: str = Field(
        "simulated",
        description="Transactions to monitor: a table (.csv, .parquet), a database (sqlite:///FILE, postgresql://…, "
        "with --table), or simulated.",
    )
    table: str | None = Field(None, description="Table of the database to monitor; new rows are read as they arrive.")
    key: str = Field("id", description="Column of the database's table that numbers the rows.")
    alerts: str = Field("alerts.sqlite", description="Database of the alerts: a SQLite file, or postgresql://….")
    rate: float = Field(100.0, gt=0, le=1e6, description="Maximum number of transactions per second.")
