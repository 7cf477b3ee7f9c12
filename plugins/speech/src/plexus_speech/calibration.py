"""Recordings in other voices, on which the rejection of unknown words is calibrated."""

import numpy as np

from plexus.codec import Arrays
from plexus_speech.augmentation import add_noise, vary_voice
from plexus_speech.codec import CommandCodec
from plexus_speech.recordings import Recordings
from plexus_speech.spectrogram import compress_to_window

STRENGTH = 1.5
"""Strength of the variation: more than in training, because the network has learned that of training."""
MIN_EXAMPLES = 300
"""Fewer recordings are varied several times each, until there are so many examples."""


def encode_in_other_voices(recordings: Recordings, codec: CommandCodec, seed: int = 0) -> tuple[Arrays, np.ndarray]:
    """Encode recordings in the middle of the window, each with another voice, room, microphone and noise.

    Args:
        recordings: The recordings, at least one, at the codec's rate.
        codec: The codec.
        seed: Random seed.

    Returns:
        `sound` of shape `(n, frames, bands)`, and the classes of shape `(n,)`.
    """
    generator = np.random.default_rng(seed)
    repeats = -(-MIN_EXAMPLES // len(recordings))
    windows = []
    for waveform in recordings.waveforms:
        power = codec.power_spectrogram(waveform)
        for _ in range(repeats):
            mel = add_noise(vary_voice(power, codec.rate, generator, STRENGTH), generator, STRENGTH)
            windows.append(compress_to_window(mel, codec.frames))
    return {"sound": np.stack(windows)}, np.repeat(codec.label_indices(recordings.targets), repeats)
