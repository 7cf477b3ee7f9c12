"""The schema of the state of a `TranslationCodec`."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from plexus.codec_state import CodecState, Labels, Number
from plexus_language.layout import MAX_WORDS

Token = Annotated[str, Field(min_length=1, max_length=200)]
Language = Annotated[str, Field(min_length=1, max_length=40)]


class ConfidenceState(CodecState):
    """State of a `Confidence`."""

    scores: Annotated[list[Number], Field(min_length=1, max_length=1000)]
    probabilities: Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        if len(self.scores) != len(self.probabilities) or sorted(self.scores) != self.scores:
            raise ValueError("scores: expected one ascending number for each of the probabilities")
        return self


class TranslationState(CodecState):
    """State of a `TranslationCodec`."""

    languages: Annotated[list[Language], Field(min_length=2, max_length=2)]
    both_directions: bool
    tokens: Annotated[Labels, Field(max_length=100_000)]
    merges: Annotated[list[Annotated[list[Token], Field(min_length=2, max_length=2)]], Field(max_length=100_000)]
    words: Annotated[dict[Language, list[Annotated[str, Field(max_length=1000)]]], Field(min_length=2, max_length=2)]
    length_ratio: Annotated[float, Field(ge=0, le=100)]
    digit_share: Annotated[float, Field(ge=0, le=1)]
    placeholders: Annotated[int, Field(ge=0, le=9)]
    confidence: ConfidenceState | None
    max_words: Annotated[int, Field(ge=1, le=1000)] = MAX_WORDS

    @model_validator(mode="after")
    def _check_languages(self) -> Self:
        if len(set(self.languages)) != 2 or set(self.words) != set(self.languages):
            raise ValueError(f"words: expected those of two languages {self.languages}, found {list(self.words)}")
        return self
