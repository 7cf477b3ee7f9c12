"""Cleaning of pairs of sentences, with counts of what is dropped."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from plexus import Findings
from plexus.data.findings import Counted
from plexus_language.pair_files import Pairs
from plexus_language.recognition import foreign_script, known_scripts, sentence_words
from plexus_language.typography import plain_spaces

EMPTY = Counted("pair with an empty side was dropped", "pairs with an empty side were dropped")
COPY = Counted("pair of equal sides was dropped", "pairs of equal sides were dropped")
DUPLICATE = Counted("duplicate pair was dropped", "duplicate pairs were dropped")
LENGTH = Counted("pair of very different lengths was dropped", "pairs of very different lengths were dropped")
TOO_LONG = Counted(
    "pair with more than 1,000 characters was dropped", "pairs with more than 1,000 characters were dropped"
)
SCRIPT = Counted("pair in another script was dropped", "pairs in another script were dropped")
LANGUAGE = Counted(
    "pair with a side in the other language was dropped", "pairs with a side in the other language were dropped"
)
CONTROL = Counted("pair had control characters, which were removed", "pairs had control characters, which were removed")
MAX_CHARACTERS = 1000
MAX_LENGTH_FACTOR, ADDED_LENGTH = 4.0, 10
"""Factor by which the ratio of the lengths, each with this number of characters added, may differ from the median."""
MIN_WORDS, MIN_LANGUAGE_SHARE, TYPICAL = 3, 0.7, 20
"""A side is in the other language if it has so many words, of which this share is that much more frequent there."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff]")
_PUNCTUATION = re.compile(r"[\W_]+")


def clean_pairs(pairs: Pairs, place: str, findings: Findings) -> Pairs:
    """Clean pairs and drop those that are no translations.

    Args:
        pairs: The pairs.
        place: The file, for the findings.
        findings: Collects what was dropped.

    Returns:
        The pairs that are left, their white space normalized; no-break spaces are left as they are.
    """
    cleaned: list[tuple[int, str, str]] = []
    seen = set()
    for row, (first, second) in enumerate(zip(*pairs, strict=True), 1):
        source, target = _spaces(_CONTROL.sub("", first)), _spaces(_CONTROL.sub("", second))
        problem = _problem(source, target)
        key = plain_spaces(source), plain_spaces(target)
        if problem is None and key in seen:
            problem = DUPLICATE
        seen.add(key)
        if problem is not None:
            findings.add(problem, f"{place}, pair {row}")
            continue
        if _CONTROL.search(first) or _CONTROL.search(second):
            findings.add(CONTROL, f"{place}, pair {row}")
        cleaned.append((row, source, target))
    return _drop_mismatches(cleaned, place, findings)


def sentence_key(sentence: str) -> str:
    """Return what near-identical sentences have in common.

    Args:
        sentence: The sentence.

    Returns:
        Its words in lowercase, without punctuation; the sentence itself if it has none.
    """
    return _PUNCTUATION.sub(" ", unicodedata.normalize("NFKC", sentence).casefold()).strip() or sentence


def _problem(source: str, target: str) -> Counted | None:
    if not source or not target:
        return EMPTY
    if len(source) > MAX_CHARACTERS or len(target) > MAX_CHARACTERS:
        return TOO_LONG
    if sentence_key(source) == sentence_key(target) and any(map(str.isalpha, source)):
        return COPY
    return None


def _spaces(text: str) -> str:
    return re.sub(r"[ \t\r\n\v\f]+", " ", text).strip()


def _drop_mismatches(rows: list[tuple[int, str, str]], place: str, findings: Findings) -> Pairs:
    """Drop the pairs whose lengths, scripts or words are unlike those of the others."""
    if not rows:
        return [], []
    ratios = np.array([math.log((len(b) + ADDED_LENGTH) / (len(a) + ADDED_LENGTH)) for _, a, b in rows])
    is_long = np.abs(ratios - np.median(ratios)) > math.log(MAX_LENGTH_FACTOR)
    columns = [[source for _, source, _ in rows], [target for _, _, target in rows]]
    scripts = [known_scripts(column) for column in columns]
    words = [[[word.casefold() for word in sentence_words(text)] for text in column] for column in columns]
    counts = [Counter(word for line in side for word in line) for side in words]
    cleaned: Pairs = [], []
    for number, (row, source, target) in enumerate(rows):
        sides = (source, target)
        problem = None
        if is_long[number]:
            problem = LENGTH
        elif any(foreign_script(side, each) for side, each in zip(sides, scripts, strict=True)):
            problem = SCRIPT
        elif any(_is_in_other(words[side][number], counts[side], counts[1 - side]) for side in (0, 1)):
            problem = LANGUAGE
        if problem is not None:
            findings.add(problem, f"{place}, pair {row}")
            continue
        cleaned[0].append(source)
        cleaned[1].append(target)
    return cleaned


def _is_in_other(words: Sequence[str], own: Counter[str], other: Counter[str]) -> bool:
    """Return whether most words of a side are typical of the other language."""
    if len(words) < MIN_WORDS:
        return False
    typical = sum(other[word] > TYPICAL * own[word] for word in words)
    return typical >= MIN_LANGUAGE_SHARE * len(words)
