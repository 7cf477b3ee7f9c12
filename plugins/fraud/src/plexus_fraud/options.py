"""Hyperparameters of fraud detection, the columns and costs: flags of `plexus train fraud.detect`."""

from pydantic import Field, field_validator

from plexus import OptionGroup, Options
from plexus.data.databases import DatabaseUrl

_INFERRED = "by default inferred from its name; none: there is none"


class DetectOptions(Options):
    """Options of `fraud.detect`.

    Example:
        ```python
        DetectOptions.parse({"data": "payments.csv", "label": "is_fraud", "delay_days": 3})
        ```
    """

    defaults = {
        "data": "simulated",
        "epochs": None,
        "batch_size": 256,
        "learning_rate": 4e-3,
        "weight_decay": 3e-4,
        "dropout": 0.1,
        "averaging": 0.99,
        "clip_norm": 1.0,
        "patience": 0,
    }
    data_options = frozenset({"data", "query"})

    query: str | None = Field(
        None,
        description="SQL query, where --data is a database (sqlite:///FILE, postgresql://…); read-only.",
    )
    label: str | None = Field(
        None, description="Column that says which transactions are fraud; by default inferred from its name."
    )
    time: str | None = Field(None, description=f"Column of the times; {_INFERRED}.")
    amount: str | None = Field(None, description=f"Column of the amounts; {_INFERRED}.")
    customer: str | None = Field(None, description=f"Column of the customers or cards; {_INFERRED}.")
    terminal: str | None = Field(None, description=f"Column of the terminals or payees; {_INFERRED}.")
    ignore: str = Field("", description="Columns to drop, separated by commas.")

    train_days: float | None = Field(None, gt=0, description="Days to learn from; by default all before the delay.")
    delay_days: float | None = Field(
        None, ge=0, description="Days until fraud is known; by default 7 if there are customers or terminals, else 0."
    )
    test_days: float | None = Field(
        None, gt=0, description="Days of the test split, the last ones; by default the last fifth of the transactions."
    )

    cost_missed: float | None = Field(
        None, gt=0, description="Cost of a missed fraud; by default its amount, or 100 without a column of amounts."
    )
    cost_review: float = Field(5.0, gt=0, description="Cost of the review of one transaction.")
    reviews_per_day: int | None = Field(
        None, ge=1, description="Transactions to flag per day, instead of those whose expected loss is high enough."
    )

    heads: int = Field(8, ge=1, le=64, description="Networks that share most of their weights and are averaged.")
    width: int = Field(64, ge=4, le=1024, description="Units per layer.")
    depth: int = Field(2, ge=1, le=8, description="Number of layers.")
    trees: int = Field(
        200, ge=0, le=2000, description="Largest number of boosted trees, averaged with the heads; 0: none."
    )
    tree_depth: int = Field(4, ge=1, le=8, description="Depth of the boosted trees.")
    bins: int = Field(32, ge=4, le=256, description="Bins of a column's piecewise linear encoding.")
    embedding: int = Field(4, ge=1, le=64, description="Embedding size of a column.")

    @field_validator("data")
    @classmethod
    def _separate_password(cls, data: str) -> str:
        return DatabaseUrl.parse(data)


class StreamOptions(OptionGroup):
    """Options of `plexus predict` for tables.

    Example:
        ```python
        StreamOptions.parse({"state": "history.json"})
        ```
    """

    state: str | None = Field(
        None,
        description="File of the transactions of the last weeks, to continue from and to update; by default prediction "
        "continues from the training data, and nothing is written.",
    )
