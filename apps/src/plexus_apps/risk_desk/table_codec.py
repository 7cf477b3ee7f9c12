"""Protocols of the codec of a task of tables, as far as the app uses it."""

from collections.abc import Sequence
from typing import Protocol

Value = float | str | None
"""A cell; None if it is missing."""
Row = dict[str, Value]


class Column(Protocol):
    """A column that is a feature.

    Attributes:
        name: Name of the column.
        kind: `numeric`, `categorical`, `ordinal` or `date`.
        low: Smallest value of the training: a number, a rank, or days since 1970.
        high: Largest value of the training.
        categories: Of a categorical column the frequent categories, the most frequent one first; of an ordinal one all,
            the lowest first.
        rare: Categories that were too rare to be a feature.
        typical: The median, or the most frequent category.
        centers: Of a column that is no categorical one first the median: a number, a rank, or days since 1970.
        scales: First 1 divided by the interquartile range; 0 if all values are equal.
        parts: The parts of a date that differ between the rows of the training: `month`, `weekday`, `hour`.
    """

    name: str
    kind: str
    low: float
    high: float
    categories: tuple[str, ...]
    rare: tuple[str, ...]
    typical: float | str
    centers: Sequence[float]
    scales: Sequence[float]
    parts: Sequence[str]

    def shown(self, value: float) -> str:
        """Return a value as the column has it.

        Args:
            value: A number, a rank, or days since 1970.

        Returns:
            The number, the category of the rank, or the date.
        """
        ...


class Encoder(Protocol):
    """The encoder of rows.

    Attributes:
        columns: The columns that are features.
    """

    columns: Sequence[Column]


class SimilarRow(Protocol):
    """A training row that is similar to another one.

    Attributes:
        distance: Distance, from 0 (equal) to 1.
        target: Its label or number.
        values: Its cells by column.
    """

    distance: float
    target: str | float
    values: Row


class SimilarRows(Protocol):
    """A sample of the training rows."""

    def nearest(self, row: Row) -> Sequence[SimilarRow]:
        """Return the training rows that are most similar to a row.

        Args:
            row: The row.

        Returns:
            The rows, the nearest first.
        """
        ...


class TableCodec(Protocol):
    """The codec of a task of tables; those of the plugin `tables` follow the protocol.

    Attributes:
        encoder: The encoder of rows.
        coverage: Share of new rows whose interval or label set holds the true value.
        similar_rows: Training rows that the bundle holds; None if it holds none.
    """

    encoder: Encoder
    coverage: float
    similar_rows: SimilarRows | None
