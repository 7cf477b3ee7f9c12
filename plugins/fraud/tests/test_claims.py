"""Tables that are mostly categorical: text ranges, counters, identifiers, the default costs, boosted trees, drift."""

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from plexus.plugins.registry import registry
from plexus_fraud.boosting import LEARNING_RATE, MAX_FEATURES, fit_boosting
from plexus_fraud.codec import FraudCodec
from plexus_fraud.drift_notes import note_drift
from plexus_fraud.text_ranges import range_number, shared_unit

ROWS = 1000


@pytest.fixture(scope="module")
def claims():
    """A table of claims without times and amounts, in the order of their numbers."""
    random = np.random.default_rng(0)
    prices = np.array(["less than 20000", "20000 to 29000", "30000 to 39000", "more than 39000"], object)
    ages = np.array(["new", "2 years", "3 years", "more than 3", "unknown"], object)
    price = random.integers(0, 4, ROWS)
    return pl.DataFrame(
        {
            "PolicyNumber": np.arange(ROWS) + 5,
            "reference": random.permutation(10**6)[:ROWS],
            "ref": random.permutation(10**6)[:ROWS],
            "Year": 1994 + np.arange(ROWS) // 400,
            "month": np.array(["Jan", "Feb", "Mar"], object)[random.integers(0, 3, ROWS)],
            "price": prices[price],
            "age": ages[random.integers(0, 5, ROWS)],
            "fraud_reported": np.where(random.random(ROWS) < 0.05 + 0.1 * (price == 3), "Y", "N"),
        }
    )


def codec_of(table, folder, **options):
    task = registry().task("fraud.detect")
    table.write_csv(folder / "claims.csv")
    parsed = task.options.parse({"data": str(folder / "claims.csv"), **options})
    dataset = task.load_dataset(parsed)
    return task.fit_codec(dataset, parsed), dataset


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["less than 20000", "20000 to 29000", "more than 69000"], [10_000, 24_500, 103_500]),
        (["none", "1", "2 to 4", "more than 4"], [0, 1, 3, 6]),
        (["1 vehicle", "2 vehicles", "3 to 4", "over 8"], [1, 2, 3.5, 12]),
        (["under 6 months", "1 year", "2 to 3 years", "no change"], [91.2, 365.25, 913.125, None]),
        (["$1,000 - $2,000", "$2,000 - $3,000", "$3,000+"], [1500, 2500, 4500]),
    ],
)
def test_ranges_have_the_order_of_their_numbers(texts, numbers):
    unit = shared_unit(texts)
    assert [range_number(text, unit) for text in texts] == pytest.approx(numbers)


@pytest.mark.parametrize(
    "texts", [["007", "012", "100"], ["make 1", "make 2", "make 3"], ["5 kg", "6 m", "7 kg"], ["1 to 3", "2", "2 to 2"]]
)
def test_other_texts_are_no_ranges(texts):
    assert shared_unit(texts) is None


def test_counters_and_identifiers_are_no_features(claims, tmp_path, capsys):
    codec, _ = codec_of(claims, tmp_path)
    assert codec.encoder.names == [
        "reference",
        *(f"month is {month}" for month in codec.encoder.columns[1].categories),
        "price",
        "age",
        "age is unknown",
    ]
    notes = capsys.readouterr().err
    for name in ("PolicyNumber", "Year"):
        assert f"dropping column {name}: it increases monotonically with the order of the rows" in notes
    assert "dropping column ref: its numbers are identifiers" in notes
    row = claims.row(0, named=True) | {"price": "21000 to 22000", "age": None}
    again = FraudCodec.from_json(codec.to_json())
    assert again.encode([row])["x"][0, -3:].tolist() == [21_500, codec.encoder.columns[-1].fill, 0]


@pytest.mark.slow
def test_frauds_that_are_common_are_flagged_from_twice_their_share(claims, tmp_path):
    codec, dataset = codec_of(claims, tmp_path)
    share = dataset.fraud("train").mean()
    flags = codec.policy.flags(np.array([1.9, 2.1]) * share, np.zeros(2))
    assert flags.tolist() == [False, True]
    assert codec_of(claims, tmp_path, cost_missed=50.0)[0].policy.cost_missed == 50


def test_notes_say_where_the_values_are_now(claims, tmp_path, capsys):
    codec, dataset = codec_of(claims, tmp_path)
    x = dataset.encode(codec, "test")
    note_drift(codec, x, codec.drift(x))
    assert "large drift" not in capsys.readouterr().err
    x[:, -3] = 34_500.0
    note_drift(codec, x, codec.drift(x))
    assert "price" in (line := capsys.readouterr().err)
    assert "above 24500, up to 34500: " in line
    assert "100% now" in line


def test_trees_of_the_layer_are_those_of_scikit_learn():
    from plexus_fraud.network import BoostedTrees

    random = np.random.default_rng(0)
    x = random.normal(size=(600, 5)).astype(np.float32)
    fraud = (random.random(600) < 1 / (1 + np.exp(3 - 2 * x[:, 0] * x[:, 1]))).astype(float)
    layer = BoostedTrees(trees=20, depth=3)
    layer.build((None, 5))
    layer.fit(x, fraud, seed=3)
    count = int(np.any(fit_boosting(x, fraud, 20, 3, 3).leaves, axis=1).sum())
    assert 1 <= count <= 20
    model = HistGradientBoostingClassifier(
        learning_rate=LEARNING_RATE,
        max_iter=count,
        max_depth=3,
        max_leaf_nodes=None,
        l2_regularization=1.0,
        max_features=MAX_FEATURES,
        early_stopping=False,
        random_state=3,
    )
    expected = model.fit(x, fraud).decision_function(x)
    np.testing.assert_allclose(np.asarray(layer(x)), expected, atol=1e-5)
