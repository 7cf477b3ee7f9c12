"""Augmented batches of words."""

import numpy as np

from plexus import Batches
from plexus.codec import Arrays
from plexus_speech.augmentation import add_noise, mask, vary_tempo, vary_voice
from plexus_speech.codec import CommandCodec
from plexus_speech.negatives import synthesize_negative
from plexus_speech.recordings import Recordings
from plexus_speech.spectrogram import compress_to_window

NEGATIVE_SHARE = 0.1
"""Share of a batch of the training that is synthetic negatives."""


class CommandBatches:
    """Makes the batches of one epoch: every recording once, augmented, some replaced by synthetic negatives.

    Args:
        recordings: The training recordings.
        codec: The codec.
        batch_size: Recordings per batch.
        strength: Strength of the augmentation.
        seed: Random seed.
        epoch: The epoch.
        negative_share: Share of a batch that is synthetic negatives.

    Example:
        ```python
        inputs, classes = CommandBatches(dataset["train"], codec, 64, strength=1.0, seed=0, epoch=0)(0)
        ```
    """

    def __init__(
        self,
        recordings: Recordings,
        codec: CommandCodec,
        batch_size: int,
        strength: float,
        seed: int,
        epoch: int,
        negative_share: float = NEGATIVE_SHARE,
    ) -> None:
        self.recordings, self.codec, self.strength, self.seed = recordings, codec, strength, (seed, epoch)
        self.negative_share = negative_share
        self.classes = codec.label_indices(recordings.targets)
        self.batch_size = min(batch_size, len(recordings))
        self.order = np.random.default_rng(self.seed).permutation(len(recordings))

    def __call__(self, number: int) -> tuple[Arrays, np.ndarray]:
        """Make one batch, a function of its number alone.

        Args:
            number: Number of the batch, from 0.

        Returns:
            `sound` of shape `(batch_size, frames, bands)`, and classes of shape `(batch_size,)`.
        """
        generator = np.random.default_rng((*self.seed, number))
        rows = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        negative = generator.random(len(rows)) < self.negative_share
        waveforms = [
            synthesize_negative(self.recordings, int(row), generator) if is_negative else self.recordings.waveforms[row]
            for row, is_negative in zip(rows, negative, strict=True)
        ]
        classes = np.where(negative, len(self.codec.labels) - 1, self.classes[rows]).astype(np.int32)
        return {"sound": np.stack([self._augment(waveform, generator) for waveform in waveforms])}, classes

    def batches(self) -> Batches:
        """Return the epoch; recordings that do not fill a batch are dropped.

        Returns:
            The batches.
        """
        return Batches.generated(self, len(self.order) // self.batch_size, self.batch_size)

    def _augment(self, waveform: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        power, strength = self.codec.power_spectrogram(waveform), self.strength
        power = vary_tempo(power, generator, strength)
        mel = add_noise(vary_voice(power, self.codec.rate, generator, strength), generator, strength)
        return mask(compress_to_window(mel, self.codec.frames, generator), generator, strength)
