"""The schema of the state of a `TextCodec`."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from plexus.codec_state import Base64, CodecState, Labels, Number


class NgramState(CodecState):
    """State of an `NgramHasher`."""

    max_words: Annotated[int, Field(ge=1, le=100)]
    max_gap: Annotated[int, Field(ge=0, le=100)]
    characters: bool
    buckets: Annotated[int, Field(ge=1, le=1 << 28)]


class FingerprintState(CodecState):
    """State of `TextFingerprints`."""

    letters: Base64
    shingles: Base64


class StackingState(CodecState):
    """State of a `Stacking`."""

    linear: Number
    ensemble: Number
    offsets: list[Number]


class TextState(CodecState):
    """State of a `TextCodec`."""

    labels: Labels
    tokenizer: Annotated[str, Field(max_length=1 << 27)]
    ngrams: NgramState
    seen_words: Base64
    window: Annotated[int, Field(ge=1, le=1_000_000)]
    fingerprints: FingerprintState
    stacking: StackingState
    teacher_accuracy: Annotated[float, Field(ge=0, le=1)] | None

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        if len(self.stacking.offsets) != len(self.labels):
            raise ValueError(f"stacking.offsets: expected {len(self.labels)}, found {len(self.stacking.offsets)}")
        expected = -(-self.ngrams.buckets // 8)  # bytes, three of which are four characters
        if len(self.seen_words) != -(-expected // 3) * 4:
            raise ValueError(f"seen_words: expected one bit for each of {self.ngrams.buckets:,} buckets")
        return self
