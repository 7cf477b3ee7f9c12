"""An epoch of utterances, each said anew, and several joined to longer ones."""

import numpy as np

from plexus import Batches
from plexus.data.length_buckets import bucketed_rows
from plexus_speech.alphabet import indices
from plexus_speech.ctc import BLANK
from plexus_speech.features import HOP, compressed
from plexus_speech.recordings import Recordings
from plexus_speech.text_codec import STRIDE, TextCodec, filled, steps_of
from plexus_speech.voices import masked, noisy, varied

HEAD = 3
"""Columns of the targets before the letters."""
PAUSE, LOUDNESS = 0.4, 0.35
"""Seconds between two that are joined, at most; and how far their levels differ, as a logarithm to base 10."""


class Joined:
    """Batches of one epoch, each a function of its number: `(inputs, targets)`.

    Targets `(n, HEAD + letters + steps)`: how many steps of the output count, how many letters there are, the weight
    of the guide in percent, the letters, and the guide: a letter for each step.

    Args:
        train: the recordings, each of which is heard once.
        batch_size: recordings a step, however many are joined to one, so that steps take about as long.
        most: how many are joined to one, at most; as many in all of a batch, so that lengths are alike.
        longest: letters that the targets have room for.
        guided: the weight of the guide.
        amount: how far voices, rooms and microphones are varied.
        seed: of every choice, with the epoch.
    """

    def __init__(
        self,
        train: Recordings,
        codec: TextCodec,
        batch_size: int,
        most: int,
        longest: int,
        guided: float,
        amount: float,
        seed: tuple[int, int],
    ) -> None:
        self.train, self.codec, self.amount, self.seed = train, codec, amount, seed
        self.longest, self.guided = longest, guided
        self.batch_size = min(batch_size, len(train))
        generator, steps = np.random.default_rng(self.seed), len(train) // self.batch_size
        lengths = np.array([len(sound) for sound in train.sounds])
        batches = bucketed_rows(lengths, self.batch_size, *seed)
        drawn = [generator.permutation(rows) for rows in batches]
        joined = np.minimum(generator.integers(1, most + 1, steps), self.batch_size)
        self.groups = [
            rows[: len(rows) - len(rows) % together].reshape(-1, together)
            for rows, together in zip(drawn, joined, strict=True)
        ]

    def batches(self) -> Batches:
        """The epoch; recordings left over at the end are dropped."""
        return Batches.generated(self, len(self.groups), self.batch_size)

    def __call__(self, number: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """One batch."""
        generator = np.random.default_rng((*self.seed, number))
        groups = self.groups[number]
        said = [self._said(rows, generator) for rows in groups]
        sounds = filled([sound for sound, _ in said])
        targets = np.zeros((len(groups), HEAD + self.longest + sounds.shape[1] // STRIDE), np.int32)
        for rows, (sound, guide), target in zip(groups, said, targets, strict=True):
            letters = indices(" ".join(self.train.labels[row] for row in rows), self.codec.alphabet)
            target[: HEAD + len(letters)] = [steps_of(len(sound)), len(letters), round(100 * self.guided), *letters]
            target[HEAD + self.longest :][: len(guide)] = guide
        return {"sound": sounds}, targets

    def _said(self, rows: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """What is heard `(frames, bands)`, and the letter of each step, were all letters of a word equally long."""
        parts, guide, space = [], [], indices(" ", self.codec.alphabet)
        for row in rows:
            power = self.codec.spectra(self.train.sounds[row])
            mel = varied(power, self.codec.rate, generator, self.amount)
            pause = int(generator.uniform(0, PAUSE) / HOP)
            parts.append(np.zeros((pause, mel.shape[1]), np.float32))
            parts.append(mel / max(float(mel.mean()), 1e-12) * 10 ** generator.uniform(-LOUDNESS, LOUDNESS))
            letters = np.array(indices(self.train.labels[row], self.codec.alphabet))
            guide += [
                np.repeat(space if guide else [BLANK], pause),
                letters[np.arange(len(mel)) * len(letters) // len(mel)],
            ]
        whole = compressed(noisy(np.concatenate(parts), generator, self.amount))
        return masked(whole, generator, self.amount), np.concatenate(guide)[::STRIDE]
