"""Checks of the tables that an estimator learns from and predicts for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from plexus.data.table_rows import TableRows
from plexus.tasks.invalid_data import InvalidDataError

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


def check_table(estimator: "BaseEstimator", table: object, fitting: bool = False) -> object:
    """Check a table with the rules and the messages of scikit-learn.

    Columns of tables of Polars and pandas have a name and a type each, which an array would lose: of them, the names
    and the number of columns are checked alone. Of rows as dictionaries nothing is: their order has no meaning, and
    the task checks their names.

    Args:
        estimator: The estimator, whose `n_features_in_` and `feature_names_in_` are set or compared.
        table: A table of Polars or pandas, an array of shape `(n, columns)`, a list of rows, or a row as a dictionary.
        fitting: Whether the estimator learns from it.

    Returns:
        The table; an array, if it is neither a table of Polars or pandas nor dictionaries.

    Raises:
        InvalidDataError: If it is no such table, is empty or sparse, has infinite or complex numbers, or other
            columns than that of the training.
    """
    from scipy.sparse import issparse
    from sklearn.utils.validation import validate_data

    if isinstance(table, Mapping) and not issparse(table):  # some sparse matrices are dictionaries
        table = [table]
    if isinstance(table, Sequence) and len(table) and all(isinstance(row, Mapping) for row in table):
        return table
    try:
        if hasattr(table, "columns") and hasattr(table, "dtypes"):
            return validate_data(estimator, table, reset=fitting, skip_check_array=True)
        return validate_data(
            estimator,
            table,
            reset=fitting,
            dtype=None,
            ensure_all_finite="allow-nan",
            ensure_min_samples=2 if fitting else 1,
        )
    except (TypeError, ValueError) as error:
        raise InvalidDataError(str(error)) from error


def require_finite(rows: TableRows) -> None:
    """Refuse infinite numbers, which scikit-learn refuses in arrays alone.

    Args:
        rows: The rows of the table.

    Raises:
        InvalidDataError: If a number is infinite.
    """
    for series in rows.frame:
        if series.dtype.is_float() and (infinite := series.is_infinite()).any():
            row = int(infinite.arg_max() or 0)
            raise InvalidDataError(
                f"X: column {series.name!r}, row {row + 1}: expected a finite number, got an infinite one; remove the "
                "row, or set the value to NaN, which is missing"
            )
