"""Encoding of rows: scaling, categories, dates, missing values, and rows that differ from the training data."""

import math
import time
from datetime import date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.preprocessing import OneHotEncoder, RobustScaler

from plexus import InputError
from plexus.data.number_format import fixed_decimal_comma
from plexus.data.table_rows import TableRows
from plexus.errors import UnreadableInputsError
from plexus.utils.checked_json import dump_checked_json
from plexus_tables.codec_state import TableEncoderState
from plexus_tables.column_fitting import robust_scale
from plexus_tables.column_kinds import frequent_rows, infer_kinds
from plexus_tables.dataset_building import classification_dataset, read_classification, regression_dataset
from plexus_tables.frames import to_series
from plexus_tables.options import TableOptions
from plexus_tables.table_encoder import TableEncoder, smoothly_clipped
from plexus_tables.table_source import TableSource

ROWS = 300
GENERATOR = np.random.default_rng(0)
DAYS = GENERATOR.integers(19_000, 19_700, ROWS)
TABLE = pl.DataFrame(
    {
        "age": GENERATOR.integers(18, 93, ROWS),
        "dose": pl.Series(np.where(GENERATOR.random(ROWS) < 0.2, np.nan, GENERATOR.lognormal(size=ROWS))).fill_nan(
            None
        ),
        "sex": GENERATOR.choice(["m", "f"], ROWS, p=[0.7, 0.3]),
        "color": GENERATOR.choice(["red", "green", "blue"], ROWS, p=[0.5, 0.3, 0.2]),
        "town": [f"T{round(abs(number) * 9)}" for number in GENERATOR.normal(size=ROWS)],
        "grade": GENERATOR.choice(["low", "mid", "high"], ROWS),
        "seen": pl.Series(DAYS.astype("datetime64[D]")),
        "flag": GENERATOR.random(ROWS) < 0.5,
    }
)
OPTIONS = TableOptions.parse({"ordinal": "grade=low<mid<high", "increasing": "grade,dose", "decreasing": "age"})
ROW = {
    "age": 40,
    "dose": 1.5,
    "sex": "f",
    "color": "blue",
    "town": "T1",
    "grade": "mid",
    "seen": "2022-06-01",
    "flag": True,
}


def fit(table=TABLE, options=OPTIONS):
    return TableEncoder.fit(table, infer_kinds(table, table.columns, ["grade"]), options)


@pytest.fixture(scope="module")
def encoder():
    return fit()


def encode(encoder, **values):
    return encoder.encode([ROW | values])


def warnings(encoder, row):
    (texts,) = encoder.warnings([row], encoder.read([row]))
    return texts


def number(encoder, name, **values):
    index = encoder.feature_names["numbers"].index(name)
    return float(encode(encoder, **values)["numbers"][0, index])


def test_features(encoder):
    names = encoder.feature_names
    assert names["numbers"] == [
        "age",
        "dose",
        "grade",
        "seen",
        *(f"seen {part} {wave}" for part in ("month", "weekday") for wave in ("sine", "cosine")),
        "flag",
    ]
    assert names["indicators"] == ["sex = f", "color = red", "color = green", "color = blue", "dose is missing"]
    assert names["codes"] == ["town"]
    columns = {array: [encoder.names[index] for index in places] for array, places in encoder.feature_columns.items()}
    assert columns["numbers"] == ["age", "dose", "grade", *["seen"] * 5, "flag"]
    assert columns["indicators"] == ["sex", "color", "color", "color", "dose"]
    assert columns["codes"] == ["town"]
    arrays = encoder.encode(TableRows(TABLE))
    assert {name: (array.shape, array.dtype) for name, array in arrays.items()} == {
        "numbers": ((ROWS, 9), np.dtype("float32")),
        "indicators": ((ROWS, 5), np.dtype("float32")),
        "codes": ((ROWS, 1), np.dtype("int32")),
    }
    assert encoder.monotone == {0: -1, 1: 1, 2: 1}


def test_numbers_are_robustly_scaled_and_smoothly_clipped(encoder):
    expected = RobustScaler().fit_transform(TABLE.select("age", "dose").to_numpy())
    expected = np.nan_to_num(expected / np.sqrt(1 + (expected / 3) ** 2))
    arrays = encoder.encode(TableRows(TABLE))
    np.testing.assert_allclose(arrays["numbers"][:, :2], expected, atol=1e-6)
    flags = arrays["indicators"][:, encoder.feature_names["indicators"].index("dose is missing")]
    np.testing.assert_array_equal(flags, TABLE["dose"].is_null().to_numpy())


