"""What the codecs of both tasks share: from a recording to its spectra."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from plexus import Codec
from plexus.codec import Arrays
from plexus_speech.features import spectra
from plexus_speech.recordings import sound_of


class SoundCodec(Codec):
    """A codec of recordings.

    Attributes:
        rate: samples a second that all is resampled to.
        heard: fingerprints of the recordings learned from.
    """

    rate: int
    heard: str

    def encode(self, raws: Sequence[Any]) -> Arrays:
        """What `encode_sounds` makes of the recordings without the silence around them.

        Raises:
            InputError: one cannot be read; the line names it.
        """
        return self.encode_sounds([sound_of(raw, self.rate) for raw in raws])

    @abstractmethod
    def encode_sounds(self, sounds: Sequence[np.ndarray]) -> Arrays:
        """The network's inputs for samples `(n,)` of 16 bits, of `rate` a second."""

    def spectra(self, sound: np.ndarray) -> np.ndarray:
        """The power of each frequency in samples of 16 bits, see `features.spectra`."""
        return spectra(sound.astype(np.float32) / 2**15, self.rate)

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """See `Codec.from_json`: the state is the constructor's arguments."""
        return cls(**state)
