"""Cells and columns as numbers and times: the same for one value and for a whole column."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexus import InputError
from plexus.data.cells import holds_identifiers, parse_number, to_numbers
from plexus.data.number_format import fixed_decimal_comma, has_decimal_comma, reset_decimal_comma
from plexus.data.tables import read_table
from plexus.data.times import holds_times, parse_time, parse_times, require_time


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (" 812.50 ", 812.5),
        ("\u00a0812.5", 812.5),
        ("812,50", 812.5),
        ("0,345", 0.345),
        ("42.25 kr", 42.25),
        ("R$ 98,27", 98.27),
        ("US$1,234", 1234),
        ("-kr 5", -5),
        ("1 234,50 zł", 1234.5),
        ("1,234", 1234),
        ("1,234.50", 1234.5),
        ("1.234,50", 1234.5),
        ("1.234.567", 1234567),
        ("1 234,5", 1234.5),
        ("1'234.50", 1234.5),
        ("$1,234.50", 1234.5),
        ("-$3", -3),
        ("5 €", 5),
        ("EUR 5,25", 5.25),
        ("12 %", 0.12),
        ("1e5", 1e5),
        ("True", 1),
        ("false", 0),
    ],
)
def test_numbers_as_people_write_them(cell, number):
    assert parse_number(cell) == pytest.approx(number)
    assert to_numbers(pl.Series([cell])).tolist() == pytest.approx([number])


@pytest.mark.parametrize("cell", ["", "NA", "nan", "abc", "12 34", "1_000", "12,34,56", "2026-01-31", "1.2.3", "--5"])
def test_texts_that_are_no_numbers(cell):
    assert np.isnan(parse_number(cell))
    assert np.isnan(to_numbers(pl.Series([cell])))


@pytest.mark.slow
@given(st.floats(allow_nan=False))
def test_every_number_is_read_back(number):
    assert parse_number(repr(number)) == number
    assert to_numbers(pl.Series([repr(number)])).tolist() == [number]


@pytest.mark.slow
@given(st.text(max_size=12))
def test_any_text_is_a_number_or_none(text):
    number, column = parse_number(text), to_numbers(pl.Series([text], dtype=pl.String))[0]
    assert number == column or (np.isnan(number) and np.isnan(column))


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [("1,234", 1234, 1.234), ("1.234", 1.234, 1234), ("1.234,5", 1234.5, 1234.5), ("12.5", 12.5, 12.5), ("$3", 3, 3)],
)
def test_ambiguous_numbers_are_read_as_in_training(text, point, comma):
    """Each on its own: the other cells of a column have no influence."""
    for has_comma, number in ((False, point), (True, comma)):
        with fixed_decimal_comma(has_comma):
            assert parse_number(text) == number
            assert to_numbers(pl.Series([text, "12,5", "1,234.5", "x"]))[0] == number


def test_a_table_with_decimal_commas_sets_the_format(tmp_path):
    for name, content in (("a.csv", "a;b\n7.500;1,5\n"), ("a.jsonl", '{"a": "7.500", "b": "1,5"}\n')):
        (tmp_path / name).write_text(content)
        reset_decimal_comma()
        assert to_numbers(read_table(tmp_path / name)["a"])[0] == 7500
        assert has_decimal_comma()
    (tmp_path / "b.csv").write_text("a\n7.500\n")
    with fixed_decimal_comma(True):
        assert read_table(tmp_path / "b.csv")["a"][0] == 7500
    reset_decimal_comma()
    assert read_table(tmp_path / "b.csv")["a"][0] == 7.5


def test_identifiers_have_sixteen_digits():
    assert holds_identifiers(pl.Series([1, 4992346398065154007]))
    assert holds_identifiers(pl.Series(["4992346398065154007123", None]))
    assert not holds_identifiers(pl.Series([1, 999_999_999_999_999]))
    assert not holds_identifiers(pl.Series([1e18]))


MOMENT = dt.datetime(2026, 1, 31, 13, 45, 30, tzinfo=dt.UTC).timestamp()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-01-31 13:45:30", MOMENT),
        ("2026-01-31T13:45:30Z", MOMENT),
        ("2026-01-31T15:45:30+02:00", MOMENT),
        ("2026-01-31T08:15:30-0530", MOMENT),
        ("2026-01-31 13:45:30.250", MOMENT + 0.25),
        ("2026-01-31T13:45:30,250000Z", MOMENT + 0.25),
        ("31/01/2026 13:45", MOMENT - 30),
        ("01/31/2026 01:45:30 PM", MOMENT),
        ("31.01.2026 13:45", MOMENT - 30),
        ("31-Jan-2026 13:45", MOMENT - 30),
        ("01/31/26 13:45", MOMENT - 30),
        ("20260131134530", MOMENT),
        (20260131134530, MOMENT),
        (MOMENT, MOMENT),
        (MOMENT * 1e3, MOMENT),
        (MOMENT * 1e6, MOMENT),
        (int(MOMENT) * 10**9, MOMENT),
        (dt.datetime(2026, 1, 31, 13, 45, 30), MOMENT),
    ],
)
def test_times_as_files_have_them(value, seconds):
    assert parse_time(value)[0] == pytest.approx(seconds)
    assert parse_times(pl.Series([value])).seconds.tolist() == pytest.approx([seconds])


def test_eight_digits_are_a_date_if_all_of_the_column_are():
    dates = parse_times(pl.Series([20260131, 20260228]))
    assert dates.is_date
    assert dates.seconds[0] == MOMENT - 13.75 * 3600 - 30
    assert not parse_times(pl.Series([20260131, 20260199])).is_date
    assert not parse_times(pl.Series([20260131]), is_date=False).is_date
    assert parse_time(20260131, is_date=True)[1]
    assert parse_time(20260131)[0] == 20260131


def test_days_of_excel():
    times = parse_times(pl.Series([46053.57326389, 46054.0]))
    assert times.form == "excel"
    assert times.seconds[0] == pytest.approx(MOMENT, abs=1)
    assert parse_time(46053.57326389, "excel", is_date=True)[0] == pytest.approx(MOMENT, abs=1)


@pytest.mark.parametrize(
    ("form", "is_date", "texts"),
    [
        ("%m/%d/%Y", True, ["02/01/2026", "25/03/2026", "2026-01-31T23:59:59+02:00", "31.01.2026 13:45", "12/02/69"]),
        ("excel", True, [46084.0, 46084.5, 46084.25]),
        ("", False, [1767226847.0, 1767226847000.0, 20260131.0, 5.5]),
        ("%Y%m%d", True, [20260131, 1767226847]),
        ("", True, ["20260131134530", "1767226847", "12/02/69", "2026-01-31 23:59:60", "soon"]),
    ],
)
def test_each_time_of_a_prediction_is_parsed_on_its_own(form, is_date, texts):
    column = parse_times(pl.Series(texts), form, is_date).seconds
    assert column.tolist() == pytest.approx([parse_time(text, form, is_date)[0] for text in texts], nan_ok=True)


def test_dates_with_the_month_first():
    times = parse_times(pl.Series(["01-13-2026 06:53", "02-01-2026 07:00"]))
    assert times.form == "%m-%d-%Y %H:%M"
    assert times.seconds[1] == dt.datetime(2026, 2, 1, 7, tzinfo=dt.UTC).timestamp()
    assert parse_times(pl.Series(["02-01-2026"])).form == "%d-%m-%Y"
    assert parse_times(pl.Series(["02/01/69"])).seconds[0] == dt.datetime(1969, 1, 2, tzinfo=dt.UTC).timestamp()


def test_a_second_format_is_reported_by_row():
    times = parse_times(pl.Series(["2026-01-01", "2026-01-02", "03.01.2026", None, "soon"]))
    assert times.other_rows.tolist() == [2]
    assert np.isnan(times.seconds).tolist() == [False, False, False, True, True]


def test_columns_of_times():
    assert holds_times(pl.Series(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]))
    assert holds_times(pl.Series([dt.date(2026, 1, 1)]))
    assert not holds_times(pl.Series(["12.5", "13.5"]))
    assert not holds_times(pl.Series(["web", "shop"]))


def test_a_value_that_is_no_time():
    with pytest.raises(InputError, match=r"column 'when': 'soon' is not a time; expected seconds, or dates like 2026"):
        require_time("soon", "when")


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt8, pl.Int32, pl.UInt64, pl.Int64])
def test_integers_of_any_width_are_identifiers_if_they_are_long(dtype):
    assert not holds_identifiers(pl.Series([1, 2, None], dtype=dtype))
    if dtype in (pl.Int64, pl.UInt64):
        assert holds_identifiers(pl.Series([10**15, None], dtype=dtype))
