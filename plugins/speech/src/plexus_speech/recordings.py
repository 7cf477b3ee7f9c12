"""Labelled recordings and their speakers."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np

from plexus import Codec, Examples, Findings, InputError
from plexus.codec import Arrays
from plexus.data.findings import Counted
from plexus_speech.audio import RawRecording, read_recording, recording_name, to_int16
from plexus_speech.segmentation import trim
from plexus_speech.speech_codec import SpeechCodec

UNKNOWN = "unknown"
"""Label of everything that is not one of the words."""
MAX_CLIPPED_SHARE, CLIPPING_LEVEL = 0.01, 0.999
"""A recording with more samples beyond this level is reported as clipped."""
UNUSABLE = Counted("recording could not be used and was dropped", "recordings could not be used and were dropped")
CLIPPED = Counted("recording is clipped and was kept", "recordings are clipped and were kept")


class LabelledRecording(NamedTuple):
    """A recording of a corpus.

    Attributes:
        recording: File or waveform.
        label: The word or text.
        speaker: The speaker; empty if unknown.

    Example:
        ```python
        LabelledRecording(Path("yes/anna_1.wav"), "yes", "anna")
        ```
    """

    recording: RawRecording
    label: str
    speaker: str


@dataclass
class Recordings(Examples[str]):
    """Labelled recordings in memory, without the silence before and after speech.

    Args:
        inputs: Files or waveforms.
        targets: A word or text for each.
        speakers: The speaker of each; empty if unknown.
        waveforms: 16-bit samples of each, of shape `(n,)`.
        rate: Sampling rate of the waveforms in hertz.

    Example:
        ```python
        recordings, rows = Recordings.read(corpus.recordings, 16_000, max_seconds=2.0, findings=Findings())
        ```
    """

    speakers: Sequence[str] = ()
    waveforms: Sequence[np.ndarray] = field(default=(), repr=False)
    rate: int = 0

    @classmethod
    def read(
        cls, listed: Sequence[LabelledRecording], rate: int, max_seconds: float, findings: Findings
    ) -> tuple[Self, list[int]]:
        """Read recordings; those that cannot be used are dropped and reported.

        Args:
            listed: The recordings.
            rate: Sampling rate to resample to, in hertz.
            max_seconds: Longest speech in one recording.
            findings: Collects what was dropped.

        Returns:
            The recordings, and the index of each in `listed`.

        Raises:
            InputError: If a file may not be read.
        """
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            waveforms = list(pool.map(lambda item: _read_waveform(item.recording, rate, max_seconds), listed))
        rows = []
        for row, waveform in enumerate(waveforms):
            if isinstance(waveform, InputError):
                findings.add(UNUSABLE, str(waveform))
                continue
            rows.append(row)
            if waveform.remark:
                findings.add(CLIPPED, waveform.remark)
        usable = [(listed[row], waveform) for row, waveform in enumerate(waveforms) if isinstance(waveform, _Waveform)]
        recordings = cls(
            inputs=[item.recording for item, _ in usable],
            targets=[item.label for item, _ in usable],
            speakers=[item.speaker for item, _ in usable],
            waveforms=[waveform.samples for _, waveform in usable],
            rate=rate,
        )
        return recordings, rows

    def encode(self, codec: Codec) -> Arrays:
        """Return the network's inputs for all recordings.

        Args:
            codec: The codec. One of the same rate encodes the waveforms in memory, another one reads the files.

        Returns:
            Arrays by name, the first axis along the recordings.
        """
        if not isinstance(codec, SpeechCodec) or self.rate != codec.rate:
            return super().encode(codec)
        if self._encoded is None or self._encoded[0] is not codec:
            self._encoded = codec, codec.encode_waveforms(self.waveforms)
        return self._encoded[1]

    def take(self, rows: np.ndarray) -> Self:
        """Return some of the recordings.

        Args:
            rows: Indices of shape `(n,)`.

        Returns:
            The recordings of these rows.
        """
        return type(self)(
            inputs=[self.inputs[i] for i in rows],
            targets=[self.targets[i] for i in rows],
            speakers=[self.speakers[i] for i in rows],
            waveforms=[self.waveforms[i] for i in rows],
            rate=self.rate,
        )


def as_recordings(examples: Examples[str]) -> Recordings:
    """Narrow the type of a split of a speech dataset.

    Args:
        examples: The split.

    Returns:
        The same object.

    Raises:
        TypeError: If it is not `Recordings`.
    """
    if not isinstance(examples, Recordings):
        raise TypeError(f"expected Recordings, got {type(examples).__name__}")
    return examples


class _Waveform(NamedTuple):
    samples: np.ndarray
    remark: str


def _read_waveform(recording: RawRecording, rate: int, max_seconds: float) -> _Waveform | InputError:
    try:
        samples = read_recording(recording, rate)
    except InputError as error:
        if isinstance(error.__cause__, PermissionError):
            raise
        return error
    speech, name = trim(samples, rate), recording_name(recording)
    if len(speech) > max_seconds * rate:
        return InputError(f"{name} has {len(speech) / rate:.1f} s of speech: expected at most {max_seconds:g} s")
    clipped = float(np.mean(np.abs(samples) > CLIPPING_LEVEL))
    remark = f"{name}: {clipped:.0%} of its samples are at full scale" if clipped > MAX_CLIPPED_SHARE else ""
    return _Waveform(to_int16(speech), remark)
