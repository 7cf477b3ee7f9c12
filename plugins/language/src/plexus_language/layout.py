"""Division of documents into sentences and what stands between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from plexus_language.inline_marks import EMOJI

MAX_WORDS = 45
"""Most words of a sentence that any model translates as a whole."""
BLOCK_TAGS = (
    "address|article|aside|blockquote|body|br|button|caption|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|head|header|hr|html|label|legend|li|main|meta|nav|ol|option|p|section|select|summary|table|tbody|td|tfoot|"
    "th|thead|title|tr|ul"
)
"""HTML elements that end a sentence."""
ABBREVIATIONS = re.compile(
    r"mr|mrs|ms|dr|prof|sr|jr|st|vs|fig|vol|pp|approx|dept|inc|ltd|corp|gen|col|lt|sgt|capt|rev|hon|e\.g|i\.e|u\.s|u\.k|"
    r"mm|mme|mmes|mlle|mlles|mgr|cf|env|chap|\u00e9d|t\u00e9l|p\.ex|av|bd|boul",
    re.IGNORECASE,
)
"""Words after which a full stop ends no sentence."""
BEFORE_DIGITS = frozenset(["no", "nos", "n", "p", "art"])
"""The same, if a digit follows."""
_ELEMENT = (
    r"<(script|style|pre)\b(?:(?!<\1\b).)*?</\1\s*>|<!--(?:(?!<!--).)*?-->|<![^<>]*>|<\?(?:(?!<\?).)*?\?>|```.*?```"
)
"""A search ends where the next element of its kind begins: the time is linear also if none of them is closed."""
_BLOCK = rf"</?(?:{BLOCK_TAGS})(?:\s[^<>]*)?/?>"
_LAYOUT = re.compile(rf"{_ELEMENT}|{_BLOCK}|[\r\n\v\f\u0085\u2028\u2029]+", re.DOTALL | re.IGNORECASE)
_START = re.compile(rf"(?:\s|{EMOJI}|[-*+>#•\u2013\u2014](?=\s)|\d{{1,3}}[.)](?=\s))+")
_END = re.compile(rf"(?<!\s)(?:\s|{EMOJI})++$")
_CANDIDATE = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'»”\u2019)\]]*(?:[\s\u00a0\u202f]*»)?(\s+)(?=[\"'«“\u2018(\[¿¡\u2014\u2013-]*\s*[^\W_a-zß-öø-ÿ])|[。\uff01\uff1f]+[」』”]*(\s*)(?=\S)"
)
_PAUSE = re.compile(r"[;:,](\s+)")


@dataclass(frozen=True)
class Segment:
    """A part of a document.

    Args:
        text: Its text; those of all segments together are the document.
        is_sentence: Whether it is a sentence, rather than what stands between sentences.

    Example:
        ```python
        Segment("Hello.", True)
        ```
    """

    text: str
    is_sentence: bool


def split_document(text: str, max_words: int = MAX_WORDS) -> list[Segment]:
    """Divide a document into sentences and layout: line ends, indentation, bullets, markup of blocks, code, emoji.

    Args:
        text: The document.
        max_words: Words of the longest sentence; longer ones are divided at pauses, or between words.

    Returns:
        The segments; their texts together are the document.
    """
    segments: list[Segment] = []
    start = 0
    for match in _LAYOUT.finditer(text):
        segments += _split_line(text[start : match.start()], max_words)
        segments.append(Segment(match.group(), False))
        start = match.end()
    return [segment for segment in [*segments, *_split_line(text[start:], max_words)] if segment.text]


def split_sentences(text: str, max_words: int = MAX_WORDS) -> Iterator[Segment]:
    """Split a line into sentences.

    Args:
        text: The line, without white space around it.
        max_words: Words of the longest sentence.

    Yields:
        Sentences and the white space between them.
    """
    start = 0
    for match in _CANDIDATE.finditer(text):
        group = 1 if match.group(1) is not None else 2
        if not _is_abbreviation(text[start : match.start() + 1], text[match.end() : match.end() + 1]):
            yield from _split_long(text[start : match.start(group)], max_words)
            yield Segment(match.group(group), False)
            start = match.end()
    yield from _split_long(text[start:], max_words)


def _split_line(line: str, max_words: int) -> Iterator[Segment]:
    """Split off what stands around the sentences of a line."""
    before = match.end() if (match := _START.match(line)) else 0
    after = match.start() if (match := _END.search(line, before)) else len(line)
    yield Segment(line[:before], False)
    if line[before:after]:
        yield from split_sentences(line[before:after], max_words)
    yield Segment(line[after:], False)


def _is_abbreviation(before: str, after: str) -> bool:
    """Return whether the full stop at the end of a text belongs to an abbreviation or an initial."""
    if not before.endswith("."):
        return False
    words = before[:-1].split()
    word = words[-1].lstrip("\"'«“\u2018([") if words else ""
    if after[:1].isdigit() and word.lower() in BEFORE_DIGITS:
        return True
    return ABBREVIATIONS.fullmatch(word) is not None or (len(word) == 1 and word.isupper() and word != "I")


def _split_long(sentence: str, max_words: int) -> Iterator[Segment]:
    """Split a sentence with too many words at pauses, or where it has none between words."""
    while len(sentence.split(None, max_words)) > max_words:
        spaces = [match.span() for match in islice(re.finditer(r"\s+", sentence), max_words)]
        pauses = [match.span(1) for match in _PAUSE.finditer(sentence, 0, spaces[-1][1])]
        suitable = [span for span in pauses if span[0] >= spaces[max_words // 4][0]]
        start, end = (suitable or spaces)[-1]
        yield Segment(sentence[:start], True)
        yield Segment(sentence[start:end], False)
        sentence = sentence[end:]
    yield Segment(sentence, True)
