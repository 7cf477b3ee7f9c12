"""Pseudowords, which synthetic voices speak as examples of unknown words."""

from collections.abc import Sequence

import numpy as np

from plexus_speech.espeak import phonemes

ONSETS = (*"bdfghjklmnprstvwz", "ch", "sh", "st", "tr")
NUCLEI = (*"aeiou", "ee", "oo", "ai", "ou")
CODAS = (*"klmnprst", "nd")
"""Final consonants: a word that ends in a vowel would resemble a word whose end was cut off."""
MAX_SYLLABLES = 3
CANDIDATES = 4
"""Pseudowords that are drawn for one that is needed, as some sound like words."""


def draw_pseudowords(count: int, texts: Sequence[str], accent: str, generator: np.random.Generator) -> list[str]:
    """Draw words of random syllables that sound like none of the texts.

    Args:
        count: Number of words.
        texts: The texts, as they are spoken.
        accent: A language of eSpeak NG, from `plexus_speech.espeak.accents`.
        generator: Random generator.

    Returns:
        Different pseudowords in lower-case Latin letters; none if eSpeak NG does not read Latin letters as words of the
        language.

    Raises:
        InputError: If eSpeak NG fails.
    """
    drawn = list(dict.fromkeys(_pseudoword(generator) for _ in range(CANDIDATES * count)))
    sounds = phonemes([*texts, *drawn], accent)
    of_texts, of_words = set(sounds[: len(texts)]), sounds[len(texts) :]
    words = [word for word, sound in zip(drawn, of_words, strict=True) if _is_word(sound) and sound not in of_texts]
    return words[:count]


def _pseudoword(generator: np.random.Generator) -> str:
    syllables = int(generator.integers(1, MAX_SYLLABLES + 1))
    return "".join(_syllable(generator) for _ in range(syllables)) + str(generator.choice(CODAS))


def _syllable(generator: np.random.Generator) -> str:
    return f"{generator.choice(ONSETS)}{generator.choice(NUCLEI)}"


def _is_word(sound: str) -> bool:
    """Return whether eSpeak NG speaks one word of the language: it names a change of language, and spells letters."""
    return "(" not in sound and " " not in sound
