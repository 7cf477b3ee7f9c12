"""Conversion between recordings, spectrograms and words."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from plexus import ClassificationCodec, LabelPrediction
from plexus.codec import Arrays, Input, JsonObject
from plexus.metrics.calibration import softmax
from plexus_speech.codec_state import CommandState
from plexus_speech.filterbank import MelFilterbank
from plexus_speech.spectrogram import BANDS, HOP_SECONDS, compress_to_window
from plexus_speech.speech_codec import SpeechCodec


class DetectedWord(LabelPrediction):
    """A word in a recording of several.

    Attributes:
        start: Start of the word in seconds.
        end: End of the word in seconds.

    Example:
        ```python
        [(word.label, word.start) for word in prediction.words]
        ```
    """

    start: float
    end: float


class CommandPrediction(LabelPrediction):
    """The word of a recording; of a longer recording the most confident one, and all words.

    Attributes:
        words: All words with their times; empty if the recording fits one window.

    Example:
        ```python
        prediction = bundle.predict([Path("recording.wav")])[0]
        prediction.label, prediction.words
        ```
    """

    words: tuple[DetectedWord, ...] = ()

    def __str__(self) -> str:
        if not self.words:
            return super().__str__()
        return "  ".join(f"{word.start:.2f}-{word.end:.2f} {word.label} {word.probability:.0%}" for word in self.words)


class CommandCodec(SpeechCodec, ClassificationCodec):
    """Recordings to spectrograms of shape `(n, frames, bands)`, and logits to calibrated words.

    Args:
        labels: The words in the order of the network's outputs, then `unknown`.
        rate: Sampling rate in hertz.
        filterbank: The mel filterbank of that rate.
        frames: Frames of the network's window.
        temperature: Divides the logits.
        unknown_offset: Added to the logit of `unknown` before.
        training_checksums: Checksums of the training recordings.
        network: The option `network` of the training.

    Example:
        ```python
        codec = CommandCodec(["no", "yes", "unknown"], 16_000, MelFilterbank.fit(16_000), frames=60)
        codec.encode([Path("yes.wav")])["sound"].shape  # (1, 60, 40)
        ```
    """

    state = CommandState

    def __init__(
        self,
        labels: Sequence[str],
        rate: int,
        filterbank: MelFilterbank,
        frames: int,
        temperature: float = 1.0,
        unknown_offset: float = 0.0,
        training_checksums: str = "",
        network: str = "convolutional",
    ) -> None:
        ClassificationCodec.__init__(self, labels, temperature)
        SpeechCodec.__init__(self, rate, filterbank, training_checksums, network)
        self.frames, self.unknown_offset = frames, unknown_offset

    @property
    def window_seconds(self) -> float:
        """Length of the network's window in seconds."""
        return self.frames * HOP_SECONDS

    def encode_waveforms(self, waveforms: Sequence[np.ndarray]) -> Arrays:
        """Compute a compressed spectrogram of each waveform, in the middle of the window.

        Args:
            waveforms: 16-bit samples of each recording, at the codec's rate.

        Returns:
            `sound` of shape `(n, frames, bands)`.
        """
        windows = [compress_to_window(self.mel_spectrogram(waveform), self.frames) for waveform in waveforms]
        return {"sound": np.stack(windows) if windows else np.zeros((0, self.frames, BANDS), np.float32)}

    def probabilities(self, outputs: Arrays) -> np.ndarray:
        """Return calibrated probabilities.

        Args:
            outputs: The network's outputs, with `logits` of shape `(n, labels)`.

        Returns:
            Array of shape `(n, labels)` whose rows sum to 1.
        """
        logits = outputs["logits"].astype(np.float64)
        logits[:, -1] += self.unknown_offset
        return softmax(logits, self.temperature)

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> Sequence[CommandPrediction]:
        """Return the most probable word of each window, and the next best.

        Args:
            outputs: The network's outputs.
            inputs: The raw inputs, which are not needed.

        Returns:
            One prediction per window.
        """
        return [CommandPrediction.from_probabilities(self.labels, row) for row in self.probabilities(outputs)]

    def with_calibration(self, temperature: float, unknown_offset: float) -> Self:
        """Return a calibrated copy.

        Args:
            temperature: Divides the logits; above 0.
            unknown_offset: Added to the logit of `unknown` before.

        Returns:
            The codec.
        """
        codec = self.with_temperature(temperature)
        codec.unknown_offset = unknown_offset
        return codec

    def to_json(self) -> JsonObject:
        """Return the constructor's arguments, the filterbank as JSON.

        Returns:
            The object that `from_json` takes.
        """
        window = {"frames": self.frames, "unknown_offset": self.unknown_offset}
        return ClassificationCodec.to_json(self) | window | SpeechCodec.to_json(self)
