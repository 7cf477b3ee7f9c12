"""Other forms of training pairs: as they are typed in a hurry, and with placeholders."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from plexus_language.recognition import sentence_words

INFORMAL_SHARE = 0.1
"""Share of pairs in lowercase, without end mark."""
MASKED_SHARE = 0.2
"""Share of the pairs with words in common in which these are placeholders."""
MAX_PLACEHOLDERS = 4
MIN_MASKABLE_SHARE, MIN_MASKABLE = 0.01, 50
"""Placeholders are trained if so many pairs have words in common."""
_END_MARK = re.compile(r"[ \u00a0\u202f]*[.!?…]+$")
_COMMON = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:-[^\W\d_]+)*")


def small_words(sentences: Sequence[str]) -> frozenset[str]:
    """Return the words that are written in lowercase more often than not, apart from first words.

    Args:
        sentences: Sentences of one language.

    Returns:
        The words.
    """
    counts: Counter[str] = Counter()
    for sentence in sentences:
        for word in sentence_words(sentence)[1:]:
            counts[word.lower()] += 1 if word.islower() else -1
    return frozenset(word for word, count in counts.items() if count > 0)


def informal(sentence: str, small: Collection[str]) -> str:
    """Return a sentence without its end mark, its first word in lowercase if it is no name.

    Args:
        sentence: The sentence.
        small: Words that are written in lowercase.

    Returns:
        The sentence; unchanged if nothing would be left.
    """
    words = sentence_words(sentence)
    if not words:
        return sentence
    text = _END_MARK.sub("", sentence)
    if words[0].lower() in small and text.startswith(words[0]):
        text = words[0].lower() + text[len(words[0]) :]
    return text


def masked(source: str, target: str, placeholders: Sequence[str]) -> tuple[str, str] | None:
    """Replace numbers and names that both sides have once by placeholders.

    Args:
        source: A sentence.
        target: Its translation.
        placeholders: The texts of the placeholders.

    Returns:
        The two sides; None if they have no such word.
    """
    first, second = _COMMON.findall(source), Counter(_COMMON.findall(target))
    counts = Counter(first)
    common = [word for word in first if counts[word] == second[word] == 1 and (word[0].isdigit() or word[0].isupper())]
    if not common:
        return None
    names = dict(zip(common, placeholders, strict=False))

    def replaced(text: str) -> str:
        return _COMMON.sub(lambda match: names.get(match.group(), match.group()), text)

    return replaced(source), replaced(target)
