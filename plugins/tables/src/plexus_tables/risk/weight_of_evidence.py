"""Weight of evidence and information value of a column."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from plexus_tables.risk.number_text import number_text

if TYPE_CHECKING:
    import polars as pl

MAX_BINS = 6
MIN_SHARE = 0.05
"""Least share of the rows in a bin of a decision tree, and of a category with a bin of its own."""
QUANTILES = 20
SMOOTHING = 1.0
"""Rows at the overall bad rate that are added to each bin."""
STRENGTHS = ((0.02, "not predictive"), (0.1, "weak"), (0.3, "medium"), (0.5, "strong"), (np.inf, "very strong"))
"""Upper bounds of the information value, and the predictive strength (Siddiqi 2006, chapter 6). A column that is very
strong may be a leak."""
OTHER, MISSING = "(other)", "(missing)"

BinningMethod = Literal["tree", "monotone"]


@dataclass(frozen=True)
class WeightOfEvidence:
    """Bins of a column with their weight of evidence (Siddiqi 2006, Credit Risk Scorecards, chapter 6).

    The weight of evidence of a bin is ln(share of all good / share of all bad): above 0 where the risk is below the
    average. Each bin gets `SMOOTHING` rows at the overall bad rate (m-estimate, Cestnik 1990), so that a bin without
    rows, such as that of missing values in a complete column, has a weight of 0. The package `optbinning` computes
    such tables too; it would add two solvers (OR-tools, CVXPY) to the installation.

    Args:
        column: Name of the column.
        edges: Largest value of each numeric bin but the last; None for a categorical column.
        categories: Categories with a bin of their own; None for a numeric column.
        good: Number of good outcomes per bin; the last bin is that of missing values (null, NaN, infinity). A
            categorical column has the bin of all other categories before it.
        bad: Number of bad outcomes per bin.

    Example:
        ```python
        binning = WeightOfEvidence.fit(table["age"], outcomes)
        binning.information_value  # 0.09
        binning.transform(table["age"])  # array of shape (n,)
        ```
    """

    column: str
    edges: tuple[float, ...] | None
    categories: tuple[str, ...] | None
    good: tuple[int, ...]
    bad: tuple[int, ...]

    @classmethod
    def fit(cls, values: "pl.Series", outcomes: np.ndarray, method: BinningMethod = "tree") -> Self:
        """Fit the bins to a column.

        Args:
            values: The column; a numeric type makes it numeric, any other categorical.
            outcomes: 1 (bad) or 0 (good), shape `(n,)`.
            method: For numeric columns: `tree` takes the leaves of a decision tree with at most six leaves; `monotone`
                takes 20 quantiles and merges neighbours until the bad rate only rises or only falls.

        Returns:
            The bins.
        """
        edges = categories = None
        if values.dtype.is_numeric():
            edges = _fit_edges(_numbers(values), outcomes, method)
        else:
            categories = _frequent_categories(values)
        empty = cls(values.name, edges, categories, (), ())
        rows, bins = empty.bin_indices(values), len(empty.bins)
        bad = np.bincount(rows, outcomes, minlength=bins).astype(int)
        good = np.bincount(rows, minlength=bins) - bad
        return cls(values.name, edges, categories, tuple(good.tolist()), tuple(bad.tolist()))

    @property
    def bins(self) -> list[str]:
        """Name of each bin: `<= 11`, `11 < x <= 23`, `> 23`, a category, `(other)`, `(missing)`."""
        if self.categories is not None:
            return [*self.categories, OTHER, MISSING]
        edges = [number_text(edge) for edge in self.edges or ()]
        if not edges:
            return ["(any value)", MISSING]
        middle = [f"{low} < x <= {high}" for low, high in pairwise(edges)]
        return [f"<= {edges[0]}", *middle, f"> {edges[-1]}", MISSING]

    @property
    def weights(self) -> np.ndarray:
        """Weight of evidence of each bin, shape `(bins,)`; 0 for a bin without rows."""
        good, bad = np.array(self.good, float), np.array(self.bad, float)
        bad_rate = bad.sum() / (good.sum() + bad.sum())
        smooth_good, smooth_bad = good + SMOOTHING * (1 - bad_rate), bad + SMOOTHING * bad_rate
        return np.asarray(np.log(smooth_good / smooth_bad) - np.log(good.sum() / bad.sum()))

    @property
    def information_values(self) -> np.ndarray:
        """Contribution of each bin to the information value, at least 0, shape `(bins,)`."""
        good, bad = np.array(self.good, float), np.array(self.bad, float)
        return np.asarray((good / good.sum() - bad / bad.sum()) * self.weights)

    @property
    def information_value(self) -> float:
        """Sum over the bins of (share of all good - share of all bad) x weight of evidence."""
        return float(self.information_values.sum())

    @property
    def strength(self) -> str:
        """The information value in a word, from `not predictive` to `very strong`."""
        return next(word for bound, word in STRENGTHS if self.information_value < bound)

    def bin_indices(self, values: "pl.Series") -> np.ndarray:
        """Return the bin of each value.

        Args:
            values: Values of the column. In a numeric column, a text that is no number counts as missing; a new
                category counts as other.

        Returns:
            Indices into `bins`, shape `(n,)`.
        """
        import polars as pl

        missing = len(self.bins) - 1
        if self.categories is None:
            numbers = _numbers(values)
            return np.where(np.isfinite(numbers), np.searchsorted(np.array(self.edges), numbers), missing)
        codes = {category: i for i, category in enumerate(self.categories)}
        texts = values.cast(pl.String)
        return np.array([missing if text is None else codes.get(text, missing - 1) for text in texts], dtype=int)

    def transform(self, values: "pl.Series") -> np.ndarray:
        """Replace each value by the weight of evidence of its bin.

        Args:
            values: Values of the column.

        Returns:
            Weights of shape `(n,)`.
        """
        return np.asarray(self.weights[self.bin_indices(values)])

    def table(self) -> "pl.DataFrame":
        """Return the bins as a table.

        Returns:
            Columns `column`, `bin`, `cases`, `good`, `bad`, `bad_rate` (null without cases), `weight_of_evidence` and
            `information_value`.
        """
        import polars as pl

        good, bad = np.array(self.good), np.array(self.bad)
        with np.errstate(invalid="ignore"):
            rates = bad / (good + bad)
        counts = {"cases": good + bad, "good": good, "bad": bad, "bad_rate": pl.Series(rates).fill_nan(None)}
        names = {"column": [self.column] * len(good), "bin": self.bins}
        weights = {"weight_of_evidence": self.weights, "information_value": self.information_values}
        return pl.DataFrame(names | counts | weights)


def bin_columns(table: "pl.DataFrame", outcomes: np.ndarray, method: BinningMethod = "tree") -> list[WeightOfEvidence]:
    """Fit the bins of each column.

    Args:
        table: The columns; numeric types make them numeric, all others categorical.
        outcomes: 1 (bad) or 0 (good), both present, shape `(n,)`.
        method: How numeric columns are binned.

    Returns:
        The bins, those with the largest information value first.
    """
    binnings = [WeightOfEvidence.fit(values, outcomes, method) for values in table]
    return sorted(binnings, key=lambda binning: -binning.information_value)


def _numbers(values: "pl.Series") -> np.ndarray:
    import polars as pl

    return np.asarray(values.cast(pl.Float64, strict=False).to_numpy())


def _fit_edges(numbers: np.ndarray, outcomes: np.ndarray, method: BinningMethod) -> tuple[float, ...]:
    present = np.isfinite(numbers)
    if not present.any():
        return ()
    find = _tree_edges if method == "tree" else _monotone_edges
    return tuple(find(numbers[present], outcomes[present]).tolist())


def _tree_edges(numbers: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
    from sklearn.tree import DecisionTreeClassifier

    # The tree splits ranks, not values: it computes in 32 bits, and an edge should be a value of the column.
    distinct, ranks = np.unique(numbers, return_inverse=True)
    leaf = max(int(MIN_SHARE * len(numbers)), 1)
    tree = DecisionTreeClassifier(
        criterion="entropy", max_leaf_nodes=MAX_BINS, min_samples_leaf=leaf, random_state=0
    ).fit(ranks[:, None], outcomes)
    splits = tree.tree_.threshold[tree.tree_.feature >= 0]
    return np.asarray(distinct[np.sort(np.floor(splits).astype(int))])


def _monotone_edges(numbers: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
    """Merge neighbouring quantiles by isotonic regression, whose blocks are the merged bins."""
    from sklearn.isotonic import IsotonicRegression

    quantiles = np.quantile(numbers, np.linspace(0, 1, QUANTILES + 1)[1:-1], method="lower")
    edges = np.unique(quantiles[quantiles < numbers.max()])
    rows = np.searchsorted(edges, numbers)
    counts = np.bincount(rows, minlength=len(edges) + 1)
    rates = np.bincount(rows, outcomes, minlength=len(counts)) / counts
    order = np.arange(len(counts))
    if len(edges) == 0:
        return edges
    merged = IsotonicRegression(increasing="auto").fit_transform(order, rates, sample_weight=counts)
    return np.asarray(edges[~np.isclose(np.diff(merged), 0)])


def _frequent_categories(values: "pl.Series") -> tuple[str, ...]:
    import polars as pl

    counts = values.cast(pl.String).drop_nulls().value_counts(name="count")
    frequent = counts.filter(pl.col("count") >= MIN_SHARE * len(values))[values.name].sort()
    return tuple(frequent.to_list())
