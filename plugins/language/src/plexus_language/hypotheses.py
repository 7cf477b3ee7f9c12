"""Settings, constraints and results of beam search."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SearchSettings:
    """Settings of beam search.

    Args:
        beam: Hypotheses per sentence.
        length_penalty: Exponent of the length penalty (Wu et al. 2016, eq. 14): 0 for none.
        alternatives: Results per sentence, at most `beam`.

    Example:
        ```python
        SearchSettings(beam=8, alternatives=3)
        ```
    """

    beam: int = 4
    length_penalty: float = 0.6
    alternatives: int = 1

    def penalty(self, length: int) -> float:
        """Return the length penalty (Wu et al. 2016, arXiv:1609.08144, eq. 14).

        Args:
            length: Tokens with the end.

        Returns:
            The number that a sum of log-probabilities is divided by.
        """
        return float(((5 + length) / 6) ** self.length_penalty)


@dataclass(frozen=True)
class Constraint:
    """Constraints on the translation of one sentence.

    Args:
        max_length: Most tokens.
        prefix: Tokens that it begins with.
        required: Tokens that occur exactly once, such as placeholders.
        may_repeat: Whether it may repeat itself, since its source does.

    Example:
        ```python
        Constraint(max_length=20, prefix=(17, 42))
        ```
    """

    max_length: int
    prefix: tuple[int, ...] = ()
    required: frozenset[int] = frozenset()
    may_repeat: bool = False


@dataclass(frozen=True)
class Hypothesis:
    """A translation of a sentence.

    Args:
        tokens: Its token ids, without begin and end.
        log_probability: Sum of the log-probabilities of the tokens and of the end.
        score: The same divided by the length penalty.
        attention: Cross-attention of each token to the source, shape `(len(tokens), source tokens)`.
        is_complete: Whether it ended before the length cap.

    Example:
        ```python
        codec.decode_ids(hypothesis.tokens)
        ```
    """

    tokens: tuple[int, ...]
    log_probability: float
    score: float
    attention: np.ndarray
    is_complete: bool
