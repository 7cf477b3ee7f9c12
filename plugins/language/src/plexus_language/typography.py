"""Spaces before punctuation marks in French."""

import re
import unicodedata

NARROW, WIDE = "\u202f", "\u00a0"
"""The narrow and the full no-break space."""
FRENCH = frozenset(["fr", "fra", "fre", "french"])
"""Codes of the language whose typography this is."""
_DOUBLE_MARK = re.compile(r"(?<=\S)[ \u00a0\u202f]*([;!?]+)(?!\w)")
_COLON = re.compile(r"(?<=[^\s\d])[ \u00a0\u202f]*:(?=\s|$)|(?<=\d)[ \u00a0\u202f]*:(?=\s|$)")
_QUOTATION = re.compile(r"«[ \u00a0\u202f]*(.*?)[ \u00a0\u202f]*»")


def restore_spaces(text: str, language: str) -> str:
    """Put the spaces of French typography into a translation: none is changed in other languages.

    Args:
        text: The translation.
        language: Code of its language.

    Returns:
        The text, with U+202F before `;`, `!` and `?`, and U+00A0 before `:` and within guillemets.
    """
    if language.lower() not in FRENCH:
        return text
    text = _QUOTATION.sub(lambda match: f"«{WIDE}{match.group(1)}{WIDE}»", text)
    text = _DOUBLE_MARK.sub(lambda match: NARROW + match.group(1), text)
    return _COLON.sub(f"{WIDE}:", text)


def plain_spaces(text: str) -> str:
    """Normalize a text to composed characters (NFC), and replace no-break spaces by spaces.

    Args:
        text: The text.

    Returns:
        The text.
    """
    return unicodedata.normalize("NFC", text).replace(NARROW, " ").replace(WIDE, " ")
