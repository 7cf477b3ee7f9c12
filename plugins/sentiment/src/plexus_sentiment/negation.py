"""Marking of the words in the scope of a negation."""

from collections.abc import Sequence
from itertools import zip_longest

_NEGATIVE_WORDS = ("no", "never", "nothing", "nobody", "none", "neither", "nor", "nowhere", "without")
NEGATIONS = frozenset(["not", "cannot", "n't", "hardly", "barely", "scarcely", *_NEGATIVE_WORDS])
NOT_NEGATED = frozenset(["only", "just", "doubt", "wonder"])
"""After these words a negation does not reverse what follows: "not only", "no doubt"."""
SCOPE_ENDS = frozenset([*'.,;:!?()[]{}"…', "but"])


def mark_negated(words: Sequence[str]) -> list[str]:
    """Write the words between a negation and the next punctuation mark in upper case.

    N-grams of a negated word then differ from those of the word itself (Das & Chen 2001; Pang et al. 2002,
    https://aclanthology.org/W02-1011, section 4). The negations are those of English.

    Args:
        words: Words in lower case.

    Returns:
        As many words.
    """
    marked, negated = [], False
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        if word in SCOPE_ENDS:
            negated = False
        if word in NEGATIONS:
            marked.append(word)
            negated = following not in NOT_NEGATED
        else:
            marked.append(word.upper() if negated else word)
    return marked
