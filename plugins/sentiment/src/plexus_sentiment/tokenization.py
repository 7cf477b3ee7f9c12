"""Words, sentences and alphanumeric characters of texts."""

import re
import unicodedata

APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\s\"')\]]+(?=\S)")
_NOT_ALPHANUMERIC = re.compile(r"\W+")


def split_words(text: str) -> list[str]:
    """Split a text into words and punctuation marks, in lower case and Unicode's NFKC form.

    Args:
        text: The text.

    Returns:
        The words in order; a word with an apostrophe is one word.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace(APOSTROPHE, "'")
    return _WORD.findall(text.lower())


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
