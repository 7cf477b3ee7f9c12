"""What the monitor can be told."""

from pydantic import Field

from plexus.utils.option_group import OptionGroup


class MonitorFlags(OptionGroup):
    """Where transactions come from, and where alerts go."""

    stream: str = Field(
        "simulated",
        description="where transactions come from: a table (.csv, .parquet), a database (sqlite:///FILE, "
        "postgresql://…, with --table), or simulated",
    )
    table: str | None = Field(None, description="of a database: the table to watch; new rows are taken as they come")
    key: str = Field("id", description="of a database: the column that numbers the rows")
    alerts: str = Field("alerts.sqlite", description="where alerts are kept: a file of SQLite, or postgresql://…")
    rate: float = Field(100.0, gt=0, le=1e6, description="transactions a second, at most")
