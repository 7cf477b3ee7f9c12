"""The part of a speech codec that encodes recordings."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np

from plexus import Codec
from plexus.codec import Arrays, Input, JsonObject
from plexus_speech.audio import FULL_SCALE
from plexus_speech.filterbank import MelFilterbank
from plexus_speech.segmentation import read_speech
from plexus_speech.spectrogram import power_spectrogram


class SpeechCodec(Codec):
    """Encodes recordings as mel spectrograms; base class of the codecs of both tasks.

    Args:
        rate: Sampling rate in hertz.
        filterbank: The mel filterbank of that rate.
        training_checksums: Checksums of the training recordings, from `encode_checksums`.
        network: The option `network` of the training, for the model card.

    Example:
        ```python
        codec.encode([Path("recording.wav")])["sound"].shape  # (1, frames, bands)
        ```
    """

    def __init__(
        self, rate: int, filterbank: MelFilterbank, training_checksums: str = "", network: str = "convolutional"
    ) -> None:
        self.rate, self.filterbank = rate, filterbank
        self.training_checksums, self.network = training_checksums, network

    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Read recordings, trim them and compute their spectrograms.

        Args:
            inputs: Recordings; see `plexus_speech.audio.RawRecording`.

        Returns:
            The result of `encode_waveforms`.

        Raises:
            InputError: If a recording cannot be read; the line names it.
        """
        return self.encode_waveforms([read_speech(recording, self.rate) for recording in inputs])

    @abstractmethod
    def encode_waveforms(self, waveforms: Sequence[np.ndarray]) -> Arrays:
        """Compute the network's inputs for waveforms in memory.

        Args:
            waveforms: 16-bit samples of each recording, at the codec's rate.

        Returns:
            Arrays by name.
        """

    def power_spectrogram(self, waveform: np.ndarray) -> np.ndarray:
        """Compute the power spectrogram of a waveform.

        Args:
            waveform: 16-bit samples of shape `(n,)`.

        Returns:
            Powers of shape `(frames, bins)`.
        """
        return power_spectrogram(waveform.astype(np.float32) / FULL_SCALE, self.rate)

    def mel_spectrogram(self, waveform: np.ndarray) -> np.ndarray:
        """Compute the mel spectrogram of a waveform.

        Args:
            waveform: 16-bit samples of shape `(n,)`.

        Returns:
            Powers of shape `(frames, bands)`.
        """
        return np.asarray(self.power_spectrogram(waveform) @ self.filterbank.weights)

    def to_json(self) -> JsonObject:
        """Return rate, filterbank, checksums and network.

        Returns:
            The object that `from_json` takes.
        """
        return {
            "rate": self.rate,
            "filterbank": self.filterbank.to_json(),
            "training_checksums": self.training_checksums,
            "network": self.network,
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The constructor's arguments, the filterbank as JSON.

        Returns:
            The codec.
        """
        return cls(**state | {"filterbank": MelFilterbank.from_json(state["filterbank"])})
