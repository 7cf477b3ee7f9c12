"""Hyperparameters that the speech tasks share, those of word recognition, and the microphone."""

from typing import Literal, Self

from pydantic import Field, model_validator

from plexus import OptionGroup, Options


class SpeechOptions(Options):
    """Options of both speech tasks.

    Example:
        ```python
        class SingingOptions(SpeechOptions):
            defaults = {"data": "songs"}
        ```
    """

    defaults = {
        "epochs": None,
        "batch_size": 64,
        "learning_rate": 3e-3,
        "averaging": 0.99,
        "dropout": 0.2,
        "patience": 0,
    }

    split: Literal["auto", "speakers", "official"] = Field(
        "auto",
        description="Test split: speakers (speakers that are not in the training split), official (the lists or the "
        "protocol of the data set); auto: its lists if there are any, else speakers if they are known.",
    )
    rate: int | None = Field(
        None, ge=4_000, le=48_000, description="Sampling rate in hertz; by default that of the data, at most 16,000."
    )
    augment: float = Field(
        1.0, ge=0, le=2, description="Strength of the augmentation of voices, rooms, microphones and noise; 0: off."
    )
    voices: str | None = Field(
        None,
        description="Language, as en or fr-be, in which synthetic voices of eSpeak NG speak the words of the training "
        "split as additional training examples, and for speech.commands pseudowords as unknown words; none: no "
        "synthetic voices. By default en for `fsdd` if eSpeak NG is installed, else none.",
    )
    network: Literal["embedding", "convolutional"] | None = Field(
        None,
        description="embedding (a network on pretrained speech embeddings, which stay frozen and use frequencies up to "
        "3,800 Hz), or convolutional (trained from random weights); by default embedding, and convolutional for texts "
        "of several words.",
    )
    channels: int = Field(
        16,
        ge=4,
        le=256,
        description="Channels of the first convolution of the convolutional network; later ones have more.",
    )

    @model_validator(mode="after")
    def _check_channels(self) -> Self:
        if self.network != "convolutional" and self.channels != type(self).model_fields["channels"].default:
            raise ValueError(f"channels {self.channels} is for --network convolutional: omit it, or add that option")
        return self


class CommandOptions(SpeechOptions):
    """Options of `speech.commands`.

    Example:
        ```python
        CommandOptions.parse({"data": "fsdd", "split": "official"})
        ```
    """

    defaults = {"data": "spoken"}

    words: str | None = Field(
        None, description="Words to recognize, separated by commas; all others become `unknown`. By default all."
    )
    window: float | None = Field(
        None,
        ge=0.32,
        le=3,
        description="Seconds of the network's window, rounded up to a multiple of 0.04; by default the length of the "
        "words.",
    )


class MicrophoneOptions(OptionGroup):
    """Options of `plexus predict` for speech.

    Example:
        ```python
        MicrophoneOptions.parse({"microphone": 3})
        ```
    """

    microphone: float | None = Field(
        None, gt=0, le=3600, description="Seconds to record from the microphone instead of reading an INPUT."
    )
