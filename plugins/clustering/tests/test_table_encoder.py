"""Encoding of tables: usable columns, repairs, and errors."""

import numpy as np
import polars as pl
import pytest
from sklearn.preprocessing import StandardScaler

from plexus import Findings, InputError
from plexus.errors import UnreadableInputsError
from plexus_clustering.column_encoder import ColumnEncoder, fit_columns
from plexus_clustering.table_encoder import TableEncoder


def fit(strict=False, **columns):
    findings = Findings(strict)
    return TableEncoder(fit_columns(pl.DataFrame(columns, strict=False), findings)), findings.lines()


def test_numbers_are_standardized_and_categories_are_one_hot():
    encoder, findings = fit(a=["1", "2", "4", "5"], b=["red", "blue", "red", "blue"])
    assert findings == []
    assert encoder.features == ["a", "b = blue", "b = red"]
    x = encoder.encode([{"a": "2.5", "b": "red"}, {"a": 4, "b": "green"}])["x"]
    np.testing.assert_allclose(x, [[-0.5 / np.sqrt(2.5), 0, np.sqrt(2)], [1 / np.sqrt(2.5), 0, 0]], rtol=1e-6)


def test_the_categories_of_a_column_weigh_as_much_as_numbers():
    kinds = np.random.default_rng(0).choice(list("abcdefgh"), 400, p=[0.4, 0.3, 0.1, 0.05, 0.05, 0.05, 0.03, 0.02])
    table = {"a": np.random.default_rng(1).normal(5, 3, 400), "b": kinds}
    encoder, _ = fit(**table)
    variances = encoder.encode(pl.DataFrame(table))["x"].var(axis=0)
    np.testing.assert_allclose([variances[0], variances[1:].sum()], 1, rtol=1e-5)
    assert encoder.fields == [slice(1, 9)]


def test_columns_are_described_by_median_and_categories():
    encoder, _ = fit(a=["1", "2", "4", "5"], b=["red", "blue", "red", "blue"])
    described = [
        (column.name, column.typical, column.choices) for column in map(ColumnEncoder.describe, encoder.columns)
    ]
    assert described == [("a", 3.0, ()), ("b", "blue", ["blue", "red"])]


def test_standardization_equals_scikit_learn():
    values = np.random.default_rng(0).normal(5, 3, 100)
    encoder, _ = fit(a=values)
    expected = StandardScaler().fit_transform(values[:, None])
    np.testing.assert_allclose(encoder.encode(pl.DataFrame({"a": values}))["x"], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({"c": [5, 5, 5, 5]}, "1 column with only one value was dropped: c (always 5)"),
        ({"c": [None, "", "?", "NA"]}, "1 column without any value was dropped: c"),
        ({"c": ["x", "x", "x", "x"]}, "1 column with only one value was dropped: c (always 'x')"),
        ({"c": ["w", "x", "y", "z"]}, "1 column of texts that rarely repeat was dropped: c (4 different)"),
        ({"id": [7, 3, 9, 2]}, "1 column that only numbers the rows was dropped: id"),
        ({"customerId": [7, 3, 9, 2]}, "1 column that only numbers the rows was dropped: customerId"),
        ({"c": [1, 2, 3, 4]}, "1 column that only numbers the rows was dropped: c"),
    ],
)
def test_columns_without_information_are_dropped_and_listed(columns, line):
    encoder, findings = fit(a=[1.5, 2, 3, 4], **columns)
    assert encoder.features == ["a"]
    assert findings == [line]


def test_repairs_are_counted_and_the_first_is_named():
    encoder, findings = fit(a=["1", "2", "two", "4.5", "inf", ""])
    assert findings == [
        "1 column with values that are not numbers, which were treated as missing: "
        "a: 2 of 6, the first in row 3: 'two'",
        "1 column with missing values, filled with the median: a: 3 values",
    ]
    assert encoder.columns[0].fill == 2
    with pytest.raises(InputError, match=r"a: 2 of 6, the first in row 3: 'two' \(--strict\)"):
        fit(strict=True, a=["1", "2", "two", "4.5", "inf", ""])


def test_largest_floats_do_not_overflow():
    encoder, _ = fit(a=[-1.7e308, 1.7e308, 0, 1e300])
    assert np.isfinite(encoder.encode([{"a": 1.7e308}])["x"]).all()


def test_inputs_that_are_not_rows_are_refused():
    encoder, _ = fit(a=[1.5, 2, 3, 4])
    with pytest.raises(InputError, match="the table lacks the column 'a'; it has b"):
        encoder.encode([{"b": 1}])
    with pytest.raises(InputError, match="got 'hello'"):
        encoder.encode(["hello"])


def test_a_row_is_encoded_alike_whatever_stands_beside_it():
    encoder, _ = fit(a=[1.5, 2, 3, 4], b=[1000.5, 2000, 3000, 4000])
    row, others = {"a": "1,5", "b": "1,234"}, [{"a": "5,5", "b": "2,5"}, {"a": "2,25", "b": "1.234,5"}]
    np.testing.assert_array_equal(encoder.encode([row])["x"], encoder.encode([row, *others])["x"][:1])


def test_nested_values_are_refused():
    encoder, _ = fit(a=[1.5, 2, 3, 4])
    with pytest.raises(UnreadableInputsError, match=r"column 'a': expected a number or a string, got \[5\]") as error:
        encoder.encode([{"a": 1}, {"a": [5]}])
    assert list(error.value.reasons) == [1]
