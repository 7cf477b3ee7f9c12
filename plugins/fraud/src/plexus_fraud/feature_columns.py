"""Selection and encoding of the columns that are features."""

import re
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Self

import numpy as np

from plexus import Findings, InputError
from plexus.codec import JsonObject
from plexus.data.cells import holds_identifiers, missing
from plexus.data.findings import Counted
from plexus.data.times import holds_times
from plexus.tasks.row_column import RowColumn
from plexus.utils.messages import note
from plexus_fraud.column_roles import ColumnRoles
from plexus_fraud.column_values import Column, as_ids, as_numbers
from plexus_fraud.row_findings import add_rows
from plexus_fraud.text_ranges import range_number, shared_unit
from plexus_fraud.transactions import Transactions

CATEGORIES, MAX_DISTINCT_TEXTS = 20, 1000
"""Categories that are encoded, and different strings from which a column is dropped."""
MAX_NON_NUMERIC_SHARE = 0.1
"""A column of strings with a larger share of values that are no numbers is categorical."""
MAX_ORDER_FIT = 0.95
"""Share of the variance of ranks that a monotone function of time explains, from which a column is a counter."""
IDENTIFIER, MIN_IDENTIFIER_SHARE = "id|no|nr|num|ref|key|.*number", 0.95
"""Last word of the names of identifiers, and share of their numbers that are different."""
MAX_LABEL_AUC = 0.999
"""Area under the ROC curve from which a single column reveals the label."""
MAX_NUMBER = 1e30
"""Larger numbers are clipped: of float32 they would be infinite."""
TIMES = Counted(
    "column of times is no feature and was left out; if it is that of the transactions, name it with --time",
    "columns of times are no features and were left out; if one is that of the transactions, name it with --time",
)
CONSTANT = Counted("column with one value only was left out", "columns with one value only were left out")
NOT_NUMERIC = Counted(
    "value in a numeric column is no number and was treated as missing",
    "values in numeric columns are no numbers and were treated as missing",
)


@dataclass(frozen=True)
class FeatureColumn:
    """How a column is encoded: a number with a flag for missing values, or indicators of its categories.

    Categories that are ranges, such as `1 to 7`, are encoded as the number in the middle, which has their order.

    Args:
        name: Name in the table.
        fill: Replaces missing numbers: the median of training.
        flag_missing: Whether a feature says that the number is missing: some were in training.
        categories: The most frequent values of a column of strings; None for numbers.
        range_unit: Unit of categories that are ranges, if a text has none (see `text_ranges`); None if they are not.

    Example:
        ```python
        FeatureColumn("channel", categories=("web", "shop")).encode(transactions)  # shape (n, 2)
        ```
    """

    name: str
    fill: float = 0.0
    flag_missing: bool = False
    categories: tuple[str, ...] | None = None
    range_unit: str | None = None

    @cached_property
    def indicated(self) -> tuple[str, ...]:
        """Categories with an indicator: those that are no ranges, if the others are.

        Returns:
            The categories, the most frequent first.
        """
        categories, unit = self.categories or (), self.range_unit
        return categories if unit is None else tuple(value for value in categories if range_number(value, unit) is None)

    @property
    def features(self) -> list[str]:
        """Names of the features."""
        if self.categories is not None:
            indicators = [f"{self.name} is {value or 'empty'}" for value in self.indicated]
            return indicators if self.range_unit is None else [self.name, *indicators]
        return [self.name, *([f"{self.name} is missing"] if self.flag_missing else [])]

    def describe(self) -> RowColumn:
        """Return the column for the form of a request.

        Returns:
            Its name with the median, or with the categories, the most frequent first.
        """
        if self.categories is None:
            return RowColumn(self.name, self.fill)
        categories = [value for value in self.categories if value]
        return RowColumn(self.name, categories[0] if categories else "", categories)

    def encode(self, transactions: Transactions) -> np.ndarray:
        """Encode the column.

        Args:
            transactions: The transactions.

        Returns:
            Features of shape `(n, features)`; of a category that training never saw, all 0.

        Raises:
            InputError: If the column is missing.
        """
        if self.name not in transactions.columns:
            raise InputError(
                f"the transactions lack the column {self.name!r}; they have {', '.join(transactions.columns)}"
            )
        if self.categories is not None:
            values = transactions.ids(self.name)
            indicators = [values == value for value in self.indicated]
            ranges = [] if self.range_unit is None else [self._range_numbers(values, self.range_unit)]
            return np.stack([*ranges, *indicators], axis=1).astype(np.float32)
        numbers = transactions.numbers(self.name)
        missing = ~np.isfinite(numbers)
        filled = np.clip(np.where(missing, self.fill, numbers), -MAX_NUMBER, MAX_NUMBER)
        return np.stack([filled, missing] if self.flag_missing else [filled], axis=1).astype(np.float32)

    def _range_numbers(self, values: np.ndarray, unit: str) -> np.ndarray:
        """Return the number of each range; of other texts that of the most frequent range."""
        number_of_text = {text: range_number(text, unit) for text in set(values.tolist())}
        return np.array([self.fill if (n := number_of_text[text]) is None else n for text in values.tolist()])

    def to_json(self) -> JsonObject:
        """Return the arguments as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return asdict(self)

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a column from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The column.
        """
        categories = state["categories"]
        return cls(**state | {"categories": None if categories is None else tuple(categories)})