def test_scale_of_values_that_are_mostly_equal():
    assert robust_scale(np.array([1.0, 2.0, 3.0, 4.0, 5.0])) == (3.0, 0.5)
    assert robust_scale(np.array([0.0] * 9 + [8.0])) == (0.0, 0.25)  # 2 / range
    assert robust_scale(np.array([7.0] * 5)) == (7.0, 0.0)
    assert robust_scale(np.array([])) == (0.0, 0.0)


@given(st.lists(st.floats(width=64), min_size=2, max_size=50))
def test_smooth_clipping_is_monotone_and_bounded(numbers):
    x = np.sort(np.array(numbers))
    with np.errstate(invalid="ignore"):
        clipped = smoothly_clipped(x)
    assert (np.abs(clipped) <= 3).all()
    assert (np.diff(clipped[~np.isnan(x)]) >= 0).all()
    assert (clipped[np.isnan(x)] == 0).all()


def test_categories_are_those_of_one_hot_encoding(encoder):
    arrays = encoder.encode(TableRows(TABLE))
    expected = OneHotEncoder(categories=[["red", "green", "blue"]], sparse_output=False).fit_transform(
        TABLE.select("color").to_numpy()
    )
    np.testing.assert_array_equal(arrays["indicators"][:, 1:4], expected)
    np.testing.assert_array_equal(arrays["indicators"][:, 0], np.where(TABLE["sex"] == "f", 1, -1))


def test_codes_count_from_the_most_frequent_category_and_rare_ones_are_0(encoder):
    counts = TABLE["town"].value_counts(sort=True)
    assert frequent_rows(ROWS) == 3
    frequent = sorted(
        (town for town, count in counts.iter_rows() if count >= 3),
        key=lambda town: (-counts.filter(town=town)["count"][0], town),
    )
    assert encoder.categories["town"] == tuple(frequent)
    assert encoder.code_sizes == [len(frequent) + 1]
    codes = encoder.encode(TableRows(TABLE))["codes"][:, 0]
    expected = [frequent.index(town) + 1 if town in frequent else 0 for town in TABLE["town"]]
    assert codes.tolist() == expected
    assert encode(encoder, town="nowhere")["codes"].tolist() == [[0]]
    assert encode(encoder, town=None)["codes"].tolist() == [[0]]


def test_at_most_a_thousand_codes():
    table = pl.DataFrame({"town": [f"T{row % 1500}" for row in range(30_000)]})
    encoder = fit(table, TableOptions.parse({}))
    assert encoder.code_sizes == [1001]
    assert frequent_rows(30_000) == 10
    state = TableEncoderState.model_validate(encoder.to_json())
    assert len(state.columns[0].rare) == 500


def test_dates_have_parts(encoder):
    monday, sunday = "2022-06-06", "2022-06-12"
    assert number(encoder, "seen weekday sine", seen=monday) == 0
    assert number(encoder, "seen weekday cosine", seen=monday) == pytest.approx(1 / math.sqrt(1 + 1 / 9))
    assert number(encoder, "seen weekday sine", seen=sunday) < 0
    january = number(encoder, "seen month cosine", seen="2022-01-31")
    assert january == pytest.approx(1 / math.sqrt(1 + 1 / 9))
    assert number(encoder, "seen month cosine", seen="2022-07-01") == pytest.approx(-january)
    assert number(encoder, "seen", seen=encoder.typical["seen"]) == pytest.approx(0, abs=1e-2)
    for same in (date(2022, 6, 6), datetime(2022, 6, 6), "06.06.2022", "2022-06-06T00:00:00Z"):
        np.testing.assert_array_equal(encode(encoder, seen=same)["numbers"], encode(encoder, seen=monday)["numbers"])


def test_only_parts_that_vary():
    hours = pl.Series([datetime(2024, 3, 1, hour % 24) for hour in range(100)])
    encoder = fit(pl.DataFrame({"at": hours}), TableOptions.parse({}))
    assert encoder.feature_names["numbers"] == ["at", "at hour sine", "at hour cosine"]
    values = encoder.encode([{"at": "2024-03-01 06:00"}])["numbers"][0]
    assert values[1:] == pytest.approx([1 / math.sqrt(1 + 1 / 9), 0], abs=1e-6)


def test_missing_values_are_the_median(encoder):
    missing = encode(encoder, age=None, dose="NA", grade="", seen=None, sex=None, color=float("nan"))
    assert missing["numbers"][0, :8].tolist() == [0] * 8
    assert missing["indicators"].tolist() == [[0, 0, 0, 0, 1]]


