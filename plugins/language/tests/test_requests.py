"""Inputs with options: of the command line, of requests, of tables and files."""

import os

import polars as pl
import pytest

from plexus import InputError
from plexus.data.table_rows import TableRows
from plexus.tasks.abilities import AppliesOptions
from plexus_language.glossary import read_glossary
from plexus_language.request import PredictOptions, TranslationInput, as_input, parse_request, with_options
from plexus_language.text_inputs import parse_argument, table_inputs


def test_options_of_the_command_line(tmp_path):
    (tmp_path / "terms.csv").write_text("en,fr\nhouse,maison\nStop!,Halte !\n")
    options = PredictOptions.parse({"to": "fr", "beam": 8, "glossary": str(tmp_path / "terms.csv")})
    request = with_options("A house.", options)
    assert request == TranslationInput(
        text="A house.", to="fr", beam=8, glossary={"house": "maison", "Stop!": "Halte !"}
    )
    assert request.width == 8
    (tmp_path / "terms.csv").write_text("en,fr\nhouse,villa\n")
    os.utime(tmp_path / "terms.csv", ns=(1, 1))
    assert with_options("A house.", options).glossary == {"house": "villa"}
    assert with_options("x", None) == TranslationInput(text="x")
    assert TranslationInput(text="x", alternatives=6).width == 7


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"beam": 0}, "--beam must be greater than or equal to 1, not 0"),
        ({"beam": 100}, "--beam must be less than or equal to 32"),
        ({"alternatives": -1}, "--alternatives must be greater than or equal to 0"),
        ({"glosary": "x.csv"}, "glossary"),
    ],
)
def test_options_are_checked(values, message):
    with pytest.raises(InputError, match=message):
        PredictOptions.parse(values)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("en,fr,de\na,b,c\n", "expected 2 columns, the term and its translation, found 3"),
        ("en,fr\na,\n", "row 1: expected a term and its translation, found an empty cell"),
        ("en,fr\na,b\na,c\n", "row 2: 'a' has two translations"),
    ],
)
def test_glossaries_are_checked(tmp_path, content, message):
    (tmp_path / "terms.csv").write_text(content)
    with pytest.raises(InputError, match=message):
        read_glossary(tmp_path / "terms.csv")
    with pytest.raises(InputError, match="there is no such file"):
        read_glossary(tmp_path / "none.csv")


def test_requests():
    assert parse_request("Hello") == as_input("Hello")
    assert parse_request(b"caf\xc3\xa9").text == "café"
    assert parse_request({"text": "a", "to": "fr", "alternatives": 2, "glossary": {"a": "b"}}).glossary == {"a": "b"}
    assert as_input("a\udcff").text == "a?"
    for value, message in [
        (7, "expected a string, got int"),
        ({"text": 7}, "--text must be a valid string"),
        ({}, "--text must be"),
        ({"text": "a", "glossary": {"": "b"}}, "terms of 1 to 200 characters"),
        ({"text": "a", "file": "/etc/passwd"}, "option 'file'"),
    ]:
        with pytest.raises(InputError, match=message):
            parse_request(value)


def test_lines_of_a_file(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear friend,\n\nGood evening.\n")
    names, texts = zip(*parse_argument(str(tmp_path / "letter.txt")), strict=True)
    assert texts == ("Dear friend,", "Good evening.")
    assert [name.rsplit(" ", 1)[1] for name in names] == ["1", "3"]
    assert parse_argument("Good evening.") == [("Good evening.", "Good evening.")]


def test_rows_of_a_table():
    frame = pl.DataFrame({"id": [1, 2], "note": ["short", "x"], "comment": ["a longer text", None]})
    ((first, second),) = table_inputs([TableRows(frame, "t.csv")], PredictOptions.parse({"beam": 2}))
    assert (first.text, first.beam, second.text) == ("a longer text", 2, "")
    ((first, _),) = table_inputs([TableRows(frame, "t.csv")], PredictOptions.parse({"column": "note"}))
    assert first.text == "short"
    ((first, _),) = table_inputs([TableRows(frame.rename({"note": "English"}), "t.csv")], None)
    assert first.text == "short"
    with pytest.raises(InputError, match=r"column in t\.csv"):
        next(table_inputs([TableRows(frame, "t.csv")], PredictOptions.parse({"column": "none"})))
    with pytest.raises(InputError, match="no column contains texts"):
        next(table_inputs([TableRows(frame.select("id"), "t.csv")], None))


def test_the_ability_is_recognized():
    class Task:
        def apply_options(self, raw_input, options):
            return raw_input

    assert isinstance(Task(), AppliesOptions)
    assert not isinstance(object(), AppliesOptions)
