"""An epoch of utterances, each said anew, and several joined to longer ones."""

import numpy as np

from plexus import Batches
from plexus_speech.alphabet import indices
from plexus_speech.features import HOP, compressed
from plexus_speech.recordings import Recordings
from plexus_speech.text_codec import TextCodec, filled, steps_of
from plexus_speech.voices import masked, noisy, varied

PAUSE, LOUDNESS = 0.4, 0.35
"""Seconds between two that are joined, at most; and how far their levels differ, as a logarithm to base 10."""


class Joined:
    """Batches of one epoch, each a function of its number: `(inputs, targets)`.

    Targets are `(n, 2 + letters)`: how many steps of the output count, how many letters there are, and they.

    Args:
        train: the recordings; in one order or another until the epoch is full.
        steps: batches of the epoch.
        most: how many are joined to one, at most; as many in all of a batch, so that lengths are alike.
        amount: how far voices, rooms and microphones are varied.
        seed, epoch: of every choice.
    """

    def __init__(
        self,
        train: Recordings,
        codec: TextCodec,
        batch_size: int,
        steps: int,
        most: int,
        amount: float,
        seed: int,
        epoch: int,
    ) -> None:
        self.train, self.codec, self.amount, self.seed = train, codec, amount, (seed, epoch)
        self.batch_size = min(batch_size, len(train))
        generator, self.groups = np.random.default_rng(self.seed), []
        left = np.zeros(0, int)
        for together in generator.integers(1, most + 1, steps):
            while len(left) < self.batch_size * together:
                left = np.append(left, generator.permutation(len(train)))
            taken, left = np.split(left, [self.batch_size * together])
            self.groups.append(taken.reshape(self.batch_size, together))
        self.longest = (max(len(label) for label in train.labels) + 1) * most

    def batches(self) -> Batches:
        """The epoch."""
        return Batches.made(self, len(self.groups), self.batch_size)

    def __call__(self, number: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """One batch."""
        generator = np.random.default_rng((*self.seed, number))
        sounds, targets = [], np.zeros((self.batch_size, 2 + self.longest), np.int32)
        for rows, target in zip(self.groups[number], targets, strict=True):
            sound = self._said(rows, generator)
            letters = indices(" ".join(self.train.labels[row] for row in rows), self.codec.alphabet)
            target[: 2 + len(letters)] = [steps_of(len(sound)), len(letters), *letters]
            sounds.append(sound)
        return {"sound": filled(sounds)}, targets

    def _said(self, rows: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        parts: list[np.ndarray] = []
        for row in rows:
            power = self.codec.spectra(self.train.sounds[row])
            mel = varied(power, self.codec.rate, generator, self.amount)
            parts.append(np.zeros((int(generator.uniform(0, PAUSE) / HOP), mel.shape[1]), np.float32))
            parts.append(mel / max(float(mel.mean()), 1e-12) * 10 ** generator.uniform(-LOUDNESS, LOUDNESS))
        return masked(compressed(noisy(np.concatenate(parts), generator, self.amount)), generator, self.amount)
