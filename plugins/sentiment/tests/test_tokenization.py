"""Words and sentences, also in scripts without spaces."""

from plexus_sentiment.duplicates import TextFingerprints
from plexus_sentiment.tokenization import split_sentences, split_words


def test_words_between_spaces():
    assert split_words("Don\u2019t panic: it's fine!") == ["don't", "panic", ":", "it's", "fine", "!"]
    assert split_words("naïve café") == ["naïve", "café"]


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
