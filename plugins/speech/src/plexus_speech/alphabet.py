"""Letters, and texts made of them."""

import re
import unicodedata
from collections.abc import Sequence

from plexus import InputError

LETTERS = " 'abcdefghijklmnopqrstuvwxyz"
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015/,;:.!?()\[\]{}\"\u201c\u201d\u00ab\u00bb\u2026]+")


def normalised(text: str, alphabet: str, where: str) -> str:
    """A text in small letters, without punctuation, one space between words.

    Args:
        alphabet: of letters that may be in it.
        where: the file and the line, for the error.

    Raises:
        InputError: it has other letters, or none.
    """
    plain = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    plain = _BETWEEN.sub(" ", plain).strip()
    strange = next((letter for letter in plain if letter not in alphabet), None)
    if strange is not None:
        raise InputError(f"{where}: {strange!r} is not in the alphabet; write it out, or give --alphabet with it")
    if not plain:
        raise InputError(f"{where}: the text is empty")
    return plain


def indices(text: str, alphabet: str) -> list[int]:
    """The letters' places in the alphabet, from 1: 0 is CTC's blank."""
    return [alphabet.index(letter) + 1 for letter in text]


def written(letters: Sequence[int], alphabet: str) -> str:
    """The text of such places."""
    return "".join(alphabet[letter - 1] for letter in letters)
