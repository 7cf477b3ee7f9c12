"""Augmented batches of utterances, several joined to one."""

import numpy as np

from plexus import Batches
from plexus.codec import Arrays
from plexus.data.length_buckets import bucketed_rows
from plexus_speech.augmentation import add_noise, mask, vary_voice
from plexus_speech.recordings import Recordings
from plexus_speech.spectrogram import HOP_SECONDS, compress
from plexus_speech.transcription.alphabet import text_to_indices
from plexus_speech.transcription.codec import STRIDE, TranscriptCodec, output_steps, pad_spectrograms
from plexus_speech.transcription.ctc import BLANK

HEADER = 3
"""Columns of the targets before the letters."""
MAX_PAUSE_SECONDS, MAX_LOG10_LEVEL = 0.4, 0.35
"""Longest pause between two joined recordings, and the range of their levels as a logarithm to base 10."""


class TranscriptBatches:
    """Makes the batches of one epoch: every recording once, augmented, several joined to one example.

    Targets of shape `(n, HEADER + max_letters + steps)` hold, for each example, the number of output steps, the number
    of letters, the weight of the flat alignment in percent, the letters, and the flat alignment: one letter for each
    step, as if all letters of a word were equally long.

    Args:
        recordings: The training recordings.
        codec: The codec.
        batch_size: Recordings per batch, however many are joined, so that all steps take about the same time.
        max_joined: Recordings that are joined to one example, at most; the same number within a batch, so that lengths
            are similar.
        max_letters: Columns of the targets for letters.
        alignment_weight: Weight of the flat alignment.
        strength: Strength of the augmentation.
        seed: Random seed and epoch.

    Example:
        ```python
        batches = TranscriptBatches(
            train, codec, 32, max_joined=4, max_letters=200, alignment_weight=0.0, strength=1.0, seed=(0, epoch)
        )
        ```
    """

    def __init__(
        self,
        recordings: Recordings,
        codec: TranscriptCodec,
        batch_size: int,
        max_joined: int,
        max_letters: int,
        alignment_weight: float,
        strength: float,
        seed: tuple[int, int],
    ) -> None:
        self.recordings, self.codec, self.strength, self.seed = recordings, codec, strength, seed
        self.max_letters, self.alignment_weight = max_letters, alignment_weight
        self.batch_size = min(batch_size, len(recordings))
        generator, steps = np.random.default_rng(seed), len(recordings) // self.batch_size
        lengths = np.array([len(waveform) for waveform in recordings.waveforms])
        shuffled = [generator.permutation(rows) for rows in bucketed_rows(lengths, self.batch_size, *seed)]
        joined = np.minimum(generator.integers(1, max_joined + 1, steps), self.batch_size)
        self.groups = [
            rows[: len(rows) - len(rows) % count].reshape(-1, count)
            for rows, count in zip(shuffled, joined, strict=True)
        ]

    def __call__(self, number: int) -> tuple[Arrays, np.ndarray]:
        """Make one batch, a function of its number alone.

        Args:
            number: Number of the batch, from 0.

        Returns:
            `sound` of shape `(n, frames, bands)`, and targets as described above.
        """
        generator = np.random.default_rng((*self.seed, number))
        groups = self.groups[number]
        examples = [self._join(rows, generator) for rows in groups]
        sounds = pad_spectrograms([spectrogram for spectrogram, _ in examples])
        targets = np.zeros((len(groups), HEADER + self.max_letters + sounds.shape[1] // STRIDE), np.int32)
        for rows, (spectrogram, alignment), target in zip(groups, examples, targets, strict=True):
            text = " ".join(self.recordings.targets[row] for row in rows)
            letters = text_to_indices(text, self.codec.alphabet)
            header = output_steps(len(spectrogram)), len(letters), round(100 * self.alignment_weight)
            target[: HEADER + len(letters)] = [*header, *letters]
            target[HEADER + self.max_letters :][: len(alignment)] = alignment
        return {"sound": sounds}, targets

    def batches(self) -> Batches:
        """Return the epoch; recordings that do not fill a batch are dropped.

        Returns:
            The batches.
        """
        return Batches.generated(self, len(self.groups), self.batch_size)

    def _join(self, rows: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return a compressed spectrogram of shape `(frames, bands)`, and its flat alignment."""
        parts: list[np.ndarray] = []
        alignment: list[np.ndarray] = []
        space = np.array(text_to_indices(" ", self.codec.alphabet))
        for row in rows:
            power = self.codec.power_spectrogram(self.recordings.waveforms[row])
            mel = vary_voice(power, self.codec.rate, generator, self.strength)
            pause = int(generator.uniform(0, MAX_PAUSE_SECONDS) / HOP_SECONDS)
            level = 10 ** generator.uniform(-MAX_LOG10_LEVEL, MAX_LOG10_LEVEL)
            parts += [np.zeros((pause, mel.shape[1]), np.float32), mel / max(float(mel.mean()), 1e-12) * level]
            letters = np.array(text_to_indices(self.recordings.targets[row], self.codec.alphabet))
            alignment += [
                np.repeat(space if alignment else BLANK, pause),
                letters[np.arange(len(mel)) * len(letters) // len(mel)],
            ]
        compressed = compress(add_noise(np.concatenate(parts), generator, self.strength))
        return mask(compressed, generator, self.strength), np.concatenate(alignment)[::STRIDE]
