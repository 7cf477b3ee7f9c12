"""Bundles in Python: inputs in any form, explanations, evaluation, and their display in notebooks."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image

import plexus
from plexus.explain.explanation import Explanation

MODELS = Path(__file__).parents[2] / "models"
PNG = b"\x89PNG"
NAMES = "pregnancies", "glucose", "blood_pressure", "skin_thickness", "insulin", "bmi", "pedigree", "age"
ROWS = [
    dict(zip(NAMES, (1.0, 85.0, 66.0, 29.0, 94.0, 26.6, 0.351, 31.0), strict=True)),
    dict(zip(NAMES, (8.0, 183.0, 64.0, 20.0, 168.0, 23.3, 0.672, 52.0), strict=True)),
]


@pytest.fixture(scope="module")
def digits():
    return plexus.load(MODELS / "vision.classify/digits")


@pytest.fixture(scope="module")
def diabetes():
    return plexus.load(MODELS / "tables.diagnose/pima_diabetes")


@pytest.fixture
def one():
    """A drawing of the digit 1."""
    pixels = np.zeros((8, 8), np.uint8)
    pixels[1:7, 3:5] = 255
    return pixels


def test_one_array_is_one_image(digits, one):
    expected = digits.predict([one])
    assert len(expected) == 1
    colors = np.repeat(one[..., None], 3, axis=2)
    for image in (one, one[..., None], colors, Image.fromarray(one)):
        assert [each.label for each in digits.predict(image)] == [expected[0].label]
    assert digits.predict(one) == expected
    assert digits.predict(np.stack([one, one, one])) == expected * 3
    assert digits.predict(np.stack([colors, colors])) == digits.predict([colors]) * 2


def test_rows_of_tables_in_any_form(diabetes):
    expected = diabetes.predict(ROWS)
    assert expected[0] != expected[1]
    assert diabetes.predict(ROWS[0]) == expected[:1]
    for table in (pl.DataFrame(ROWS), pd.DataFrame(ROWS), pd.DataFrame(ROWS, index=["x", "y"]), tuple(ROWS)):
        assert diabetes.predict(table) == expected


@pytest.mark.slow
def test_an_explanation_is_shown_and_saved(digits, diabetes, one, tmp_path):
    explanation = digits.explain(one)
    assert isinstance(explanation, Explanation)
    assert explanation._repr_png_().startswith(PNG)
    assert explanation._repr_html_() is None
    assert explanation.save(tmp_path / "why.png").read_bytes() == explanation.content
    file = digits.explain(one, tmp_path / "same.png")
    assert file == tmp_path / "same.png"
    np.testing.assert_array_equal(Image.open(file), Image.open(tmp_path / "why.png"))
    reviews = plexus.load(MODELS / "sentiment.classify/reviews")
    page = reviews.explain("a <b>wonderful</b> film")
    assert page._repr_png_() is None
    assert page._repr_html_().startswith('<iframe srcdoc="')
    assert "<b>" not in page._repr_html_()
    assert diabetes.explain(ROWS[0]).values == diabetes.explanation_values(ROWS[0])


@pytest.mark.slow
def test_evaluate_takes_a_path(digits, one, tmp_path):
    correct = []
    for name, count in (("1", 9), ("7", 3)):
        (tmp_path / name).mkdir()
        for number in range(count):
            image = one.copy()
            image[0, :2] = 10 * number, 10 * int(name)  # else they are duplicates
            Image.fromarray(image).save(tmp_path / name / f"{number}.png")
            correct.append(digits.predict(image)[0].label == name)
    result = digits.evaluate(tmp_path)
    assert result["examples"] == 12
    assert result["scores"]["accuracy"] == pytest.approx(np.mean(correct))
    assert {True, False} == set(correct)
    assert result == digits.evaluate(str(tmp_path))


def test_a_notebook_shows_metrics_with_intervals(digits):
    page = digits._repr_html_()
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page)
    assert cells[:4] == ["Accuracy", f"{digits.metrics['accuracy']:.4f}", "0.9733 to 0.9980", "higher"]
    assert digits.report is None
    assert "<a" not in page
    assert "<img" not in page


def test_the_name_of_a_bundle_is_escaped(digits):
    copy = plexus.Bundle(Path("<script>"), digits.manifest, digits.task)
    assert "<script>" not in copy._repr_html_()


@pytest.mark.slow
@pytest.mark.parametrize("out", [None, "elsewhere"])
def test_a_bundle_that_was_trained_here_shows_and_links_its_report(out, parity, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bundle = plexus.train("logic.parity", out=out, data="6", epochs=2)
    assert bundle.report == next(tmp_path.glob("runs/*/*/report.html")).relative_to(tmp_path)
    page = bundle._repr_html_()
    assert f"href='{bundle.report.resolve().as_uri()}'" in page
    assert "<img src='data:image/svg+xml;base64," in page
    (bundle.report.parent / "run.json").unlink()
    assert bundle.report is None