def test_ordinal_columns_are_ranks(encoder):
    low, middle, high = (number(encoder, "grade", grade=grade) for grade in ("low", "mid", "high"))
    assert low < middle < high
    assert middle - low == pytest.approx(high - middle, rel=0.2)
    table = pl.DataFrame({"grade": [3.0, 1.0, 2.0] * 20})
    numeric = fit(table, TableOptions.parse({"ordinal": "grade=3<1<2"}))
    ranks = numeric.encode([{"grade": 3}, {"grade": "1.0"}, {"grade": 2.0}])["numbers"][:, 0]
    assert ranks[0] < ranks[1] < ranks[2]


def test_none_is_a_category_but_no_number():
    table = pl.DataFrame({"pain": ["none", "mild", "severe"] * 20, "dose": ["1", "2", "none"] * 20})
    encoder = fit(table, TableOptions.parse({"ordinal": "pain=none<mild<severe"}))
    assert encoder.feature_names == {
        "numbers": ["dose"],
        "indicators": [*(f"pain = {c}" for c in ("mild", "none", "severe")), "dose is missing"],
    }
    kinds = {"pain": "ordinal", "dose": "numeric"}
    encoder = TableEncoder.fit(table, kinds, TableOptions.parse({"ordinal": "pain=none<mild<severe"}))
    assert encoder.encode([{"pain": "none", "dose": "none"}])["numbers"][0, 0] < 0
    assert warnings(encoder, {"pain": "none", "dose": "none"}) == ()


def test_ordinal_columns_without_their_categories():
    with pytest.raises(InputError, match="--ordinal grade=a<b: the column has none of them"):
        fit(options=TableOptions.parse({"ordinal": "grade=a<b"}))


@pytest.mark.slow
def test_monotone_columns_have_to_be_numeric_or_ordinal():
    for wrong in ({"increasing": "color"}, {"decreasing": "seen"}):
        with pytest.raises(InputError, match="numeric and ordinal columns"):
            fit(options=TableOptions.parse({"ordinal": "grade=low<mid<high"} | wrong))
    with pytest.raises(InputError, match="in --increasing and in --decreasing"):
        fit(options=TableOptions.parse({"ordinal": "grade=low<mid<high", "increasing": "age", "decreasing": "age"}))
    with pytest.raises(InputError, match="--increasing"):
        fit(options=TableOptions.parse({"ordinal": "grade=low<mid<high", "increasing": "height"}))


def test_rows_and_tables_are_encoded_alike(encoder):
    rows, table = encoder.encode(TABLE.to_dicts()), encoder.encode(TableRows(TABLE))
    texts = encoder.encode(TableRows(TABLE.with_columns(pl.all().cast(pl.String))))
    for name, array in table.items():
        np.testing.assert_array_equal(rows[name], array)
        np.testing.assert_array_equal(texts[name], array)
    part = encoder.encode(TableRows(TABLE)[10:20])
    np.testing.assert_array_equal(part["numbers"], table["numbers"][10:20])


def test_any_order_of_columns_and_further_columns(encoder, capsys):
    expected = encoder.encode(TableRows(TABLE))
    table = TABLE.select(reversed(TABLE.columns)).with_columns(extra=1, more=pl.lit("x"))
    rows = TableRows(table, "new.csv")
    for _ in range(2):
        for name, array in encoder.encode(rows).items():
            np.testing.assert_array_equal(array, expected[name])
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["new.csv: 2 columns that the training data did not have are not used: extra, more"]
    assert encode(encoder, extra=3)["numbers"].shape == (1, 9)
    assert encoder.encode([dict(reversed(ROW.items()))])["codes"].tolist() == encode(encoder)["codes"].tolist()


def test_columns_of_the_training_that_are_no_features_are_not_noted(capsys):
    table = TABLE.with_columns(id=pl.int_range(pl.len()), outcome=pl.Series(["a", "b"] * 150))
    encoder = classification_dataset(TableSource(table, "t"), TableOptions.parse({})).fit_encoder()
    capsys.readouterr()
    encoder.encode(TableRows(table))
    assert "not used" not in capsys.readouterr().err


