"""What hearing words can be told."""

from typing import Literal

from pydantic import Field

from plexus import Options
from plexus.utils.option_group import OptionGroup
from plexus_speech.alphabet import LETTERS


class SpeechOptions(Options):
    """What both tasks of speech can be told."""

    split: Literal["auto", "speakers", "official"] = Field(
        "auto",
        description="what is kept for testing: speakers who are never heard in training, or what the set's own lists "
        "or protocol say, if it has any [default: its lists if there are some, else speakers where they are known]",
    )
    rate: int | None = Field(
        None,
        ge=4_000,
        le=48_000,
        description="samples a second that all is resampled to [default: the data's, 16,000 at most]",
    )
    augment: float = Field(1.0, ge=0, le=2, description="how far voices, rooms and microphones are varied in training")
    channels: int = Field(16, ge=4, le=256, description="of the first convolution; later ones have more")
    batch_size: int | None = Field(64, ge=1, le=65_536, description="recordings a step")
    learning_rate: float = Field(3e-3, gt=0, le=100, description="at its highest")
    averaging: float = Field(0.99, ge=0, lt=1, description="decay a step of the weights' moving average; 0: none")
    dropout: float = Field(0.2, ge=0, lt=1, description="share of the features that are dropped before the last layer")


class CommandsOptions(SpeechOptions):
    """Settings of `speech.commands`."""

    data: str = Field(
        "spoken",
        description="a folder with a sub-folder a word, or of {word}_{speaker}_{n}.wav; a .csv with columns path, "
        "label and, if known, speaker and split; a named set: spoken, fsdd, speech_commands",
    )
    words: str | None = Field(
        None, description="those to tell apart, with commas between; all others are examples of unknown [default: all]"
    )
    window: float | None = Field(
        None, ge=0.3, le=3, description="seconds that are heard at once [default: by the words' lengths]"
    )
    epochs: int | None = Field(
        None, ge=1, le=100_000, description="how often all of the data is gone through [default: by the data]"
    )
    patience: int | None = Field(0, ge=0, description="epochs without a better score before stopping early; 0: never")


class TranscribeOptions(SpeechOptions):
    """Settings of `speech.transcribe`."""

    data: str = Field(
        "spoken-strings",
        description="a folder like LibriSpeech's (*.trans.txt) or LJ Speech's (metadata.csv); a .csv with columns "
        "path, text and, if known, speaker and split; or NAME-strings: words of a set for speech.commands in strings, "
        "as fsdd-strings",
    )
    alphabet: str = Field(LETTERS, min_length=2, description="the letters of texts, with the space between words")
    join: int | None = Field(
        None, ge=1, le=20, description="recordings that are joined to one in training, at most [default: by the data]"
    )
    vocabulary: Literal["auto", "open", "closed"] = Field(
        "auto", description="whether only words of the training texts are written [default: if few are often said]"
    )
    beam: int = Field(8, ge=0, le=256, description="prefixes that decoding keeps; 0: the likeliest letter at each step")
    batch_size: int | None = Field(32, ge=1, le=65_536, description="recordings a step, however many are joined")
    averaging: float = Field(0.995, ge=0, lt=1, description="decay a step of the weights' moving average; 0: none")
    evaluate_every: int = Field(3, ge=1, description="epochs from one measurement on the validation split to the next")
    epochs: int | None = Field(
        None, ge=1, le=100_000, description="how often all of the data is gone through [default: by the data]"
    )
    patience: int | None = Field(0, ge=0, description="epochs without a better score before stopping early; 0: never")


class MicrophoneFlags(OptionGroup):
    """What only `plexus predict` of speech can be told."""

    microphone: float | None = Field(
        None, gt=0, le=3600, description="seconds to listen to the microphone, instead of an INPUT"
    )
