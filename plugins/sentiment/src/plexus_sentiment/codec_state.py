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
    negation: bool = False
    end_words: Annotated[int, Field(ge=0, le=100)] = 0


class FingerprintState(CodecState):
    """State of `TextFingerprints`."""

    letters: Base64
    sketches: Base64


class ShingleFingerprintState(CodecState):
    """State of `TextFingerprints` of bundles that have no sketches."""

    letters: Base64
    shingles: Base64


class StackingState(CodecState):
    """State of a `Stacking`."""

    knots: Annotated[list[Annotated[float, Field(ge=1, le=1e9)]], Field(min_length=1, max_length=100)]
    linear: list[Number]
    ensemble: list[Number]
    offsets: list[list[Number]]

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        if self.knots != sorted(set(self.knots)):
            raise ValueError("stacking.knots: expected ascending numbers of words")
        for name in ("linear", "ensemble", "offsets"):
            if len(getattr(self, name)) != len(self.knots):
                raise ValueError(f"stacking.{name}: expected {len(self.knots)}, found {len(getattr(self, name))}")
        return self


class ConstantStackingState(CodecState):
    """State of a `Stacking` of the bundles whose weights do not depend on the number of words."""

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
    fingerprints: FingerprintState | ShingleFingerprintState
    stacking: StackingState | ConstantStackingState
    teacher_accuracy: Annotated[float, Field(ge=0, le=1)] | None
    canonical: bool = False
    preset: Annotated[str, Field(max_length=1000)] | None = None
    ngram_windows: Annotated[int, Field(ge=1, le=400)] = 1

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        stacking = self.stacking
        of_knots = stacking.offsets if isinstance(stacking, StackingState) else [stacking.offsets]
        for offsets in of_knots:
            if len(offsets) != len(self.labels):
                raise ValueError(f"stacking.offsets: expected {len(self.labels)}, found {len(offsets)}")
        expected = -(-self.ngrams.buckets // 8)  # bytes, three of which are four characters
        if len(self.seen_words) != -(-expected // 3) * 4:
            raise ValueError(f"seen_words: expected one bit for each of {self.ngrams.buckets:,} buckets")
        return self