def test_missing_columns(encoder):
    with pytest.raises(InputError, match=r"^new\.csv lacks the columns age, sex; it has dose, color"):
        encoder.encode(TableRows(TABLE.drop("age", "sex"), "new.csv"))
    rows = [ROW, {"age": 3}, 7, ROW | {"sex": ["f"]}]
    with pytest.raises(UnreadableInputsError) as caught:
        encoder.encode(rows)
    assert caught.value.reasons == {
        1: "the row lacks the columns 'dose', 'sex', 'color', 'town', 'grade', 'seen', 'flag'; "
        "a missing value is null or an empty cell",
        2: "expected a row, an object of its columns, got 7",
        3: "column 'sex': expected a number or a text, got ['f']",
    }


def test_no_rows(encoder):
    for rows in ([], TableRows(TABLE[:0])):
        arrays = encoder.encode(rows)
        assert {name: array.shape for name, array in arrays.items()} == {
            "numbers": (0, 9),
            "indicators": (0, 5),
            "codes": (0, 1),
        }


def test_new_categories_and_texts_among_numbers_are_counted(encoder, capsys):
    table = TABLE[:5].with_columns(
        color=pl.Series(["red", "mauve", "mauve", None, "blue"]),
        age=pl.Series(["40", "50", "", "old", "60"]),
        grade=pl.Series(["low", "top", "low", "low", "low"]),
        town=pl.Series(["T1", "T1", "Z", "T1", "T1"]),
        seen=pl.Series(["2022-06-01", "2022-06-02", "2022-06-03", "soon", "2022-06-05"]),
    )
    arrays = encoder.encode(TableRows(table, "new.csv", range(101, 106)))
    assert arrays["indicators"][1, 1:4].tolist() == [0, 0, 0]
    assert arrays["numbers"][3, 0] == 0
    lines = [line.removeprefix("new.csv: column ") for line in capsys.readouterr().err.splitlines()]
    assert lines == [
        "age: 1 of 5 values are not numbers and count as missing, the first in row 104: 'old'",
        "grade: 1 of 5 values are not one of low, mid, high and count as missing, the first in row 102: 'top'",
        "seen: 1 of 5 values are not dates and count as missing, the first in row 104: 'soon'",
        "color: 2 of 5 values were not in the training data and count as no category, the first in row 102: 'mauve'",
        "town: 1 of 5 values were rare or absent in the training data and count as no category, "
        "the first in row 103: 'Z'",
    ]


def test_numbers_as_text(encoder):
    plain = encode(encoder, age=1234.56)["numbers"]
    for text in ("1,234.56", " 1234.56 ", "$1,234.56", "1.234,56"):
        np.testing.assert_array_equal(encode(encoder, age=text)["numbers"], plain)
    with fixed_decimal_comma(True):
        np.testing.assert_array_equal(encode(encoder, age="1.234")["numbers"], encode(encoder, age=1234)["numbers"])


def test_a_table_with_decimal_commas(tmp_path, capsys):
    lines = [f"{row % 50 + 1000}".replace("1", "1.", 1) + f",5;{'ab'[row % 2]}" for row in range(100)]
    (tmp_path / "a.csv").write_text("\n".join(["price;y", *lines]) + "\n")
    dataset = read_classification(TableOptions.parse({"data": str(tmp_path / "a.csv")}))
    assert dataset.fit_encoder().ranges == {"price": (1000.5, 1049.5)}
    assert "numbers like" in capsys.readouterr().err


def test_cells_of_categories_are_those_of_the_file():
    table = pl.DataFrame({"version": ["1.10", "1.1", "x"] * 20})
    encoder = fit(table, TableOptions.parse({}))
    typed, written = pl.DataFrame({"version": [1.1, 1.1]}), pl.DataFrame({"version": ["1.10", "1.1"]})
    indicators = encoder.encode(TableRows(typed, written=written))["indicators"]
    assert indicators.sum(axis=1).tolist() == [1, 1]
    assert (indicators[0] != indicators[1]).any()


def test_warnings_outside_the_training_range(encoder):
    low, high = encoder.ranges["age"]
    assert (low, high) == (TABLE["age"].min(), TABLE["age"].max())
    assert warnings(encoder, ROW) == ()
    assert warnings(encoder, ROW | {"age": None, "color": ""}) == ()
    assert warnings(encoder, dict.fromkeys(ROW)) == ("no column has a value that can be read",)
    unusual = {"age": 140, "color": "mauve", "town": "Z", "grade": "top", "seen": "2031-01-01", "dose": "much"}
    assert warnings(encoder, ROW | unusual) == (
        f"age 140 is outside the training range {low:.0f}\N{EN DASH}{high:.0f}",
        "dose 'much' is not a number: it counts as missing",
        "color 'mauve' was not in the training data",
        "town 'Z' was rare or absent in the training data",
        "grade 'top' is not one of low, mid, high: it counts as missing",
        f"seen 2031-01-01 is outside the training range {TABLE['seen'].min()}\N{EN DASH}{TABLE['seen'].max()}",
    )


