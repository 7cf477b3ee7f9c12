"""Word alignment, and the page and picture that show it."""

import re

import numpy as np
import pytest
from dictionary_model import DictionaryCodec, DictionaryPredictor

from plexus import InputError
from plexus.data.image_files import open_image
from plexus.inference import limits
from plexus_language.alignment import align_words, aligned_words, positions, token_words, word_spans
from plexus_language.explanation import align, draw_alignment, write_explanation


@pytest.fixture
def model():
    codec = DictionaryCodec()
    return DictionaryPredictor(codec), codec


def test_attention_of_tokens_is_summed_over_words():
    source, target = "un lion blanc", "a white lion"
    source_tokens = [(0, 0), (0, 2), (3, 5), (5, 7), (8, 13), (0, 0)]
    target_tokens = [(0, 1), (2, 7), (7, 8), (8, 12)]
    attention = np.zeros((4, 6))
    attention[0, 1], attention[1, 4], attention[2, 0], attention[3, 2:4] = 1, 1, 1, 0.25
    words = align_words(
        attention,
        token_words(positions(target, target_tokens), positions(target, word_spans(target))),
        token_words(positions(source, source_tokens), positions(source, word_spans(source))),
        (3, 3),
    )
    assert words.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert aligned_words(words) == [0, 2, 1]
    assert aligned_words(np.zeros((1, 2))) == [-1]


def test_positions_skip_white_space_and_follow_replacements():
    assert positions("a \u27e61\u27e7 b", [(0, 1), (2, 5), (6, 7)], {"\u27e61\u27e7": "New York"}).tolist() == [
        [0, 1],
        [1, 8],
        [8, 9],
    ]


def test_words_are_aligned_with_their_source(model):
    first, second = align(*model, "I love Zorb Lax: yes! Hello flurbs.")
    assert list(first.source) == ["I", "love", "Zorb", "Lax:", "yes!"]
    assert list(first.target) == ["Je", "aime", "Zorb", "Lax\u00a0:", "oui\u202f!"]
    assert first.weights.argmax(axis=1).tolist() == [0, 1, 2, 3, 4]
    assert list(second.unknown) == [False, True]
    assert list(align(*model, "I see an island")[0].unknown) == [False, False, True, True]
    assert list(align(*model, "I see is, yes his.")[0].unknown) == [False, False, False, False, True]
    (copied,) = align(*model, "\u041f\u0440\u0438\u0432\u0435\u0442")
    assert copied.weights is None
    assert "Cyrillic" in copied.caption


def test_the_page_holds_the_weights(model, tmp_path):
    sentences = align(*model, "I love <b>you</b> & flurbs.")
    page = write_explanation(sentences, tmp_path / "page.html").read_text(encoding="utf-8")
    weights = [[float(weight) for weight in line.split()] for line in re.findall(r'data-weights="([^"]*)"', page)]
    assert np.argmax(weights, axis=1).tolist() == [0, 1, 2, 3, 4]
    assert 'class="unknown" title="not in the vocabulary">flurbs.<' in page
    assert "&amp;" in page


def test_the_picture(model, tmp_path):
    draw_alignment(align(*model, "I love you. Hello."), tmp_path / "alignment.png")
    with open_image(tmp_path / "alignment.png", ["PNG"]) as image:
        assert image.width > 200
        assert image.height > 200


def test_long_texts_are_not_explained(model, monkeypatch):
    monkeypatch.setattr(limits, "_limits", limits.InputLimits(explained_words=5))
    with pytest.raises(InputError, match="the text has 6 words, and at most 5 are explained"):
        align(*model, "I love you and you too")
