"""The columns that are told to the network as they are, and which are left out."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from plexus import InputError
from plexus.utils.messages import note
from plexus_fraud.roles import Roles
from plexus_fraud.transactions import Transactions

CATEGORIES, MOST_CATEGORIES = 20, 1000
WITH_TIME = 0.999
"""The rank correlation with time from which a column is a number of the transaction, or another clock."""
LEAK = 0.999
"""The area under the ROC curve from which a column alone tells the label."""
NOT_NUMBERS = "values in columns of numbers are no numbers; these were taken as missing"


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        name: as in the table; fill: what stands in for a missing number.
        gaps: whether there were missing numbers in training, so that a missing one is told.
        categories: the most frequent values of a column of texts, else None.
    """

    name: str
    fill: float = 0.0
    gaps: bool = False
    categories: tuple[str, ...] | None = None

    @property
    def features(self) -> list[str]:
        """What its numbers are, in words."""
        if self.categories is not None:
            return [f"{self.name} is {value or 'empty'}" for value in self.categories]
        return [self.name, *([f"{self.name} is missing"] if self.gaps else [])]

    def encode(self, given: Transactions) -> np.ndarray:
        """Numbers `(n, features)`; of a category that training never saw, all 0.

        Raises:
            InputError: the table lacks the column.
        """
        if self.name not in given.frame.columns:
            raise InputError(
                f"the transactions lack the column {self.name!r}; there are {', '.join(given.frame.columns)}"
            )
        if self.categories is not None:
            values = given.ids(self.name)
            return np.stack([values == value for value in self.categories], axis=1).astype(np.float32)
        numbers = given.numbers(self.name)
        empty = np.isnan(numbers)
        filled = np.where(empty, self.fill, numbers)
        return np.stack([filled, empty] if self.gaps else [filled], axis=1).astype(np.float32)

    def to_json(self) -> dict[str, Any]:
        """For `from_json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The column that gave this state."""
        categories = state["categories"]
        return cls(**state | {"categories": None if categories is None else tuple(categories)})


def fit_columns(train: Transactions, roles: Roles, ignore: str, findings: Any) -> list[Column]:
    """Which columns to use: not those with a part of their own, nor what only counts, nor what tells the label.

    Args:
        ignore: names, with commas between.
        findings: gets the texts in columns of numbers, with their rows.
    """
    wanted = [name.strip() for name in ignore.split(",") if name.strip()]
    for name in wanted:
        if name not in train.frame.columns:
            raise InputError(f"--ignore {name}: there is no such column; there are {', '.join(train.frame.columns)}")
    own = {roles.label, roles.time, roles.customer, roles.terminal, *wanted}
    columns = [_fit(train, name, findings) for name in train.frame.columns if name not in own]
    return [column for column in columns if column is not None and not _tells(train, column)]


def _fit(train: Transactions, name: str, findings: Any) -> Column | None:
    numbers, texts = train.numbers(name), train.ids(name)
    given = texts != ""
    wrong = given & np.isnan(numbers)
    if given.any() and wrong.sum() > 0.1 * given.sum():
        values, counts = np.unique(texts, return_counts=True)
        if len(values) > MOST_CATEGORIES:
            note(f"column {name} is left out: {len(values):,} different texts")
            return None
        return Column(name, categories=tuple(values[np.argsort(-counts, kind="stable")][:CATEGORIES].tolist()))
    for row in train.rows[wrong].tolist():
        findings.add(NOT_NUMBERS, f"column {name}, row {row}")
    good = numbers[~np.isnan(numbers)]
    if not len(good) or good.min() == good.max():
        return None
    return Column(name, float(np.median(good)), bool(np.isnan(numbers).any()))


def _tells(train: Transactions, column: Column) -> bool:
    """Whether a column only counts, or tells the label; which is said."""
    from scipy.stats import rankdata

    values, known = column.encode(train), ~np.isnan(train.fraud)
    fraud = train.fraud[known] == 1
    for at in range(values.shape[1]):
        ranks = rankdata(values[:, at])
        steps = np.diff(values[:, at])
        follows = (steps >= 0).all() or abs(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1]) > WITH_TIME
        if train.time is not None and follows:
            note(f"column {column.name} is left out: it only goes on with time")
            return True
        inside = rankdata(values[known, at])[fraud].sum() - fraud.sum() * (fraud.sum() + 1) / 2
        area = inside / max(fraud.sum() * (~fraud).sum(), 1)
        if max(area, 1 - area) > LEAK:
            note(
                f"LEAK: column {column.name} tells by itself which transactions are fraud (area under the ROC curve "
                f"{max(area, 1 - area):.4f}); is it known only afterwards? It is left out"
            )
            return True
    return False
