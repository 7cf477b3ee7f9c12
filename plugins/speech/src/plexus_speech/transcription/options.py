"""Hyperparameters of transcription, and the data it reads: flags of `plexus train speech.transcribe`."""

from typing import Literal

from pydantic import Field

from plexus_speech.options import SpeechOptions
from plexus_speech.transcription.alphabet import LETTERS


class TranscriptionOptions(SpeechOptions):
    """Options of `speech.transcribe`.

    Example:
        ```python
        TranscriptionOptions.parse({"data": "LJSpeech-1.1", "beam": 16})
        ```
    """

    defaults = {"data": "spoken-strings", "batch_size": 32, "averaging": 0.995, "evaluate_every": 3}

    alphabet: str = Field(LETTERS, min_length=2, description="Characters of the texts, the space included.")
    join: int | None = Field(
        None,
        ge=1,
        le=20,
        description="Recordings joined to one training example, at most; by default 4 for single words, else 1.",
    )
    vocabulary: Literal["auto", "open", "closed"] = Field(
        "auto",
        description="Vocabulary of the decoder: closed (words of the training texts only), open (any letters); auto: "
        "closed if the texts have few words that occur often.",
    )
    beam: int = Field(8, ge=0, le=256, description="Width of the prefix beam search; 0: greedy decoding.")