def test_typical_rows(encoder):
    typical = encoder.typical
    assert typical["age"] == TABLE["age"].median()
    assert typical["dose"] == TABLE["dose"].median()
    assert (typical["sex"], typical["color"]) == ("m", "red")
    assert typical["grade"] in ("low", "mid", "high")
    assert encoder.encode([typical])["numbers"][0, :3].tolist() == [0, 0, 0]
    assert warnings(encoder, typical) == ()


def test_the_state_is_checked_json(encoder):
    state = encoder.to_json()
    dump_checked_json(state)
    TableEncoderState.model_validate(state)
    again = TableEncoder.from_json(state)
    assert again.to_json() == state
    for name, array in encoder.encode(TableRows(TABLE)).items():
        np.testing.assert_array_equal(again.encode(TableRows(TABLE))[name], array)


@pytest.mark.parametrize(
    "change",
    [
        {"centers": []},
        {"scales": [-1.0]},
        {"scales": [float("nan")]},
        {"kind": "text"},
        {"kind": "categorical"},
        {"parts": ["month"]},
        {"direction": 2},
        {"low": "1"},
        {"name": None},
        {"extra": 1},
    ],
)
def test_states_that_are_refused(encoder, change):
    state = encoder.to_json()
    state["columns"] = [state["columns"][0] | change]
    with pytest.raises(ValidationError):
        TableEncoderState.model_validate(state)


CELLS = st.one_of(
    st.none(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.booleans(),
    st.sampled_from(["", "NA", "red", "old", "2022-06-01", "1.234,5", "12 %", "1e400", "inf", "\x00", "9999-12-31"]),
    st.dates(),
    st.text(max_size=5),
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries(dict.fromkeys(ROW, CELLS)))
def test_any_cells_are_finite_features(encoder, row):
    arrays = encoder.encode([row])
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert np.abs(arrays["numbers"]).max() <= 3
    assert set(np.unique(arrays["indicators"])) <= {-1, 0, 1}
    assert all(isinstance(warning, str) for warning in warnings(encoder, row))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.just(st.one_of(st.none(), st.integers(-3, 3), st.floats())),
            st.just(st.sampled_from(["a", "b", "c", "", None])),
            st.just(st.sampled_from(["1", "2,5", "x", "7.000", None])),
            st.just(st.one_of(st.none(), st.dates())),
            st.just(st.booleans()),
            st.just(st.text(max_size=3)),
        ).flatmap(lambda cells: st.lists(cells, min_size=30, max_size=30)),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_odd_tables_are_encoded_or_refused(columns, is_regression):
    table = pl.DataFrame([to_series(f"c{index}", cells) for index, cells in enumerate(columns)])
    targets = list(range(30)) if is_regression else ["a", "b"] * 15
    build = regression_dataset if is_regression else classification_dataset
    try:
        dataset = build(TableSource.in_memory(table, targets), TableOptions.parse({}))
        encoder = dataset.fit_encoder()
    except InputError:
        return
    TableEncoderState.model_validate(encoder.to_json())
    assert dataset.fingerprint
    for split in ("train", "test"):
        rows = dataset[split].inputs
        arrays, alone = encoder.encode(rows), encoder.encode(list(rows))
        for name, array in arrays.items():
            assert np.isfinite(array).all()
            np.testing.assert_array_equal(array, alone[name])


@pytest.mark.alone
def test_a_row_of_20_columns_takes_less_than_150_microseconds(slowdown):
    names = [f"x{index}" for index in range(12)]
    table = pl.DataFrame({name: GENERATOR.normal(size=ROWS) for name in names}).with_columns(
        *(TABLE["color"].alias(f"c{index}") for index in range(5)), TABLE["town"], TABLE["sex"], TABLE["seen"]
    )
    encoder = fit(table, TableOptions.parse({}))
    row = table.with_columns(pl.col("seen").cast(str)).row(0, named=True)
    assert len(row) == 20
    seconds = []
    for _ in range(300):
        start = time.perf_counter()
        encoder.encode([row])
        seconds.append(time.perf_counter() - start)
    assert np.quantile(seconds, 0.1) < 150e-6 * slowdown
