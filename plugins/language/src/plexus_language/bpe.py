"""Byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909) with dropout (Provilkov et al. 2020, arXiv:1910.13267).

The library `tokenizers` learns the merges. They are applied here, since its dropout takes no seed, so that two
trainings would differ, and so that prediction needs no further package; a test compares both.
"""

import json
import random
import re
from collections.abc import Sequence

SPACE = "▁"
"""Stands for the space before a word."""
_WORD = re.compile(
    r"⟦\d⟧|▁(?=⟦\d⟧)|▁?(?:\d|[^\W\d_▁]+['’]?|[^\w\s▁])|▁|[^▁]",  # noqa: RUF001 - typographic apostrophe
    re.DOTALL,
)

Merges = dict[tuple[str, str], int]
"""Rank of each pair of symbols that is merged; the lowest first."""


def split_words(text: str) -> list[str]:
    """Split a text into words, digits and punctuation marks, none of which a token crosses.

    Args:
        text: A text.

    Returns:
        The parts, which joined are the text with `▁` before it and in place of its spaces; an apostrophe belongs to the
        letters before it.
    """
    return [match.group() for match in _WORD.finditer(SPACE + text.replace(" ", SPACE))]


def join_tokens(tokens: Sequence[str]) -> str:
    """Return the text of tokens.

    Args:
        tokens: The tokens.

    Returns:
        The text, without the space before its first word.
    """
    return "".join(tokens).replace(SPACE, " ").removeprefix(" ")


def learn_merges(words: dict[str, int], vocabulary_size: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Learn the merges of words.

    Args:
        words: Words of `split_words`, and how often each occurs.
        vocabulary_size: Largest number of tokens.

    Returns:
        The tokens, the single characters first, and the merges in order.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary_size, min_frequency=2, show_progress=False)
    repeated = (" ".join([word] * count) for word, count in sorted(words.items()) if word.strip())
    tokenizer.train_from_iterator(repeated, trainer)
    state = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(state["vocab"], key=state["vocab"].__getitem__)
    return tokens, [(first, second) for first, second in state["merges"]]


def apply_merges(word: str, merges: Merges, dropout: float = 0.0, generator: random.Random | None = None) -> list[str]:
    """Split a word into tokens.

    Args:
        word: The word.
        merges: The merges.
        dropout: Probability with which a possible merge is left out at each step.
        generator: Source of randomness for the dropout; None without.

    Returns:
        The tokens.
    """
    symbols = list(word)
    while len(symbols) > 1:
        best, place = len(merges), -1
        for number in range(len(symbols) - 1):
            rank = merges.get((symbols[number], symbols[number + 1]), best)
            if rank < best and not (generator is not None and generator.random() < dropout):
                best, place = rank, number
        if place < 0:
            break
        symbols[place : place + 2] = [symbols[place] + symbols[place + 1]]
    return symbols
