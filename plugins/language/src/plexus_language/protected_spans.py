"""Spans that a translation does not change: addresses, placeholders of programs, code, numbers, names, terms."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plexus_language.recognition import WORD

_KINDS = {
    "code": r"<(code|kbd|samp|var)\b[^<>]*>.*?</\1>|`[^`]+`",
    "placeholder": r"\{\{[^{}]*\}\}|\$?\{[^{}\s]*\}|%\([^()\s]+\)[a-z]|%(?:\d+\$)?(?:[sdifgx]\b|@)|\[\[[^\[\]]*\]\]",
    "URL": r"(?:https?|ftp|file)://[^\s<>\"«»]+|www\.[^\s<>\"«»]+"
    r"|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|fr|de|eu|uk)\b(?:/[^\s<>\"«»]*)?",
    "e-mail address": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "name of an account": r"(?<!\w)[@#]\w+",
    "path": r"(?<!\w)(?:~|\.{1,2})?/[\w.-]+(?:/[\w.-]*)+|\b[A-Za-z]:\\[^\s<>\"]+"
    r"|\b[\w-]+\.(?:py|txt|csv|pdf|json|html|exe|docx?|xlsx?|png|jpe?g|zip)\b|\b\w+(?:_\w+)+\b",
}
_ORDER = ("code", "e-mail address", "URL", "placeholder", "path", "name of an account")
_PATTERN = re.compile(
    "|".join(f"(?P<k{number}>{_KINDS[kind]})" for number, kind in enumerate(_ORDER)).replace(r"\1", r"\2")
)
_NUMBER = re.compile(r"(?<![\w.,])[+-]?\d+(?:[.,:/\u00a0\u202f -]\d+)*(?![\w])|\d+")
_DIGITS = re.compile(r"\d+")
_FINAL = ".,;:!?)'\"»”\u2019]"
"""Characters at the end of an address that belong to the sentence."""


@dataclass(frozen=True)
class ProtectedSpan:
    """A span of a sentence whose translation is known.

    Args:
        start: First character.
        end: Character after the last one.
        output: What stands for it in the translation.
        kind: What it is, for notes.

    Example:
        ```python
        ProtectedSpan(6, 12, "{name}", "placeholder")
        ```
    """

    start: int
    end: int
    output: str
    kind: str


def find_fixed(sentence: str) -> list[ProtectedSpan]:
    """Find addresses, placeholders, code, paths and names of accounts.

    Args:
        sentence: The sentence.

    Returns:
        The spans in order.
    """
    spans = []
    for match in _PATTERN.finditer(sentence):
        text = match.group()
        kind = next(kind for number, kind in enumerate(_ORDER) if match.group(f"k{number}") is not None)
        if kind in ("URL", "path"):
            text = text.rstrip(_FINAL)
        if text:
            spans.append(ProtectedSpan(match.start(), match.start() + len(text), text, kind))
    return spans


def find_numbers(sentence: str) -> list[ProtectedSpan]:
    """Find numbers in digits.

    Args:
        sentence: The sentence.

    Returns:
        The spans in order.
    """
    return [ProtectedSpan(*match.span(), match.group(), "number") for match in _NUMBER.finditer(sentence)]


def find_names(sentence: str, is_known: Callable[[str], bool]) -> list[ProtectedSpan]:
    """Find out-of-vocabulary words that begin with an uppercase letter, or are in a script without case.

    Args:
        sentence: The sentence.
        is_known: Whether a word is in the vocabulary.

    Returns:
        The spans in order; names of several words are one span.
    """
    spans: list[ProtectedSpan] = []
    for match in WORD.finditer(sentence):
        word = match.group()
        if word[0].islower() or is_known(word):
            continue
        continues = bool(spans) and sentence[spans[-1].end : match.start()] in (" ", "-")
        start = spans.pop().start if continues else match.start()
        spans.append(ProtectedSpan(start, match.end(), sentence[start : match.end()], "unknown name"))
    return spans


def find_terms(sentence: str, glossary: Mapping[str, str]) -> list[ProtectedSpan]:
    """Find terms of a glossary as whole words, the longest first; an uppercase letter at the start stays.

    Args:
        sentence: The sentence.
        glossary: Translation of each term.

    Returns:
        The spans in order.
    """
    if not glossary:
        return []
    terms = sorted(glossary.items(), key=lambda item: -len(item[0]))
    words = "|".join(f"({re.escape(term)})" for term, _ in terms)
    spans = []
    for match in re.finditer(rf"(?<!\w)(?:{words})(?!\w)", sentence, re.IGNORECASE):
        output = terms[(match.lastindex or 1) - 1][1]
        if match.start() == 0 and match.group()[0].isupper():
            output = output[:1].upper() + output[1:]
        spans.append(ProtectedSpan(*match.span(), output, "glossary term"))
    return spans


def without_overlaps(spans: Sequence[ProtectedSpan]) -> list[ProtectedSpan]:
    """Return the spans that do not overlap with those before them in the list.

    Args:
        spans: Spans; those of higher priority first.

    Returns:
        The spans in the order of the sentence.
    """
    selected: list[ProtectedSpan] = []
    for span in spans:
        if all(span.end <= each.start or span.start >= each.end for each in selected):
            selected.append(span)
    return sorted(selected, key=lambda span: span.start)


def mask(sentence: str, spans: Sequence[ProtectedSpan], placeholders: Sequence[str]) -> str:
    """Replace spans by placeholder tokens.

    Args:
        sentence: The sentence.
        spans: Spans in order, not more than placeholders.
        placeholders: Texts of the placeholder tokens.

    Returns:
        The masked sentence.
    """
    masked, start = "", 0
    for span, placeholder in zip(spans, placeholders, strict=False):
        masked += sentence[start : span.start] + placeholder
        start = span.end
    return masked + sentence[start:]


def unmask(translation: str, spans: Sequence[ProtectedSpan], placeholders: Sequence[str]) -> str:
    """Replace placeholder tokens by what stands for their spans.

    Args:
        translation: The translation.
        spans: The spans of `mask`.
        placeholders: The placeholders of `mask`.

    Returns:
        The translation with the spans.
    """
    for span, placeholder in zip(spans, placeholders, strict=False):
        translation = translation.replace(placeholder, span.output)
    return translation


def has_other_digits(source: str, translation: str) -> bool:
    """Return whether a translation has other digits than its source, in any order and grouping.

    Args:
        source: The source.
        translation: The translation.

    Returns:
        Whether it has.
    """
    return sorted("".join(_DIGITS.findall(source))) != sorted("".join(_DIGITS.findall(translation)))
