"""Options of the tasks of tables: the data, the roles of its columns, and the splits."""

from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from plexus import Options
from plexus.data.databases import DatabaseUrl
from plexus_tables.column_lists import parse_ordinal

MAX_SIMILAR = 20
"""Training rows that an explanation shows at most."""


class TableOptions(Options):
    """Options that all tasks of tables have.

    Example:
        ```python
        TableOptions.parse({"data": "patients.csv", "target": "outcome", "group": "patient", "ignore": "notes,ward"})
        ```
    """

    defaults: ClassVar[dict[str, object]] = {
        "data": "breast_cancer",
        "epochs": None,
        "batch_size": 128,
        "learning_rate": None,
        "schedule": "cycles",
        "warmup": 0.0,
        "beta_2": 0.95,
        "weight_decay": 0.1,
        "dropout": 0.15,
        "averaging": 0.0,
        "patience": None,
    }
    data_options = frozenset({"data", "query"})

    query: str | None = Field(
        None,
        description="SQL query, where --data is a database (sqlite:///FILE, postgresql://…); read-only.",
    )
    target: str | None = Field(
        None,
        description="Column to predict; by default one that is named target, label, class, y, outcome, diagnosis or "
        "response, else the last one.",
    )
    group: str | None = Field(
        None, description="Column whose values never stand on both sides of a split: patient, household."
    )
    time: str | None = Field(
        None, description="Column of times: the last rows are the test split; it is no feature itself."
    )
    ignore: str = Field("", description="Columns that are no features, separated by commas.")
    ordinal: str = Field(
        "", description="Columns of ordered categories, lowest first: 'grade=low<medium<high; size=S<M<L'."
    )
    increasing: str = Field(
        "",
        description="Numeric or ordinal columns, separated by commas, with which the prediction never decreases: the "
        "number, or the probability of the second of two labels in sorted order; --model auto is network then.",
    )
    decreasing: str = Field(
        "", description="Numeric or ordinal columns, separated by commas, with which the prediction never increases."
    )
    keep: str = Field(
        "", description="Columns to use although they look like identifiers, texts or leaks, separated by commas."
    )
    folds: int = Field(5, ge=2, le=50, description="Folds of the training rows for out-of-fold predictions.")

    model: Literal["auto", "ensemble", "network", "linear", "forest", "boosting", "student"] = Field(
        "auto",
        description="Model: ensemble (networks, linear model, random forest and boosted trees, weighted out of fold), "
        "one of its members, student (small networks that learned the predictions of the ensemble: many times as "
        "fast), or auto (the ensemble; from 10,000 rows on the networks alone if they are as good).",
    )
    passes: int | None = Field(
        None, ge=1, le=1000, description="Passes over the training rows in an epoch; by default more in small tables."
    )
    bags: int | None = Field(None, ge=1, le=64, description="Networks per fold; by default 4 to 1 by the rows.")
    width: int | None = Field(None, ge=4, le=4096, description="Units per layer; by default 64 to 256 by the rows.")
    depth: int | None = Field(None, ge=1, le=16, description="Number of layers; by default 2 or 3 by the rows.")
    coverage: float = Field(
        0.9, gt=0, lt=1, description="Share of new rows whose prediction interval or label set holds the true value."
    )

    similar: int = Field(
        0,
        ge=0,
        le=MAX_SIMILAR,
        description="Most similar training rows that an explanation shows; a sample of the training rows is in the "
        "bundle then.",
    )

    @property
    def has_monotone_effects(self) -> bool:
        """Whether the prediction must never decrease, or never increase, with a column."""
        return _names_columns(self.increasing, self.decreasing)

    @field_validator("data")
    @classmethod
    def _separate_password(cls, data: str) -> str:
        return DatabaseUrl.parse(data)

    @field_validator("ordinal")
    @classmethod
    def _check_ordinal(cls, ordinal: str) -> str:
        parse_ordinal(ordinal)
        return ordinal

    @field_validator("model")
    @classmethod
    def _check_model(cls, model: str, info: ValidationInfo) -> str:
        if model not in ("auto", "network") and _names_columns(
            info.data.get("increasing", ""), info.data.get("decreasing", "")
        ):
            raise ValueError("auto or network with --increasing or --decreasing, which other models do not keep")
        return model


def _names_columns(*lists: str) -> bool:
    return any(name.strip() for name in ",".join(lists).split(","))
