"""Words and sentences, also in scripts without spaces."""

import pytest

from plexus_sentiment.duplicates import TextFingerprints
from plexus_sentiment.negation import mark_negated
from plexus_sentiment.tokenization import MAX_WORD, PIECE, split_canonical_words, split_sentences, split_words


def test_words_between_spaces():
    assert split_words("Don\u2019t panic: it's fine!") == ["don't", "panic", ":", "it's", "fine", "!"]
    assert split_words("naïve café") == ["naïve", "café"]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("I can't say it\u2019s BAD", "i ca n't say it 's bad"),
        ("We cannot; they won't!", "we can not ; they wo n't !"),
        ("it didnt work, doesn`t help", "it did n't work , does n't help"),
        ("\u201cfine\u201d (he said)", "`` fine '' -LRB- he said -RRB-"),
        ("bad &amp; dull<br /><br />A mess", "bad & dull a mess"),
        ("na\u00efve, isn\u2019t it", "na\u00efve , is n't it"),
    ],
)
def test_texts_as_typed_and_as_tokenized_have_the_same_words(text, other):
    assert split_canonical_words(text) == split_canonical_words(other)


def test_canonical_words():
    assert split_canonical_words("It isn't John's 3 < 4 rock'n'roll") == (
        ["it", "is", "not", "john", "'s", "3", "<", "4", "rock'n", "'", "roll"]
    )
    assert split_canonical_words("\u670d\u52a1\u5f88\u597d ok") == ["\u670d", "\u52a1", "\u5f88", "\u597d", "ok"]


def test_negated_words_are_marked_until_the_clause_ends():
    for text in ("it is not BAD , but long", "not only good but never DULL", "not A BAD FILM at all", ""):
        assert " ".join(mark_negated(split_words(text))) == text


def test_scripts_without_spaces():
    assert split_words("服务很好ok了") == ["服", "务", "很", "好", "ok", "了"]
    assert split_words("これは良い。") == ["こ", "れ", "は", "良", "い", "。"]
    assert split_words("ดีมาก") == ["ดี", "ม", "า", "ก"]
    assert split_words("좋은 영화") == ["좋은", "영화"]


def test_sentences():
    assert split_sentences("Good. Really good!") == ["Good.", "Really good!"]
    assert split_sentences("很好。非常喜欢！") == ["很好。", "非常喜欢！"]  # noqa: RUF001 - full-width


def test_chinese_texts_of_one_pattern_are_no_duplicates():
    assert not TextFingerprints.fit(["这个酒店的服务我觉得很好"]).contains(["这个酒店的服务我觉得很差"])[0]


@pytest.mark.parametrize("letter", ["x", "é", "ß", "ก\u0e34", "'", "_"])
def test_words_are_bounded_and_no_character_is_lost(letter):
    text = f"good {letter * 5000}y bad"
    words = split_words(text)
    assert max(map(len, words)) <= MAX_WORD
    assert "".join(words) == text.replace(" ", "")
    assert (words[0], words[-1]) == ("good", "bad")


def test_words_up_to_the_bound_stay_whole():
    longest = "x" * MAX_WORD
    assert split_words(f"a {longest} b") == ["a", longest, "b"]
    assert split_words(f"a {longest}y b") == ["a", *["x" * PIECE] * (MAX_WORD // PIECE), "y", "b"]
    assert split_words(f"{longest[:99]}'s {longest[:100]}'{longest[:99]}") == [
        f"{longest[:99]}'s",
        f"{longest[:100]}'{longest[:99]}",
    ]
