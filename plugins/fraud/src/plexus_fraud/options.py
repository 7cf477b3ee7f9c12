"""What the search for fraud can be told."""

from typing import Annotated

from pydantic import AfterValidator, Field

from plexus import Options
from plexus.utils.option_group import OptionGroup
from plexus_fraud.database import without_password

_COLUMN = "[default: guessed by its name, and said; none: there is none]"


class FraudOptions(Options):
    """Settings of `fraud.detect`."""

    data: Annotated[str, AfterValidator(without_password)] = Field(
        "simulated",
        description="a table (.csv, .csv.gz, .parquet), an http(s) address of one, a database (postgresql://…, "
        "sqlite:///FILE, with --query), or a named set: simulated, creditcard, fraud_handbook",
    )
    query: str | None = Field(None, description="of a database: what to select; nothing can be written")
    label: str | None = Field(None, description="the column that says what was fraud [default: guessed by its name]")
    time: str | None = Field(None, description=f"the column of the time {_COLUMN}")
    amount: str | None = Field(None, description=f"the column of the amount {_COLUMN}")
    customer: str | None = Field(None, description=f"the column of who pays {_COLUMN}")
    terminal: str | None = Field(None, description=f"the column of where, or to whom {_COLUMN}")
    ignore: str = Field("", description="columns that are not to be used, with commas between")

    train_days: float | None = Field(None, gt=0, description="days to learn from [default: all before the delay]")
    delay_days: float | None = Field(
        None, ge=0, description="days until fraud is known [default: 7 where there are customers or terminals, else 0]"
    )
    test_days: float | None = Field(None, gt=0, description="the last days, to measure on [default: the last fifth]")

    cost_missed: float | None = Field(
        None, gt=0, description="what a missed fraud costs [default: its amount; where there is none, 100]"
    )
    cost_review: float = Field(5.0, gt=0, description="what it costs to look at one transaction")
    reviews_a_day: int | None = Field(
        None, ge=1, description="flag as many as can be looked at, instead of what costs least"
    )

    heads: int = Field(8, ge=1, le=64, description="nets that share most of their weights, averaged")
    width: int = Field(64, ge=4, le=1024, description="units of a layer")
    depth: int = Field(2, ge=1, le=8, description="layers")
    bins: int = Field(32, ge=4, le=256, description="pieces that a column's range is divided into")
    embedding: int = Field(4, ge=1, le=64, description="numbers a column is embedded in")
    epochs: int | None = Field(None, ge=1, le=1000, description="how often all of the data is gone through")
    batch_size: int | None = Field(256, ge=1, le=65_536, description="transactions a step")
    learning_rate: float = Field(4e-3, gt=0, le=100, description="at its highest")
    weight_decay: float = Field(3e-4, ge=0, le=10, description="decoupled, on kernels only")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of the units that are dropped in each layer")
    averaging: float = Field(0.99, ge=0, lt=1, description="decay a step of the weights' moving average; 0: none")
    clip_norm: float | None = Field(1.0, gt=0, description="the largest global norm of the gradients")
    patience: int | None = Field(0, ge=0, description="epochs without a better score before stopping early; 0: never")


class FraudFlags(OptionGroup):
    """What `predict` can be told beside transactions."""

    state: str | None = Field(
        None,
        description="a file that what was seen is kept in, and gone on from: the transactions of the last weeks "
        "[default: begin with those that the bundle was trained on, and keep nothing]",
    )
