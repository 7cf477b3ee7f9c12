"""Abstention from uncertain decisions."""

from typing import Annotated, NamedTuple, Self

import numpy as np
from pydantic import Field

from plexus.codec import JsonObject
from plexus.codec_state import CodecState
from plexus.metrics.abstention import abstention_threshold, decision_uncertainty


class AbstentionState(CodecState):
    """State of an `Abstention`."""

    share: Annotated[float, Field(gt=0, lt=1)]
    max_uncertainty: Annotated[float, Field(ge=0, le=1)]


class Abstention(NamedTuple):
    """The rule by which uncertain decisions are not answered (Chow 1970, doi:10.1109/TIT.1970.1054406).

    The uncertainty of a decision is its expected cost, in parts of that at the threshold:
    `plexus.metrics.abstention.decision_uncertainty`. The limit is the uncertainty that a stated share of the
    out-of-fold decisions exceeds. An interval that holds the threshold is no better rule: Venn-Abers intervals of many
    training images are narrow, so that nearly none would hold it.

    Attributes:
        share: Share of the out-of-fold decisions that is not answered, between 0 and 1.
        max_uncertainty: Largest uncertainty that is answered, from 0 to 1.

    Example:
        ```python
        abstention = Abstention.fit(out_of_fold_risks, threshold, share=0.1)
        abstention.reasons(risks, threshold)[0]  # "" for an image that is answered
        ```
    """

    share: float
    max_uncertainty: float

    @classmethod
    def fit(cls, risks: np.ndarray, threshold: float, share: float) -> Self:
        """Fit the limit to out-of-fold probabilities.

        Args:
            risks: Probabilities of the outcome of images that the members did not learn from, shape `(n,)`.
            threshold: Probability from which an image is positive.
            share: Share of the images that is not answered, between 0 and 1; fewer where uncertainties are equal.

        Returns:
            The rule.
        """
        return cls(share, abstention_threshold(decision_uncertainty(risks, threshold), 1 - share))

    def reasons(self, risks: np.ndarray, threshold: float) -> list[str]:
        """Return why each decision is too uncertain.

        Args:
            risks: Probabilities of the outcome, shape `(n,)`, for the prevalence of the training data.
            threshold: Probability from which an image is positive, for the same prevalence.

        Returns:
            One text per image, empty for those that are answered.
        """
        uncertain = decision_uncertainty(risks, threshold) > self.max_uncertainty
        reason = f"uncertain decision, as are the {self.share:.0%} most uncertain ones of the training images"
        return [reason if each else "" for each in uncertain.tolist()]

    def to_json(self) -> JsonObject:
        """Return the state as JSON types.

        Returns:
            The object that `from_json` takes, with the fields of `AbstentionState`.
        """
        return self._asdict()

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create the rule from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The rule.
        """
        return cls(**state)
