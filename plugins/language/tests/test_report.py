"""The report of a translation model."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest
from dictionary_model import DictionaryCodec, DictionaryPredictor

from plexus_language import report
from plexus_language.confidence import Confidence
from plexus_language.evaluation import EvaluationPair
from plexus_language.report import write_report

EN_FR = ("en", "fr")
EXACT = EvaluationPair("Hello the white house.", ("Bonjour la blanche maison.",), EN_FR)
NEAR = EvaluationPair("I love you and cats.", ("Je aime toi et <b>chats</b>.",), EN_FR)
WRONG = EvaluationPair("I love the cats.", ("Rien de tout cela.",), EN_FR)


@pytest.fixture
def codec():
    codec = DictionaryCodec()
    codec.confidence = Confidence((-1.0,), (0.9,))
    return codec


def rows_of(page):
    return [re.findall(r"<td[^>]*>([^<]*)", unescape(row)) for row in page.split("<tr>")[2:]]


def test_mistakes_are_sorted_by_chrf(codec, tmp_path):
    write_report(DictionaryPredictor(codec), codec, [EXACT, NEAR, WRONG], tmp_path)
    page = (tmp_path / "mistakes.html").read_text(encoding="utf-8")
    assert "<h1>2 of 3 translated test pairs differ from their reference; the 2 with the most differences</h1>" in page
    assert "&lt;b&gt;chats&lt;/b&gt;" in page
    rows = rows_of(page)
    assert [row[2].strip() for row in rows] == [WRONG.source, NEAR.source]
    assert [row[1].strip() for row in rows] == ["90%", "90%"]
    assert float(rows[0][0]) < float(rows[1][0])


def test_figures_are_vector_graphics(codec, tmp_path):
    write_report(DictionaryPredictor(codec), codec, [EXACT, NEAR], tmp_path)
    for name in ("calibration.svg", "alignment.svg"):
        assert ElementTree.parse(tmp_path / name).getroot().tag.endswith("svg")


def test_a_model_without_confidence_has_no_calibration(tmp_path):
    codec = DictionaryCodec()
    write_report(DictionaryPredictor(codec), codec, [EXACT], tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"mistakes.html", "alignment.svg"}


def test_pairs_are_equally_spaced(codec, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "MAX_PAIRS", 3)
    write_report(DictionaryPredictor(codec), codec, [WRONG, NEAR, NEAR, NEAR, WRONG], tmp_path)
    rows = rows_of((tmp_path / "mistakes.html").read_text(encoding="utf-8"))
    assert [row[2].strip() for row in rows] == [WRONG.source, WRONG.source, NEAR.source]
