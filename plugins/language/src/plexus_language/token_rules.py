"""Which tokens may follow in beam search: prefix, placeholders once, no repetition."""

from collections.abc import Collection, Sequence

import numpy as np

from plexus_language.hypotheses import Constraint

MAX_PERIOD = 4
"""Longest sequence of tokens that may not be repeated a second time."""


class TokenRules:
    """Excludes tokens by adding minus infinity to their log-probability.

    Args:
        size: Number of tokens.
        begin: Id of the token that the decoder starts with.
        end: Id of the token that ends a translation.
        forbidden: Ids that no translation has: padding, tags, the unknown token, placeholders that are not required.
        repeatable: Ids that may be repeated any number of times, such as digits.

    Example:
        ```python
        rules = TokenRules(codec.vocabulary_size, begin=codec.begin, end=codec.end, forbidden=[0])
        ```
    """

    def __init__(
        self, size: int, begin: int, end: int, forbidden: Collection[int] = (), repeatable: Collection[int] = ()
    ) -> None:
        self.begin, self.end = begin, end
        self._forbidden = np.zeros(size, np.float32)
        self._forbidden[[begin, *forbidden]] = -np.inf
        self._repeatable = np.zeros(size, bool)
        self._repeatable[list(repeatable)] = True

    def penalties(self, constraint: Constraint) -> np.ndarray:
        """Return what is added to the log-probabilities of a sentence at every step.

        Args:
            constraint: The constraint of the sentence.

        Returns:
            0 or minus infinity per token.
        """
        penalties = self._forbidden.copy()
        penalties[list(constraint.required)] = 0
        return penalties

    def apply(self, log_probabilities: np.ndarray, tokens: np.ndarray, constraints: Sequence[Constraint]) -> None:
        """Exclude the tokens that may not come next.

        Args:
            log_probabilities: Shape `(n, b, tokens)`; changed in place.
            tokens: Tokens of each hypothesis so far, shape `(n, b, t)`.
            constraints: Of each sentence.
        """
        length = tokens.shape[2]
        if length == 0:
            log_probabilities[:, :, self.end] = -np.inf
        else:
            self._exclude_repetition(log_probabilities, tokens, constraints)
        for row, constraint in enumerate(constraints):
            if length < len(constraint.prefix):
                self._force(log_probabilities[row], constraint.prefix[length])
            elif constraint.required:
                self._require(log_probabilities[row], tokens[row], constraint.required)

    def _force(self, log_probabilities: np.ndarray, token: int) -> None:
        values = log_probabilities[:, token].copy()
        log_probabilities[:] = -np.inf
        log_probabilities[:, token] = np.where(np.isfinite(values), values, 0.0)

    def _require(self, log_probabilities: np.ndarray, tokens: np.ndarray, required: frozenset[int]) -> None:
        """Exclude required tokens that are there already, and the end while one is missing."""
        for place, line in enumerate(tokens.tolist()):
            present = required.intersection(line)
            log_probabilities[place, list(present)] = -np.inf
            if len(present) < len(required):
                log_probabilities[place, self.end] = -np.inf

    def _exclude_repetition(
        self, log_probabilities: np.ndarray, tokens: np.ndarray, constraints: Sequence[Constraint]
    ) -> None:
        """Exclude the token that would begin a sequence of up to four tokens for the third time in a row."""
        is_free = np.array([constraint.may_repeat for constraint in constraints])
        for period in range(1, min(MAX_PERIOD, tokens.shape[2] // 2) + 1):
            last = tokens[:, :, -period:]
            repeats = (last == tokens[:, :, -2 * period : -period]).all(axis=2) & ~is_free[:, None]
            repeats &= ~self._repeatable[last].all(axis=2)
            rows, places = np.nonzero(repeats)
            log_probabilities[rows, places, last[rows, places, 0]] = -np.inf
