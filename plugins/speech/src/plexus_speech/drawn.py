"""An epoch of words, each said anew."""

import numpy as np

from plexus import Batches
from plexus_speech.codec import WordCodec
from plexus_speech.features import in_window
from plexus_speech.recordings import Recordings
from plexus_speech.strangers import stranger
from plexus_speech.voices import masked, noisy, varied

STRANGERS = 0.1
"""The share of a batch that is made-up sounds."""


class Drawn:
    """Batches of one epoch, each a function of its number: `(inputs, targets)`.

    Args:
        train: the recordings to draw from, each once.
        amount: how far voices, rooms and microphones are varied.
        seed, epoch: of every choice.
    """

    def __init__(
        self, train: Recordings, codec: WordCodec, batch_size: int, amount: float, seed: int, epoch: int
    ) -> None:
        self.train, self.codec, self.amount, self.seed = train, codec, amount, (seed, epoch)
        self.targets = codec.targets(train.labels)
        self.batch_size = min(batch_size, len(train))
        self.order = np.random.default_rng(self.seed).permutation(len(train))

    def batches(self) -> Batches:
        """The epoch; recordings left over at the end are dropped."""
        return Batches.generated(self, len(self.order) // self.batch_size, self.batch_size)

    def __call__(self, number: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """One batch."""
        generator = np.random.default_rng((*self.seed, number))
        rows = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        strange = generator.random(len(rows)) < STRANGERS
        sounds = [
            stranger(self.train, int(row), generator) if made_up else self.train.sounds[row]
            for row, made_up in zip(rows, strange, strict=True)
        ]
        targets = np.where(strange, len(self.codec.labels), self.targets[rows]).astype(np.int32)
        return {"sound": np.stack([self._varied(sound, generator) for sound in sounds])}, targets

    def _varied(self, sound: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        power, frames, amount = self.codec.spectra(sound), self.codec.frames, self.amount
        mel = noisy(varied(power, self.codec.rate, generator, amount), generator, amount)
        return masked(in_window(mel, frames, generator), generator, amount)
