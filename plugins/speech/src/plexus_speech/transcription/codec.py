"""Conversion between recordings, spectrograms of any length, and texts."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from plexus import Prediction
from plexus.codec import Arrays, Input, JsonObject
from plexus.metrics.calibration import log_softmax
from plexus_speech.codec_state import TranscriptState
from plexus_speech.filterbank import MelFilterbank
from plexus_speech.spectrogram import HOP_SECONDS, SILENCE, compress
from plexus_speech.speech_codec import SpeechCodec
from plexus_speech.transcription.alphabet import indices_to_text, text_to_indices
from plexus_speech.transcription.ctc import BLANK, align, decode_beam, decode_greedy
from plexus_speech.transcription.lexicon import Lexicon

STRIDE = 2
"""Frames per step of the network's output."""
WIDTH_MULTIPLE = 32
"""Padded spectrograms have a multiple of so many frames."""
PADDING_FRAMES = 10
"""Frames of silence after the end of a spectrogram, at least."""


class TimedWord(Prediction):
    """A word of a transcript.

    Attributes:
        word: The word.
        start: Start in seconds.
        end: End in seconds.
        confidence: Mean probability of its letters, each at its most probable step.

    Example:
        ```python
        TimedWord(word="yes", start=0.2, end=0.5, confidence=0.98)
        ```
    """

    word: str
    start: float
    end: float
    confidence: float


class Transcript(Prediction):
    """The text of a recording.

    Attributes:
        text: The text.
        confidence: Confidence of the least confident word.
        words: The words with their times.

    Example:
        ```python
        transcript = bundle.predict([Path("recording.wav")])[0]
        transcript.text
        ```
    """

    text: str
    confidence: float
    words: tuple[TimedWord, ...]

    def __str__(self) -> str:
        return f"{self.text}  {self.confidence:.1%}" if self.text else "no words recognized"


class TranscriptCodec(SpeechCodec):
    """Recordings to spectrograms of shape `(n, frames, bands)`, and logits of letters at each step to texts.

    Args:
        alphabet: The letters in the order of the network's outputs, after the blank.
        rate: Sampling rate in hertz.
        filterbank: The mel filterbank of that rate.
        beam: Width of the prefix beam search; 0 for greedy decoding.
        words: The closed vocabulary of the decoder, if any.
        training_checksums: Checksums of the training recordings.
        network: The option `network` of the training.

    Example:
        ```python
        codec = TranscriptCodec(" abc", 16_000, MelFilterbank.fit(16_000), beam=8)
        ```
    """

    state = TranscriptState

    def __init__(
        self,
        alphabet: str,
        rate: int,
        filterbank: MelFilterbank,
        beam: int,
        words: Sequence[str] | None = None,
        training_checksums: str = "",
        network: str = "convolutional",
    ) -> None:
        super().__init__(rate, filterbank, training_checksums, network)
        self.alphabet, self.beam, self.words = alphabet, beam, None if words is None else list(words)

    @cached_property
    def lexicon(self) -> Lexicon | None:
        """The closed vocabulary as a prefix tree.

        Returns:
            The lexicon; None if any word is allowed.
        """
        if self.words is None:
            return None
        (space,) = text_to_indices(" ", self.alphabet)
        return Lexicon([text_to_indices(word, self.alphabet) for word in self.words], space)

    def encode_waveforms(self, waveforms: Sequence[np.ndarray]) -> Arrays:
        """Compute a compressed spectrogram of each waveform, padded with silence to the same width.

        Args:
            waveforms: 16-bit samples of each recording, at the codec's rate; at least one.

        Returns:
            `sound` of shape `(n, frames, bands)`.
        """
        return {"sound": pad_spectrograms([compress(self.mel_spectrogram(waveform)) for waveform in waveforms])}

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> Sequence[Transcript]:
        """Return the text of each recording; times count from the beginning of speech.

        Args:
            outputs: The network's outputs, with `logits` of shape `(n, steps, 1 + letters)`.
            inputs: The raw inputs, which are not needed.

        Returns:
            One transcript per recording.
        """
        return [self.transcribe(logs) for logs in log_softmax(outputs["logits"])]

    def decode_letters(self, logs: np.ndarray, beam: int | None = None) -> list[int]:
        """Decode the letters of one recording.

        Args:
            logs: Log-probabilities of shape `(steps, 1 + letters)`.
            beam: Width of the prefix beam search; by default that of the codec.

        Returns:
            Indices of the letters.
        """
        width = self.beam if beam is None else beam
        return decode_beam(logs, width, self.lexicon) if width else decode_greedy(logs)

    def decode_text(self, logs: np.ndarray, beam: int | None = None) -> str:
        """Decode the text of one recording.

        Args:
            logs: Log-probabilities of shape `(steps, 1 + letters)`.
            beam: Width of the prefix beam search; by default that of the codec.

        Returns:
            The text.
        """
        return indices_to_text(self.decode_letters(logs, beam), self.alphabet)

    def transcribe(self, logs: np.ndarray, offset: float = 0.0) -> Transcript:
        """Decode one recording with the times of its words.

        Args:
            logs: Log-probabilities of shape `(steps, 1 + letters)`.
            offset: Seconds that are added to all times.

        Returns:
            The transcript.
        """
        letters = self.decode_letters(logs)
        spans, text = align(logs, letters), indices_to_text(letters, self.alphabet)
        confidences = [
            float(np.exp(logs[first:end, letter].max())) for letter, (first, end) in zip(letters, spans, strict=True)
        ]
        words, position = [], 0
        for word in text.split(" "):
            rows = slice(position, position + len(word))
            position += len(word) + 1
            if word:
                first, end = (float(step) * STRIDE * HOP_SECONDS for step in (spans[rows][0][0], spans[rows][-1][1]))
                confidence = round(float(np.mean(confidences[rows])), 6)
                start, end = round(offset + first, 2), round(offset + end, 2)
                words.append(TimedWord(word=word, start=start, end=end, confidence=confidence))
        confidence_of_silence = round(float(np.exp(logs[:, BLANK].mean())), 6)
        return Transcript(
            text=" ".join(word.word for word in words),
            confidence=min((word.confidence for word in words), default=confidence_of_silence),
            words=tuple(words),
        )

    def to_json(self) -> JsonObject:
        """Return the constructor's arguments, the filterbank as JSON.

        Returns:
            The object that `from_json` takes.
        """
        return {"alphabet": self.alphabet, "beam": self.beam, "words": self.words} | super().to_json()


def pad_spectrograms(spectrograms: Sequence[np.ndarray]) -> np.ndarray:
    """Join spectrograms of any length in one array.

    Args:
        spectrograms: Compressed spectrograms of shape `(any, bands)`; at least one.

    Returns:
        Array of shape `(n, frames, bands)`, with silence after each spectrogram.
    """
    width = -(-(max(map(len, spectrograms)) + PADDING_FRAMES) // WIDTH_MULTIPLE) * WIDTH_MULTIPLE
    padded = np.full((len(spectrograms), width, spectrograms[0].shape[1]), SILENCE, np.float32)
    for row, spectrogram in zip(padded, spectrograms, strict=True):
        row[: len(spectrogram)] = spectrogram
    return padded


def output_steps(frames: int) -> int:
    """Return the steps of the network's output that belong to a spectrogram before it was padded.

    Args:
        frames: Frames of the spectrogram.

    Returns:
        The number of steps, with some silence after the end.
    """
    return -(-(frames + PADDING_FRAMES) // STRIDE)
