"""Registry of the named tables: their files, columns and licences."""

from collections.abc import Callable
from typing import Any

from plexus.data.arrays import Pair
from plexus.data.named import RemoteFile
from plexus_tables.named_table import NamedTable

_AT = "https://raw.githubusercontent.com/jbrownlee/Datasets/d20fcb6402ae34e653d4513b00f39257bb37ed7f/"
_WITH_SCIKIT_LEARN = "comes with scikit-learn (BSD-3-Clause)"
_UCI = "none stated by its source; the UCI Machine Learning Repository is said to list CC BY 4.0, not verified"


def _embedded(name: str, **arguments: object) -> Callable[[], dict[str, Pair]]:
    """Return the function that reads a table of scikit-learn when it is needed."""

    def read() -> dict[str, Pair]:
        from sklearn import datasets

        load: Callable[..., Any] = getattr(datasets, name)
        return {"train": load(return_X_y=True, **arguments)}

    return read


_MEASUREMENTS = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)

BREAST_CANCER = NamedTable(
    "breast_cancer",
    f"{_WITH_SCIKIT_LEARN}; UCI is said to list CC BY 4.0, not verified (Wolberg, Street, Mangasarian 1995)",
    embedded=_embedded("load_breast_cancer"),
    labels=("malignant", "benign"),
    columns=(
        *(f"mean {name}" for name in _MEASUREMENTS),
        *(f"{name} error" for name in _MEASUREMENTS),
        *(f"worst {name}" for name in _MEASUREMENTS),
        "diagnosis",
    ),
    classes={"0": "malignant", "1": "benign"},
)

WINE = NamedTable(
    "wine",
    f"{_WITH_SCIKIT_LEARN}; UCI is said to list CC BY 4.0, not verified (Aeberhard, Forina 1991)",
    embedded=_embedded("load_wine"),
    labels=("class_0", "class_1", "class_2"),
    columns=(
        "alcohol",
        "malic_acid",
        "ash",
        "alcalinity_of_ash",
        "magnesium",
        "total_phenols",
        "flavanoids",
        "nonflavanoid_phenols",
        "proanthocyanins",
        "color_intensity",
        "hue",
        "od280/od315_of_diluted_wines",
        "proline",
        "cultivar",
    ),
    classes={"0": "class_0", "1": "class_1", "2": "class_2"},
)

DIABETES = NamedTable(
    "diabetes",
    f"{_WITH_SCIKIT_LEARN}; none stated by its source (Efron, Hastie, Johnstone, Tibshirani 2004)",
    embedded=_embedded("load_diabetes", scaled=False),
    columns=("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6", "progression"),
)

GERMAN_CREDIT = NamedTable(
    "german_credit",
    f"{_UCI} (Hofmann 1994)",
    files=(
        RemoteFile(
            "german.csv", f"{_AT}german.csv", "ec12a88b9fc14d74ba646ea0410cf7ff4533bec2eb61652f8ad76796bbfec017"
        ),
    ),
    labels=("good", "bad"),
    columns=(
        "checking_status",
        "duration_months",
        "credit_history",
        "purpose",
        "credit_amount",
        "savings",
        "employment",
        "installment_rate",
        "personal_status",
        "other_debtors",
        "residence_since",
        "property",
        "age",
        "other_installment_plans",
        "housing",
        "existing_credits",
        "job",
        "dependants",
        "telephone",
        "foreign_worker",
        "risk",
    ),
    classes={"1": "good", "2": "bad"},
)

PIMA_DIABETES = NamedTable(
    "pima_diabetes",
    "none stated by its source (Smith et al. 1988)",
    files=(
        RemoteFile(
            "pima-indians-diabetes.csv",
            f"{_AT}pima-indians-diabetes.csv",
            "6bfe5d0f379d17a0e0819b996407e3c09bf80febd4287f2ed212190dfff154af",
        ),
    ),
    labels=("negative", "positive"),
    columns=(
        "pregnancies",
        "glucose",
        "blood_pressure",
        "skin_thickness",
        "insulin",
        "bmi",
        "pedigree",
        "age",
        "diabetes",
    ),
    classes={"0": "negative", "1": "positive"},
    zero_is_missing=("glucose", "blood_pressure", "skin_thickness", "insulin", "bmi"),
)

BANKNOTES = NamedTable(
    "banknote_authentication",
    f"{_UCI} (Lohweg 2013)",
    files=(
        RemoteFile(
            "banknote_authentication.csv",
            f"{_AT}banknote_authentication.csv",
            "d0539aaed2139ba7a587b3e34fb345ce503ff7d5d33dbf9912d8e195ce425cb9",
        ),
    ),
    labels=("genuine", "forged"),
    columns=("variance", "skewness", "curtosis", "entropy", "note"),
    classes={"0": "genuine", "1": "forged"},
)

DATASETS = {named.id: named for named in (BREAST_CANCER, WINE, DIABETES, GERMAN_CREDIT, PIMA_DIABETES, BANKNOTES)}
"""The named tables by name."""
