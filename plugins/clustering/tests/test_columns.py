"""Which columns of a table are used, and what is repaired."""

import numpy as np
import polars as pl
import pytest

from plexus import InputError
from plexus.data.findings import Findings
from plexus_clustering.encoders import TableEncoder


def fit(strict=False, **columns):
    findings = Findings(strict)
    return TableEncoder.fit(pl.DataFrame(columns, strict=False), findings), findings.lines()


def test_numbers_are_standardised_and_categories_are_columns():
    encoder, findings = fit(a=["1", "2", "4", "5"], b=["red", "blue", "red", "blue"])
    assert findings == []
    assert encoder.features == ["a", "b = blue", "b = red"]
    x = encoder.encode([{"a": "2.5", "b": "red"}, {"a": 4, "b": "green"}])["x"]
    np.testing.assert_allclose(x, [[-0.5 / np.sqrt(2.5), 0, 1], [1 / np.sqrt(2.5), 0, 0]], rtol=1e-6)


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({"c": [5, 5, 5, 5]}, "1 columns with one value only were left out: c (always 5)"),
        ({"c": [None, "", "?", "NA"]}, "1 columns without any value were left out: c"),
        ({"c": ["x", "x", "x", "x"]}, "1 columns with one value only were left out: c (always 'x')"),
        ({"c": ["w", "x", "y", "z"]}, "1 columns of texts that hardly repeat were left out: c (4 different)"),
        ({"id": [7, 3, 9, 2]}, "1 columns that only number the rows were left out: id"),
        ({"c": [1, 2, 3, 4]}, "1 columns that only number the rows were left out: c"),
    ],
)
def test_columns_that_tell_nothing_are_left_out_and_listed(columns, line):
    encoder, findings = fit(a=[1.5, 2, 3, 4], **columns)
    assert encoder.features == ["a"]
    assert findings == [line]


def test_repairs_are_counted_and_the_first_is_named():
    encoder, findings = fit(a=["1", "2", "two", "4.5", "inf", ""])
    assert findings == [
        "1 columns with values that are not numbers; these were taken as missing: a: 2 of 6, the first in row 3: 'two'",
        "1 columns with missing values, filled with the median: a: 3 values",
    ]
    assert encoder.columns[0].fill == 2
    with pytest.raises(InputError, match=r"a: 2 of 6, the first in row 3: 'two' \(--strict\)"):
        fit(strict=True, a=["1", "2", "two", "4.5", "inf", ""])


def test_the_largest_numbers_there_are():
    encoder, _ = fit(a=[-1.7e308, 1.7e308, 0, 1e300])
    assert np.isfinite(encoder.encode([{"a": 1.7e308}])["x"]).all()


def test_nothing_to_go_by():
    with pytest.raises(InputError, match="no column tells the rows apart"):
        fit(a=[1, 1, 1, 1], b=["x", "x", "x", "x"])


def test_rows_that_are_not():
    encoder, _ = fit(a=[1.5, 2, 3, 4])
    with pytest.raises(InputError, match="the table lacks the column 'a'; it has b"):
        encoder.encode([{"b": 1}])
    with pytest.raises(InputError, match="'hello' is not a row"):
        encoder.encode(["hello"])
