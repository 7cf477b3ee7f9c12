"""Words made up by a formant synthesiser: a set of recordings that needs no file."""

from dataclasses import dataclass

import numpy as np

from plexus_speech.audio import Sound
from plexus_speech.recordings import in_16_bits

RATE, BLOCK = 16_000, 160
SPEAKERS, TAKES = 16, 4


@dataclass(frozen=True)
class Phone:
    """A sound of speech.

    Args:
        seconds: that it takes.
        formants: resonances of the vocal tract in hertz (of vowels: Peterson & Barney 1952).
        voice, noise: how loud the vocal cords and the air are.
        hiss: where the air's noise is strongest, in hertz.
    """

    seconds: float
    formants: tuple[int, int, int] = (500, 1500, 2500)
    voice: float = 0.0
    noise: float = 0.0
    hiss: float = 3000.0


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
    "s": Phone(0.12, noise=0.5, hiss=5500),
    "f": Phone(0.09, noise=0.2, hiss=3500),
    "-": Phone(0.05),
    "t": Phone(0.03, noise=0.6, hiss=4500),
    "p": Phone(0.02, noise=0.5, hiss=900),
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


def spoken() -> dict[str, tuple[list[Sound], list[str]]]:
    """Each word by each speaker some times, as `{"train": (sounds, words)}`."""
    sounds, labels = [], []
    for speaker in range(SPEAKERS):
        voice = np.random.default_rng(speaker)
        pitch, tract = voice.uniform(90, 240), voice.uniform(0.85, 1.2)
        for word, phones in WORDS.items():
            for take in range(TAKES):
                samples = in_16_bits(say(phones, pitch, tract, voice))
                sounds.append(Sound(samples, RATE, f"{word}_{speaker}_{take}"))
                labels.append(word)
    return {"train": (sounds, labels)}


def say(phones: str, pitch: float, tract: float, generator: np.random.Generator) -> np.ndarray:
    """Synthesise a word: pulses and noise through resonances that glide from phone to phone (Klatt 1980).

    Args:
        phones: of `PHONES`.
        pitch: of the voice, in hertz; tract: by which formants are divided.
        generator: of tempo, melody and breath.

    Returns:
        Samples `(n,)` from -1 to 1, `RATE` a second.
    """
    tempo = generator.uniform(0.8, 1.25)
    tracks = _tracks([PHONES[phone] for phone in phones], tempo, generator)
    count = len(tracks) * BLOCK
    melody = pitch * generator.uniform(0.9, 1.1) * np.linspace(1.1, 0.85, count)
    turns = np.cumsum(melody / RATE)
    pulses = np.diff(np.floor(turns), prepend=0.0) * 8 + generator.normal(0, 0.05, count)
    air = generator.standard_normal(count)
    samples = _resonant(pulses, tracks[:, 0:3] / tract, tracks[:, 3], bandwidth=90)
    samples += 0.3 * _resonant(air, tracks[:, 5:6], tracks[:, 4], bandwidth=900)
    samples += generator.normal(0, 10 ** -generator.uniform(2.5, 4), count)
    return samples / np.abs(samples).max() * generator.uniform(0.2, 0.9)


def _tracks(phones: list[Phone], tempo: float, generator: np.random.Generator) -> np.ndarray:
    """What each block is: three formants, voice, noise and hiss, gliding from phone to phone."""
    rows = []
    for phone in phones:
        blocks = max(round(phone.seconds * tempo * generator.uniform(0.85, 1.15) * RATE / BLOCK), 2)
        formants = np.array(phone.formants) * generator.normal(1, 0.03, 3)
        rows += [[*formants, phone.voice, phone.noise, phone.hiss]] * blocks
    gliding = np.ones(3) / 3
    padded = np.pad(np.array(rows), ((1, 1), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, gliding, "valid") for column in padded.T], axis=1)


def _resonant(samples: np.ndarray, formants: np.ndarray, loudness: np.ndarray, bandwidth: float) -> np.ndarray:
    """Samples through one two-pole resonance after the other, whose frequencies change from block to block."""
    from scipy.signal import lfilter

    blocks = samples.reshape(-1, BLOCK) * loudness[:, None]
    radius = np.exp(-np.pi * bandwidth / RATE)
    for column in formants.T:
        state, made = np.zeros(2), []
        for block, hertz in zip(blocks, column, strict=True):
            poles = [1.0, -2 * radius * np.cos(2 * np.pi * hertz / RATE), radius**2]
            out, state = lfilter([sum(poles)], poles, block, zi=state)
            made.append(out)
        blocks = np.array(made)
    return blocks.ravel()
