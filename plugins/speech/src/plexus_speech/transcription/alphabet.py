"""Alphabets: normalization of texts, and conversion to indices and back."""

import re
import unicodedata
from collections.abc import Sequence

from plexus import InputError

LETTERS = " 'abcdefghijklmnopqrstuvwxyz"
"""The default alphabet."""
_PUNCTUATION = re.compile(r"[\s\-\u2010-\u2015/,;:.!?()\[\]{}\"\u201c\u201d\u00ab\u00bb\u2026]+")


def normalize(text: str, alphabet: str, location: str) -> str:
    """Lowercase a text and remove its punctuation.

    Args:
        text: The text.
        alphabet: Characters that may occur in the result.
        location: File and line, for the error message.

    Returns:
        The text, with one space between words.

    Raises:
        InputError: If it has other characters, or none.
    """
    plain = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    plain = _PUNCTUATION.sub(" ", plain).strip()
    foreign = next((character for character in plain if character not in alphabet), None)
    if foreign is not None:
        raise InputError(f"{location}: {foreign!r} is not in the alphabet; spell it out, or add it with --alphabet")
    if not plain:
        raise InputError(f"{location}: the text is empty")
    return plain


def text_to_indices(text: str, alphabet: str) -> list[int]:
    """Convert a text to indices; 0 is the blank of CTC.

    Args:
        text: A normalized text.
        alphabet: The alphabet.

    Returns:
        The position of each character in the alphabet, from 1.
    """
    return [alphabet.index(character) + 1 for character in text]


def indices_to_text(indices: Sequence[int], alphabet: str) -> str:
    """Convert indices to the text.

    Args:
        indices: Positions in the alphabet, from 1.
        alphabet: The alphabet.

    Returns:
        The text.
    """
    return "".join(alphabet[index - 1] for index in indices)
