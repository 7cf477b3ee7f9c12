"""Recognition of sentences that are not to be translated: other scripts, the target language."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from functools import cache

MIN_SHARE = 0.6
"""Share of words that only the target language has from which on a sentence is in it."""
MIN_SCRIPT_SHARE = 0.01
"""Share of a vocabulary's letters from which on it knows a script."""
WORD = re.compile(r"[^\W\d_]+")
"""Pattern of a word: letters alone, so that apostrophes and hyphens separate words."""


def sentence_words(sentence: str) -> list[str]:
    """Return the words of a sentence, without punctuation and numbers.

    Args:
        sentence: The sentence.

    Returns:
        The words as they are written.
    """
    return WORD.findall(sentence)


def is_in_target(words: Iterable[str], in_source: Callable[[str], bool], in_target: Callable[[str], bool]) -> bool:
    """Return whether a sentence is in the target language already.

    Args:
        words: The words of the sentence.
        in_source: Whether the training sentences of the source language have a word.
        in_target: Whether those of the target language have it.

    Returns:
        Whether most of the words that one of the languages has and the other lacks are of the target language.
    """
    words = list(words)
    only_source = sum(in_source(word) and not in_target(word) for word in words)
    only_target = sum(in_target(word) and not in_source(word) for word in words)
    of_both = sum(in_target(word) and in_source(word) for word in words)
    return only_target > 0 and only_target > 2 * only_source and only_target + of_both >= MIN_SHARE * len(words)


@cache
def script_of(letter: str) -> str:
    """Return the script of a letter, as the first word of its name in Unicode.

    Args:
        letter: The letter.

    Returns:
        The script: `LATIN`, `CYRILLIC`, `CJK`; empty for letters without a name.
    """
    return unicodedata.name(letter, "").split(" ")[0].split("-")[0]


def known_scripts(tokens: Iterable[str]) -> frozenset[str]:
    """Return the scripts of the letters of a vocabulary.

    Args:
        tokens: The tokens.

    Returns:
        The scripts with 1 % of the letters at least.
    """
    counts = Counter(script_of(letter) for token in tokens for letter in token if letter.isalpha())
    total = sum(counts.values())
    return frozenset(script for script, count in counts.items() if count >= MIN_SCRIPT_SHARE * total)


def foreign_script(sentence: str, scripts: Collection[str]) -> str | None:
    """Return the script of a sentence that a vocabulary does not have.

    Args:
        sentence: The sentence.
        scripts: The scripts of the vocabulary.

    Returns:
        The most frequent script of its letters if it is none of these, else None.
    """
    counts = Counter(script_of(letter) for letter in sentence if letter.isalpha())
    if not counts:
        return None
    script = counts.most_common(1)[0][0]
    return None if script in scripts else script.capitalize()
