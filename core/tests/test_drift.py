"""Drift between two tables, compared with calculations by hand."""

import numpy as np
import polars as pl
import pytest

from plexus.errors import InputError
from plexus.metrics.drift import LARGE_DRIFT, MAX_CATEGORIES, ReferenceDistribution, table_drift


def index(before, after):
    before, after = np.array(before), np.array(after)
    return float(np.sum((after - before) * np.log(after / before)))


def test_index_of_numbers_equals_a_calculation_by_hand():
    distribution = ReferenceDistribution.fit(np.arange(10.0))  # a decile each
    assert distribution.stability_index(np.arange(10.0)) == pytest.approx(0, abs=1e-12)
    later = np.repeat(np.arange(10.0), [2, 1, 1, 1, 1, 1, 1, 1, 1, 0])
    empty = 1e-4
    assert distribution.stability_index(later) == pytest.approx(index([0.1, 0.1], [0.2, empty]))


def test_distribution_is_stored_as_json():
    distribution = ReferenceDistribution.fit(np.random.default_rng(0).normal(size=500))
    assert ReferenceDistribution.from_json(distribution.to_json()) == distribution


def test_columns_of_two_tables_are_compared():
    generator = np.random.default_rng(0)
    income, later_income = generator.normal(size=(2, 4000))
    reference = pl.DataFrame({"income": income, "purpose": ["car"] * 3000 + ["tv"] * 1000})
    table = pl.DataFrame({"purpose": ["car"] * 1000 + ["tv"] * 3000, "income": later_income})
    drift = table_drift(reference, table)
    assert list(drift) == ["purpose", "income"]  # the largest first
    assert drift["purpose"] == pytest.approx(index([0.75, 0.25], [0.25, 0.75]))
    assert drift["purpose"] > LARGE_DRIFT
    assert drift["income"] == pytest.approx(ReferenceDistribution.fit(income).stability_index(later_income))
    assert drift["income"] < 0.02
    assert table_drift(reference, reference) == pytest.approx({"purpose": 0, "income": 0})


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0, 4.0], ["a", "b", "c", "d"]])
def test_missing_values_have_a_bin_of_their_own(values):
    reference = pl.DataFrame({"x": [*values, None]})
    assert table_drift(reference, reference) == {"x": 0}
    # Three of eight are missing after one of five: the other bins have 1/8 after 1/5 each, but for the first with 2/8.
    table = pl.DataFrame({"x": [*values, values[0], None, None, None]})
    expected = index([1 / 5] * 5, [2 / 8, 1 / 8, 1 / 8, 1 / 8, 3 / 8])
    assert table_drift(reference, table)["x"] == pytest.approx(expected)
    not_numbers = pl.DataFrame({"x": [float("nan"), float("inf")]})
    if reference["x"].dtype.is_numeric():
        missing = pl.DataFrame({"x": [None, None]}, schema={"x": pl.Float64})
        assert table_drift(reference, not_numbers) == table_drift(reference, missing)


def test_rare_and_new_categories_share_a_bin():
    frequent = [f"c{i}" for i in range(MAX_CATEGORIES) for _ in range(4)]
    reference = pl.DataFrame({"x": [*frequent, "rare", "unusual"]})
    table = pl.DataFrame({"x": [*frequent, "new", "rare"]})
    assert table_drift(reference, table) == pytest.approx({"x": 0})


def test_column_that_became_text_is_compared_as_categories():
    drift = table_drift(pl.DataFrame({"x": [1, 2]}), pl.DataFrame({"x": ["1", "2"]}))
    assert drift == {"x": 0}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pl.DataFrame({"y": [1]}), "no column 'x'"),
        (pl.DataFrame({"x": []}, schema={"x": pl.Int64}), "at least one row in the later table"),
    ],
)
def test_tables_that_cannot_be_compared_are_refused(table, message):
    with pytest.raises(InputError, match=message):
        table_drift(pl.DataFrame({"x": [1]}), table)
