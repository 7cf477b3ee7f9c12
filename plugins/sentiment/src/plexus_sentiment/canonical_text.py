"""One form for texts of web pages, of keyboards and of tokenized corpora."""

import html
import re
import unicodedata

_TAG = re.compile(r"</?[a-z][^<>]{0,200}>")
_QUOTES = str.maketrans(dict.fromkeys("‘’‛`´", "'") | dict.fromkeys("“”„«»", '"'))  # noqa: RUF001
_BRACKET = re.compile(r"-([lr][rsc])b-")
_BRACKETS = {"lr": "(", "rr": ")", "ls": "[", "rs": "]", "lc": "{", "rc": "}"}
"""Names of brackets in the Penn Treebank."""
_AUXILIARIES = "do|does|did|is|are|was|were|has|have|had|could|would|should|ca|wo"
_WITHOUT_APOSTROPHE = re.compile(rf"\b({_AUXILIARIES})nt\b")
_CONTRACTED_NOT = re.compile(r"\b([a-z]+) ?n't\b")
_IRREGULAR = {"ca": "can", "wo": "will", "sha": "shall"}
_CLITIC = re.compile(r"(?<=\w) ?'(?=(?:s|re|ve|ll|d|m)\b)")


def canonical_text(text: str) -> str:
    """Bring a text to one form, so that "I can't say it's bad" equals "i ca n't say it 's bad".

    Markup of HTML is removed, its entities are replaced; quotation marks are those of ASCII; brackets named as in the
    Penn Treebank are brackets; contractions with "not" are two words, and clitics are separate words ("it 's").

    Args:
        text: The text.

    Returns:
        The text in lower case and Unicode's NFKC form.
    """
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.translate(_QUOTES).lower()
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "-" in text:
        text = _BRACKET.sub(lambda match: _BRACKETS[match[1]], text)
    text = text.replace("''", '"').replace("cannot", "can not")
    if "nt" in text:
        text = _WITHOUT_APOSTROPHE.sub(r"\1n't", text)
    if "n't" in text:
        text = _CONTRACTED_NOT.sub(lambda match: f"{_IRREGULAR.get(match[1], match[1])} not", text)
    if "'" in text:
        text = _CLITIC.sub(" '", text)
    return text
