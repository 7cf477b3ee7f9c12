"""Words that do not exist, which synthetic voices speak as examples of unknown words."""

from collections.abc import Collection

import numpy as np

ONSETS = (*"bdfghjklmnprstvwz", "ch", "sh", "st", "tr")
NUCLEI = (*"aeiou", "ee", "oo", "ai", "ou")
CODAS = (*"klmnprst", "nd")
"""Words end with one of these: a vowel alone may be what is left of a word that was cut."""
MAX_SYLLABLES = 3


def pseudo_words(count: int, words: Collection[str], generator: np.random.Generator) -> list[str]:
    """Draw words of random syllables.

    Args:
        count: Number of words.
        words: Words that are not drawn.
        generator: Random generator.

    Returns:
        Different words in small Latin letters, which eSpeak NG reads in every language.
    """
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        syllables = int(generator.integers(1, MAX_SYLLABLES + 1))
        word = "".join(_syllable(generator) for _ in range(syllables)) + str(generator.choice(CODAS))
        if word not in words:
            drawn[word] = None
    return list(drawn)


def _syllable(generator: np.random.Generator) -> str:
    return f"{generator.choice(ONSETS)}{generator.choice(NUCLEI)}"
