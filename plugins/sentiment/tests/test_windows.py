"""Texts of any length and of any words within bounded time and memory."""

import csv
import time
from pathlib import Path

import numpy as np
import pytest

import plexus
from plexus import InputError
from plexus.cli import main
from plexus.inference.limits import InputLimits, input_limits, set_input_limits
from plexus_sentiment.length_sorted_predictor import MAX_WINDOWS, WIDTH_STEP, LengthSortedPredictor
from plexus_sentiment.phrases import generate_phrases
from plexus_sentiment.windows import MAX_CHARACTERS, compute_texts

REVIEWS = Path(__file__).parents[3] / "models/sentiment.classify/reviews_small"
TEXTS = ["a dull film " * 20_000, "x" * 30_000, "", "a great film", "好" * 900, f"a great film {'y' * 9000}"]


@pytest.fixture(scope="module")
def bundle():
    """The shipped model."""
    return plexus.load(REVIEWS)


@pytest.fixture
def limits():
    """A function that sets the limits of a test."""
    before = input_limits()
    yield set_input_limits
    set_input_limits(before)


@pytest.mark.slow
def test_parts_of_windows_are_bounded_and_give_the_same_outputs(bundle):
    sizes = []

    def predictor(inputs, network):
        sizes.append(inputs["pieces"].size)
        return bundle.predictor(inputs, network)

    outputs = compute_texts(predictor, bundle.codec, TEXTS)
    assert len(sizes) > 1
    assert max(sizes) <= MAX_CHARACTERS
    for name, values in bundle.predictor(bundle.codec.encode(TEXTS)).items():
        np.testing.assert_allclose(outputs[name], values, rtol=1e-4, atol=1e-4)
    assert all(len(values) == 0 for values in compute_texts(bundle.predictor, bundle.codec, []).values())


def test_windows_of_similar_length_are_computed_together(bundle):
    shapes = []

    def predictor(inputs, network):
        shapes.append(inputs["pieces"].shape)
        return bundle.predictor(inputs, network)

    inputs = bundle.codec.encode(["a dull film " * 30, "good"] * (MAX_WINDOWS // 2 + 2))
    outputs = LengthSortedPredictor(predictor)(inputs)
    assert [rows for rows, _ in shapes] == [MAX_WINDOWS, 4]
    assert inputs["pieces"].shape[1] > 2 * WIDTH_STEP
    for name, values in bundle.predictor(inputs).items():
        np.testing.assert_allclose(outputs[name], values, rtol=1e-4, atol=1e-4)
    short = LengthSortedPredictor(predictor)(bundle.codec.encode(["good"] * (MAX_WINDOWS + 2) + ["a dull film " * 30]))
    assert len(short["nets"]) == MAX_WINDOWS + 3
    assert [width for _, width in shapes[2:]] == [WIDTH_STEP, shapes[0][1]]
    shapes.clear()
    compute_texts(predictor, bundle.codec, ["good"] * MAX_WINDOWS + ["a dull film " * 30])
    assert shapes[0] == bundle.codec.encode(["good"] * MAX_WINDOWS)["pieces"].shape
    assert all(len(values) == 0 for values in LengthSortedPredictor(predictor)(bundle.codec.encode([])).values())


def test_a_long_word_does_not_hide_the_other_words(bundle):
    alone, with_long_word = bundle.predict(["a great film, i loved it", f"a great film, i loved it {'x' * 300}"])
    assert (alone.label, with_long_word.label) == ("positive", "positive")


def test_a_training_text_of_one_long_word_is_checked_within_seconds(tmp_path, capsys):
    texts, classes = generate_phrases(60, seed=1)
    texts[3] = "x" * 2_000_000
    with (tmp_path / "a.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *zip(texts, map(str, classes), strict=True)])
    start = time.monotonic()
    assert main(["data", "check", "sentiment.classify", "--data", str(tmp_path / "a.csv")]) == 0
    assert time.monotonic() - start < 30
    assert "no row or file was repaired or dropped" in capsys.readouterr().out


def test_a_text_that_normalization_makes_longer_is_measured_after_it(bundle, limits):
    limits(InputLimits(characters=1000))
    (prediction,) = bundle.predict(["\ufdfa" * 50])
    assert prediction.label in bundle.codec.labels
    with pytest.raises(InputError, match="the text has 1,080 characters, expected at most 1,000: split it"):
        bundle.predict(["\ufdfa" * 60])