def feature_names(transactions: Transactions, roles: ColumnRoles, ignore: str) -> list[str]:
    """Return the columns that may become features: those without a role, and the amount.

    Args:
        transactions: The transactions.
        roles: The columns with a role.
        ignore: Names of columns to drop, separated by commas.

    Returns:
        The names, in the order of the table.

    Raises:
        InputError: If a column to drop does not exist.
    """
    ignored = [name.strip() for name in ignore.split(",") if name.strip()]
    for name in ignored:
        if name not in transactions.columns:
            raise InputError(f"--ignore {name}: there is no such column; there are {', '.join(transactions.columns)}")
    dropped = {roles.label, roles.time, roles.customer, roles.terminal, *ignored}
    return [name for name in transactions.columns if name not in dropped]


def useful_names(transactions: Transactions, names: list[str], findings: Findings) -> list[str]:
    """Return the columns without those of times and those with one value only.

    Args:
        transactions: The transactions.
        names: The columns.
        findings: Receives the others, with the reason.

    Returns:
        The names, in the same order.
    """
    features = []
    for name in names:
        column = transactions.columns[name]
        if isinstance(column, list):
            features.append(name)
            continue
        values = column.unique()[:2].to_list()
        if holds_times(column):
            findings.add(TIMES, f"{name} (such as {column.drop_nulls()[0]})")
        elif len(values) == 1:
            findings.add(CONSTANT, f"{name} (always {values[0]!r})" if values[0] is not None else f"{name} (empty)")
        else:
            features.append(name)
    return features


def find_non_numeric(transactions: Transactions, names: list[str], findings: Findings) -> None:
    """Add the values of numeric columns that are no numbers to the findings.

    Args:
        transactions: The transactions.
        names: The columns to look at.
        findings: Receives the rows.
    """
    for name in names:
        wrong, categorical = non_numeric(transactions.columns[name])
        if not categorical:
            add_rows(findings, NOT_NUMERIC, f"column {name}", transactions.rows[wrong])


def fit_feature_columns(train: Transactions, names: list[str]) -> list[FeatureColumn]:
    """Fit the encoding of columns on the training split.

    Columns that are constant, hold too many different strings, are counters, dates or identifiers, or reveal the label
    are dropped, with a note.

    Args:
        train: The training transactions.
        names: The columns.

    Returns:
        The columns that are kept.
    """
    columns = [_fit_column(train, name) for name in names]
    return [column for column in columns if column is not None and not _is_unusable(train, column)]


