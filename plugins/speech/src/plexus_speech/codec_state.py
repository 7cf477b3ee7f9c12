"""The schemas of the states of speech codecs."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from plexus.codec_state import Base64, CodecState, LabelState, Number
from plexus_speech.spectrogram import BANDS, window_length

Rate = Annotated[int, Field(ge=100, le=1_000_000)]
"""Sampling rate in hertz."""


class FilterbankState(CodecState):
    """State of a `MelFilterbank`."""

    rate: Rate
    shape: Annotated[list[int], Field(min_length=2, max_length=2)]
    weights: Base64


class SpeechState(CodecState):
    """State of a `SpeechCodec`."""

    rate: Rate
    filterbank: FilterbankState
    training_checksums: Base64
    network: Literal["embedding", "convolutional"] = "convolutional"

    @model_validator(mode="after")
    def _check_filterbank(self) -> Self:
        expected = [window_length(self.rate) // 2 + 1, BANDS]
        if self.filterbank.rate != self.rate or self.filterbank.shape != expected:
            raise ValueError(f"filterbank: expected that of {self.rate} Hz, of shape {expected}")
        return self


class CommandState(SpeechState, LabelState):
    """State of a `CommandCodec`."""

    frames: Annotated[int, Field(ge=1, le=100_000)]
    unknown_offset: Number


class TranscriptState(SpeechState):
    """State of a `TranscriptCodec`."""

    alphabet: Annotated[str, Field(min_length=1, max_length=10_000)]
    beam: Annotated[int, Field(ge=0, le=256)]
    words: Annotated[list[Annotated[str, Field(min_length=1, max_length=1000)]], Field(min_length=1)] | None

    @model_validator(mode="after")
    def _check_words(self) -> Self:
        letters = {" ", *"".join(self.words)} if self.words else set()
        if missing := letters - set(self.alphabet):
            raise ValueError(f"words: the alphabet lacks {min(missing)!r}")
        return self
