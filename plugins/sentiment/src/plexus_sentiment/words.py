"""Texts as words."""

import re
import unicodedata

APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")
_SENTENCE = re.compile(r"(?<=[.!?…])[\s\"')\]]+(?=\S)")
_LETTERS = re.compile(r"\W+")


def words_of(text: str) -> list[str]:
    """Words and punctuation marks, in small letters, of one form of each sign (Unicode's NFKC)."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace(APOSTROPHE, "'")
    return _WORD.findall(text.lower())


def letters_of(text: str) -> str:
    """Letters and digits alone: the same for texts that differ in how words and marks are set apart."""
    return _LETTERS.sub("", unicodedata.normalize("NFKC", text).lower())


def sentences_of(text: str) -> list[str]:
    """The sentences of a text: after a full stop, a question or exclamation mark and a blank, a new one begins."""
    return [part.strip() for part in _SENTENCE.split(text) if any(letter.isalnum() for letter in part)]
