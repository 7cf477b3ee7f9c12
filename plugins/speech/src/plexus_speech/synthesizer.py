"""Synthesis of words: a data set of recordings that needs no file."""

from dataclasses import dataclass

import numpy as np

from plexus.data.arrays import Pair
from plexus_speech.audio import Waveform, to_int16

RATE, BLOCK = 16_000, 160
"""Sampling rate, and samples in which formants are constant."""
SPEAKERS, TAKES = 16, 4
"""Voices of the data set, and recordings of each word by each voice."""
PITCH_RANGE, TRACT_RANGE = (90, 240), (0.85, 1.2)
"""Ranges of the voices' pitch in hertz and of their relative vocal tract length."""


@dataclass(frozen=True)
class Phone:
    """Parameters of a phone for formant synthesis.

    Args:
        seconds: Mean duration.
        formants: Resonances of the vocal tract in hertz (of vowels: Peterson & Barney 1952).
        voicing: Amplitude of the vocal cords, from 0 to 1.
        frication: Amplitude of the noise, from 0 to 1.
        frication_hertz: Centre frequency of the noise.

    Example:
        ```python
        Phone(0.12, (270, 2290, 3010), voicing=1.0)  # the vowel of "see"
        ```
    """

    seconds: float
    formants: tuple[int, int, int] = (500, 1500, 2500)
    voicing: float = 0.0
    frication: float = 0.0
    frication_hertz: float = 3000.0


PHONES = {
    "i": Phone(0.12, (270, 2290, 3010), 1.0),
    "e": Phone(0.13, (530, 1840, 2480), 1.0),
    "a": Phone(0.13, (730, 1090, 2440), 1.0),
    "o": Phone(0.13, (570, 840, 2410), 1.0),
    "u": Phone(0.10, (300, 870, 2240), 0.8),
    "y": Phone(0.05, (280, 2200, 3000), 0.6),
    "r": Phone(0.07, (420, 1200, 1600), 0.6),
    "l": Phone(0.07, (380, 1000, 2600), 0.6),
    "n": Phone(0.08, (280, 1500, 2500), 0.4),
    "s": Phone(0.12, frication=0.5, frication_hertz=5500),
    "f": Phone(0.09, frication=0.2, frication_hertz=3500),
    "-": Phone(0.05),
    "t": Phone(0.03, frication=0.6, frication_hertz=4500),
    "p": Phone(0.02, frication=0.5, frication_hertz=900),
    "d": Phone(0.02, (300, 1700, 2600), 0.5, 0.3, 3500),
    "g": Phone(0.02, (300, 1900, 2300), 0.5, 0.3, 1900),
}
WORDS = {
    "yes": "yes",
    "no": "nou",
    "up": "a-p",
    "down": "daun",
    "left": "lef-t",
    "right": "rai-t",
    "stop": "s-to-p",
    "go": "gou",
}


def synthesize_dataset() -> dict[str, Pair]:
    """Synthesize each word by each voice.

    Returns:
        Waveforms and words of the split `train`, as arrays of objects.
    """
    waveforms, words = [], []
    for speaker in range(SPEAKERS):
        generator = np.random.default_rng(speaker)
        pitch, tract = generator.uniform(*PITCH_RANGE), generator.uniform(*TRACT_RANGE)
        for word, phones in WORDS.items():
            for take in range(TAKES):
                samples = to_int16(synthesize_word(phones, pitch, tract, generator))
                waveforms.append(Waveform(samples, RATE, f"{word}_{speaker}_{take}"))
                words.append(word)
    return {"train": (np.array(waveforms, object), np.array(words, object))}


def synthesize_word(phones: str, pitch: float, tract: float, generator: np.random.Generator) -> np.ndarray:
    """Synthesize a word: pulses and noise through resonances that glide from phone to phone (Klatt 1980).

    Args:
        phones: Keys of `PHONES`.
        pitch: Pitch of the voice in hertz.
        tract: Relative length of the vocal tract; formants are divided by it.
        generator: Draws tempo, melody and breath.

    Returns:
        Samples of shape `(n,)` from -1 to 1, at `RATE`.
    """
    tempo = generator.uniform(0.8, 1.25)
    tracks = _parameter_tracks([PHONES[phone] for phone in phones], tempo, generator)
    count = len(tracks) * BLOCK
    melody = pitch * generator.uniform(0.9, 1.1) * np.linspace(1.1, 0.85, count)
    phase = np.cumsum(melody / RATE)
    pulses = np.diff(np.floor(phase), prepend=0.0) * 8 + generator.normal(0, 0.05, count)
    breath = generator.standard_normal(count)
    samples = _resonate(pulses, tracks[:, 0:3] / tract, tracks[:, 3], bandwidth=90)
    samples += 0.3 * _resonate(breath, tracks[:, 5:6], tracks[:, 4], bandwidth=900)
    samples += generator.normal(0, 10 ** -generator.uniform(2.5, 4), count)
    return np.asarray(samples / np.abs(samples).max() * generator.uniform(0.2, 0.9))


def _parameter_tracks(phones: list[Phone], tempo: float, generator: np.random.Generator) -> np.ndarray:
    """Return formants, voicing, frication and its frequency for each block, smoothed over three blocks."""
    rows = []
    for phone in phones:
        blocks = max(round(phone.seconds * tempo * generator.uniform(0.85, 1.15) * RATE / BLOCK), 2)
        formants = np.array(phone.formants) * generator.normal(1, 0.03, 3)
        rows += [[*formants, phone.voicing, phone.frication, phone.frication_hertz]] * blocks
    kernel = np.ones(3) / 3
    padded = np.pad(np.array(rows), ((1, 1), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, kernel, "valid") for column in padded.T], axis=1)


def _resonate(samples: np.ndarray, formants: np.ndarray, amplitude: np.ndarray, bandwidth: float) -> np.ndarray:
    """Filter samples by two-pole resonances in series, whose frequencies change from block to block."""
    from scipy.signal import lfilter

    blocks = samples.reshape(-1, BLOCK) * amplitude[:, None]
    radius = np.exp(-np.pi * bandwidth / RATE)
    for frequencies in formants.T:
        state, filtered = np.zeros(2), []
        for block, hertz in zip(blocks, frequencies, strict=True):
            poles = [1.0, -2 * radius * np.cos(2 * np.pi * hertz / RATE), radius**2]
            output, state = lfilter([sum(poles)], poles, block, zi=state)
            filtered.append(output)
        blocks = np.array(filtered)
    return np.asarray(blocks.ravel())
