"""Words, sentences and alphanumeric characters of texts."""

import re
import unicodedata

from plexus_sentiment.canonical_text import canonical_text

APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
# Scripts without spaces between words: a word is a character (Chinese, Japanese, Khmer, Burmese), or a consonant or
# vowel with its marks (Thai, Lao).
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f\u1000-\u109f\u1780-\u17ff"
_THAI, _THAI_MARKS = (
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ec0-\u0ec6",
    ("\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd"),
)
_SPACED_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")
_CLITIC = r"(?<!\w)'(?:s|re|ve|ll|d|m)\b|"
_LETTERS = rf"[^\W{_UNSPACED}{_THAI}{_THAI_MARKS}]+"
_WORD = re.compile(rf"[{_UNSPACED}]|[{_THAI}][{_THAI_MARKS}]*|{_LETTERS}(?:'{_LETTERS})?|[^\w\s]")
_SPACED_WORD_OR_CLITIC = re.compile(_CLITIC + _SPACED_WORD.pattern)
_WORD_OR_CLITIC = re.compile(_CLITIC + _WORD.pattern)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\s\"')\]]+(?=\S)|(?<=[。！？])[\s」』”’）]*(?=\S)")  # noqa: RUF001 - full-width
_NOT_ALPHANUMERIC = re.compile(r"\W+")
MAX_WORD, PIECE = 200, 20
"""A word of more than `MAX_WORD` characters, such as encoded bytes, is cut into pieces of `PIECE` characters: time and
memory of the tokenizer and of n-grams grow with the longest word. A piece is no longer than ordinary words are, so that
windows of pieces are hardly wider than others. The longest word of 150,000 reviews has 66 characters."""


def split_words(text: str) -> list[str]:
    """Split a text into words and punctuation marks, in lower case and Unicode's NFKC form.

    In scripts without spaces between words (Chinese, Japanese, Thai, …) each character is a word: n-grams of words are
    then n-grams of characters. No word is longer than `MAX_WORD` characters.

    Args:
        text: The text.

    Returns:
        The words in order; a word with an apostrophe is one word.
    """
    return _bounded(_SPACED_WORD.findall(text.lower()) if text.isascii() else _WORD.findall(normalized(text)))


def split_canonical_words(text: str) -> list[str]:
    """Split a text as `split_words` does, but from its canonical form: see `canonical_text`.

    Args:
        text: The text.

    Returns:
        The words in order: of "it isn't John's" and of "it is n't John 's" `it`, `is`, `not`, `john` and `'s`.
    """
    text = canonical_text(text)
    return _bounded((_SPACED_WORD_OR_CLITIC if text.isascii() else _WORD_OR_CLITIC).findall(text))


def split_spaced_words(text: str) -> list[str]:
    """Split a text as `split_words` does, but only where spaces and punctuation are.

    Args:
        text: The text.

    Returns:
        The words in order; a run of Chinese characters is one word.
    """
    return _SPACED_WORD.findall(normalized(text))


def normalized(text: str) -> str:
    """Return a text in lower case and Unicode's NFKC form.

    Args:
        text: The text.

    Returns:
        The text, with the apostrophe of ASCII for that of typography.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace(APOSTROPHE, "'")
    return text.lower()


def split_sentences(text: str) -> list[str]:
    """Split a text into sentences, at a full stop, question or exclamation mark that white space follows.

    Args:
        text: The text.

    Returns:
        The sentences that contain a letter or digit.
    """
    parts = _SENTENCE_END.split(text)
    return [part.strip() for part in parts if any(character.isalnum() for character in part)]


def alphanumeric(text: str) -> str:
    """Return only the letters and digits of a text, in lower case.

    Args:
        text: The text.

    Returns:
        A text that is equal for texts that differ in spaces and punctuation only.
    """
    return _NOT_ALPHANUMERIC.sub("", unicodedata.normalize("NFKC", text).lower())


def _bounded(words: list[str]) -> list[str]:
    """Cut words of more than `MAX_WORD` characters into pieces."""
    if max(map(len, words), default=0) <= MAX_WORD:
        return words
    return [piece for word in words for piece in _pieces(word)]


def _pieces(word: str) -> list[str]:
    if len(word) <= MAX_WORD:
        return [word]
    return [word[start : start + PIECE] for start in range(0, len(word), PIECE)]
