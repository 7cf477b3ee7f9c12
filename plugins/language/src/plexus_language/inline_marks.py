"""Markup and emoji inside of sentences: taken out before translation, put back by word alignment."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from plexus_language.alignment import word_spans

EMOJI = (
    r"(?:[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B00-\u2BFF\u231A-\u23FF\u2190-\u21FF]"
    r"[\uFE0F\u200D\u20E3\U0001F3FB-\U0001F3FF\U000E0020-\U000E007F]*)++"
)
"""Pattern of a run of emoji."""
_MARK = re.compile(
    rf"<(code|kbd|samp|var)\b[^<>]*>.*?</\1\s*>|</?[A-Za-z][^<>]*>|\*\*|(?<!\w)__|__(?!\w)|~~|{EMOJI}", re.DOTALL
)
_NAME = re.compile(r"</?([A-Za-z][\w-]*)")
_TRAILING = re.compile(r"\W*$")


@dataclass(frozen=True)
class Mark:
    """A tag or emoji that was taken out of a sentence.

    Args:
        text: The mark, with the spaces that only it had.
        word: Number of the word that it stands before; the number of words at the end.
        inside: Whether it stands before the punctuation at the end of the word before it.
        partner: Place of the tag that opens or closes the same element, in the list of marks.

    Example:
        ```python
        Mark("<b>", 1, False, partner=1)
        ```
    """

    text: str
    word: int
    inside: bool = False
    partner: int | None = None


def take_out(sentence: str) -> tuple[str, list[Mark]]:
    """Take tags and emoji out of a sentence.

    Args:
        sentence: The sentence.

    Returns:
        The sentence without them, and the marks in order.
    """
    plain, marks, start = "", list[Mark](), 0
    for match in _MARK.finditer(sentence):
        plain += sentence[start : match.start()]
        text, start = match.group(), match.end()
        at_word_start = not plain or plain[-1].isspace()
        if at_word_start and start < len(sentence) and sentence[start].isspace():
            text, start = text + " ", start + 1  # one of the two spaces around it
        elif at_word_start and start == len(sentence) and plain:
            plain, text = plain[:-1], " " + text
        following = _MARK.sub("", sentence[start:])
        inside = not at_word_start and bool(re.match(r"[^\w\s]", following))
        marks.append(Mark(text, len(plain.split()), inside))
    return plain + sentence[start:], _pair(marks)


def put_back(translation: str, marks: Sequence[Mark], alignment: Sequence[int], words: int) -> str:
    """Put marks into a translation.

    Args:
        translation: The translation.
        marks: The marks of the source.
        alignment: For each word of the translation the number of the aligned source word.
        words: Number of source words.

    Returns:
        The translation with the marks, each once.
    """
    if not marks:
        return translation
    spans = word_spans(translation)
    places = [_place(marks, number, alignment, words, len(spans)) for number in range(len(marks))]

    def closes(number: int) -> bool:
        partner = marks[number].partner
        return partner is not None and partner < number

    result, start = "", 0
    insertions = sorted(
        (_offset(mark, closes(number), place, spans, translation), number)
        for number, (mark, place) in enumerate(zip(marks, places, strict=True))
    )
    for offset, number in insertions:
        result += translation[start:offset] + marks[number].text
        start = offset
    return result + translation[start:]


def _pair(marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks with the partners of tags that open and close the same element."""
    partners: dict[int, int] = {}
    opened: list[tuple[str, int]] = []
    for number, mark in enumerate(marks):
        text = mark.text.strip()
        match = _NAME.match(text)
        name = match.group(1).lower() if match else text if text in ("**", "__", "~~") else ""
        closes = text.startswith("</") or (not match and any(name == each for each, _ in opened))
        if not name or text.endswith("/>"):
            continue
        if not closes:
            opened.append((name, number))
        elif any(name == each for each, _ in opened):
            while opened[-1][0] != name:
                opened.pop()
            partner = opened.pop()[1]
            partners |= {number: partner, partner: number}
    return [Mark(mark.text, mark.word, mark.inside, partners.get(number)) for number, mark in enumerate(marks)]


def _place(marks: Sequence[Mark], number: int, alignment: Sequence[int], words: int, size: int) -> int:
    """Return the number of the word of the translation before which a mark stands."""
    mark = marks[number]
    if mark.partner is None:
        return _single_place(mark.word, alignment, words, size)
    first, last = sorted((number, mark.partner))
    start, end = marks[first].word, marks[last].word
    inside = [place for place, source in enumerate(alignment) if start <= source < end]
    if not inside:
        return _single_place(start, alignment, words, size)
    return inside[0] if number == first else inside[-1] + 1


def _single_place(word: int, alignment: Sequence[int], words: int, size: int) -> int:
    if word in (0, words):
        return 0 if word == 0 else size
    for place, source in enumerate(alignment):
        if source == word:
            return place
    before = [place for place, source in enumerate(alignment) if source == word - 1]
    return before[-1] + 1 if before else round(word / max(words, 1) * size)


def _offset(mark: Mark, closes: bool, place: int, spans: Sequence[tuple[int, int]], translation: str) -> int:
    """Return the character offset of a mark; what closes stands directly after its word."""
    text = mark.text
    attaches_left = closes or text.startswith(("</", " ")) or mark.inside or (text[-1:] != " " and place == len(spans))
    if not spans:
        return 0
    if attaches_left and place > 0:
        end = spans[place - 1][1]
        return len(_TRAILING.sub("", translation[:end])) if mark.inside else end
    return spans[place][0] if place < len(spans) else spans[-1][1]