def non_numeric(values: Column) -> tuple[np.ndarray, bool]:
    """Return where values are present but no numbers, and whether they are so many that the column is categorical.

    Args:
        values: The column.

    Returns:
        Boolean array of shape `(n,)`, and whether they are a larger share than `MAX_NON_NUMERIC_SHARE`.
    """
    if not isinstance(values, list):
        if holds_identifiers(values):
            return np.zeros(len(values), bool), True
        if values.dtype.is_numeric():
            return np.zeros(len(values), bool), False
    present = as_ids(values) != ""
    if not isinstance(values, list):
        present = present & ~missing(values).to_numpy()
    wrong = present & np.isnan(as_numbers(values))
    return wrong, bool(wrong.sum() > MAX_NON_NUMERIC_SHARE * present.sum())


def _fit_column(train: Transactions, name: str) -> FeatureColumn | None:
    _, categorical = non_numeric(train.columns[name])
    if categorical:
        values, counts = np.unique(train.ids(name), return_counts=True)
        if len(values) == 1:
            note(f"dropping column {name}: it has one value only in training, {values[0]!r}")
            return None
        if len(values) > MAX_DISTINCT_TEXTS:
            note(f"dropping column {name}: it has {len(values):,} different texts")
            return None
        most_frequent = values[np.argsort(-counts, kind="stable")].tolist()
        categories, unit = tuple(most_frequent[:CATEGORIES]), shared_unit([value for value in most_frequent if value])
        if unit is None:
            return FeatureColumn(name, categories=categories)
        typical = next(number for value in most_frequent if (number := range_number(value, unit)) is not None)
        return FeatureColumn(name, typical, categories=categories, range_unit=unit)
    numbers = train.numbers(name)
    present = numbers[~np.isnan(numbers)]
    if not len(present) or present.min() == present.max():
        reason = f"one value only in training, {present[0]:g}" if len(present) else "no numbers in training"
        note(f"dropping column {name}: it has {reason}")
        return None
    return FeatureColumn(name, float(np.median(present)), bool(np.isnan(numbers).any()))


def _is_identifier(name: str, numbers: np.ndarray) -> bool:
    """Return whether a column is named like an identifier and holds whole numbers, almost all of them different."""
    last_word = re.split(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", name)[-1].lower()
    if not re.fullmatch(IDENTIFIER, last_word) or (numbers % 1 != 0).any():
        return False
    return len(np.unique(numbers)) >= MIN_IDENTIFIER_SHARE * len(numbers)


def _is_unusable(train: Transactions, column: FeatureColumn) -> bool:
    """Return whether the column is a counter or an identifier, or reveals the label, which is noted."""
    for values in column.encode(train).T:
        if column.categories is None and _follows_order(values):
            order = "the order of the rows" if train.time is None else "time"
            note(f"dropping column {column.name}: it increases monotonically with {order}, like a counter or a date")
            return True
        if column.categories is None and _is_identifier(column.name, values):
            note(f"dropping column {column.name}: its numbers are identifiers, almost all of them different")
            return True
        auc = _label_auc(values, train.fraud)
        if auc > MAX_LABEL_AUC:
            note(
                f"LEAK: dropping column {column.name}: it alone separates fraud from the rest (area under the ROC "
                f"curve {auc:.4f}); its values are probably known only afterwards"
            )
            return True
    return False


def _follows_order(values: np.ndarray) -> bool:
    """Return whether ranks rise or fall with the order of the rows: by the fit of an isotonic regression.

    In later transactions such a column has values that none of training has: numbers of policies, and years.
    """
    from scipy.optimize import isotonic_regression
    from scipy.stats import rankdata

    ranks = rankdata(values)
    if ranks.min() == ranks.max():
        return False
    for increasing in (True, False):
        errors = ranks - isotonic_regression(ranks, increasing=increasing).x
        if 1 - np.var(errors) / np.var(ranks) > MAX_ORDER_FIT:
            return True
    return False


def _label_auc(values: np.ndarray, fraud: np.ndarray) -> float:
    """Return the area under the ROC curve of a feature, in the better direction."""
    from plexus_fraud.metrics import roc_auc

    labelled = ~np.isnan(fraud)
    auc = roc_auc(values[labelled], fraud[labelled])
    return max(auc, 1 - auc)
