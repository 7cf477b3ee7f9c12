"""Recordings to learn from, and who speaks in them."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from plexus import Examples, InputError
from plexus.codec import Arrays
from plexus.data.findings import Findings
from plexus_speech.audio import name_of, read
from plexus_speech.segments import trimmed

UNKNOWN = "unknown"
"""The label of what is none of the words."""
CLIPPED = 0.01
"""The share of samples at full scale from which on a recording counts as clipped."""


@dataclass
class Recordings(Examples):
    """Recordings, what is said in them, and by whom.

    Args:
        raws: files, or whatever `audio.read` takes.
        labels: a word or a text each.
        speakers: one each; empty where nobody knows.
        sounds: the samples without the silence around them, 16 bits, of `rate` a second.
    """

    speakers: Sequence[str] = ()
    sounds: Sequence[np.ndarray] = field(default=(), repr=False)
    rate: int = 0

    @classmethod
    def load(
        cls, listed: Sequence[tuple[Any, str, str]], rate: int, longest: float, findings: Findings
    ) -> tuple[Self, list[int]]:
        """Read them all, and give those that can be used and where they stood; others are counted and named.

        Args:
            listed: raw, label and speaker of each.
            longest: seconds that speech in one may take.
        """
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(lambda one: _read(one[0], rate, longest), listed))
        kept = []
        for place, (sound, problem, remark) in enumerate(found):
            if remark:
                findings.add("recordings are clipped, and were kept", remark)
            if problem:
                findings.add("recordings could not be used and were left out", problem)
            else:
                kept.append((place, *listed[place], sound))
        places, raws, labels, speakers, sounds = map(list, zip(*kept, strict=True)) if kept else ([] for _ in range(5))
        return cls(raws, labels, None, speakers, sounds, rate), places

    def encode(self, codec: Any) -> Arrays:
        """The network's inputs for all of the recordings."""
        if self.rate != codec.rate:
            return super().encode(codec)
        if self._encoded is None or self._encoded[0] is not codec:
            self._encoded = codec, codec.encode_sounds(self.sounds)
        return self._encoded[1]

    def take(self, rows: np.ndarray) -> Self:
        """The recordings of those rows."""
        return type(self)(
            *([values[i] for i in rows] for values in (self.raws, self.labels)),
            None,
            *([values[i] for i in rows] for values in (self.speakers, self.sounds)),
            self.rate,
        )


def sound_of(raw: Any, rate: int) -> np.ndarray:
    """What is heard in a recording, without the silence around it: `(n,)`, 16 bits.

    Raises:
        InputError: it cannot be read; the line names it.
    """
    return in_16_bits(trimmed(read(raw, rate), rate))


def in_16_bits(samples: np.ndarray) -> np.ndarray:
    """Floats from -1 to 1 as whole numbers."""
    return np.clip(np.rint(samples * 2**15), -(2**15), 2**15 - 1).astype(np.int16)


def _read(raw: Any, rate: int, longest: float) -> tuple[np.ndarray, str, str]:
    """The sound, or what is wrong with it; and what is to be said of one that is kept."""
    try:
        whole = read(raw, rate)
    except InputError as error:
        return np.zeros(0, np.int16), str(error), ""
    sound = trimmed(whole, rate)
    if len(sound) > longest * rate:
        return np.zeros(0, np.int16), f"{name_of(raw)} has {len(sound) / rate:.1f} s of speech, {longest:g} at most", ""
    share = float(np.mean(np.abs(whole) > 0.999))
    remark = f"{name_of(raw)}: {share:.0%} of its samples are at full scale" if share > CLIPPED else ""
    return in_16_bits(sound), "", remark
