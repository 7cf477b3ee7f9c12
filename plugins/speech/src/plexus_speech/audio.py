"""Reading of recordings as NumPy arrays, block by block."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plexus import InputError
from plexus.data.audio import Recording, open_recording
from plexus.inference.limits import input_limits
from plexus.utils.printable import printable

BLOCK_SECONDS = 30.0
"""Seconds of a recording that are in memory at once."""
MIN_SECONDS, MIN_PEAK = 0.05, 1e-4
"""Shorter recordings, and recordings whose largest sample is smaller, are refused."""
MIN_RATE, MAX_RATE = 4_000, 400_000
"""Supported sampling rates in hertz."""
FULL_SCALE = 2**15
"""16-bit samples are divided by this to lie between -1 and 1."""
MAX_SECONDS = 600.0
"""Longest recording that is read as a whole."""


@dataclass(frozen=True)
class Waveform:
    """A recording in memory.

    Args:
        samples: 16-bit samples of shape `(n,)`.
        rate: Sampling rate in hertz.
        name: Name of the recording in error messages.

    Example:
        ```python
        Waveform(np.zeros(16_000, np.int16), 16_000, "silence")
        ```
    """

    samples: np.ndarray
    rate: int
    name: str = "the recording"


RawRecording = Path | str | bytes | Waveform | np.ndarray
"""A file, the name of a file, the bytes of a file, a waveform, or float samples at the rate of the model."""


def read_recording(recording: RawRecording, rate: int, max_seconds: float = MAX_SECONDS) -> np.ndarray:
    """Read a whole recording.

    Args:
        recording: The recording.
        rate: Sampling rate to resample to, in hertz.
        max_seconds: Longest recording.

    Returns:
        One channel of float32 samples from -1 to 1, shape `(n,)`.

    Raises:
        InputError: If it cannot be read, is silent, too short or too long; the line names it.
    """
    blocks, samples = [], 0
    for block in read_blocks(recording, rate):
        blocks.append(block)
        samples += len(block)
        if samples > max_seconds * rate:
            raise InputError(f"{recording_name(recording)} is longer than {max_seconds:g} s: cut it first")
    return np.concatenate(blocks)


def read_blocks(recording: RawRecording, rate: int) -> Iterator[np.ndarray]:
    """Read a recording of any length, at least `BLOCK_SECONDS` at a time.

    Args:
        recording: The recording.
        rate: Sampling rate to resample to, in hertz.

    Yields:
        Blocks of samples as `read_recording` returns them; at least one.

    Raises:
        InputError: If it cannot be read, or, after the last block, if it is silent or too short; the line names it.
    """
    samples, peak, pending = 0, 0.0, None
    for block in _decoded_blocks(recording, rate):
        if pending is not None and len(pending) + len(block) >= BLOCK_SECONDS * rate:
            yield pending
            pending = None
        pending = block if pending is None else np.concatenate([pending, block])
        samples, peak = samples + len(block), max(peak, float(np.abs(block).max(initial=0)))
        if samples > input_limits().seconds * rate:
            raise InputError(f"{recording_name(recording)} is longer than {input_limits().seconds:g} s: cut it first")
    if samples < MIN_SECONDS * rate:
        raise InputError(
            f"{recording_name(recording)} is {samples / rate:.5f} s long: expected {MIN_SECONDS:g} s or more; record "
            "it again, or leave it out"
        )
    if peak < MIN_PEAK:
        largest = f"its largest sample is {peak:.1g} of full scale, expected {MIN_PEAK:g} or more"
        raise InputError(f"{recording_name(recording)} is silent: {largest}; record it again")
    if pending is not None:
        yield pending


def to_int16(samples: np.ndarray) -> np.ndarray:
    """Convert float samples to 16 bits, the precision in which recordings are kept in memory.

    Args:
        samples: Samples from -1 to 1.

    Returns:
        Samples of type int16; values beyond full scale are clipped.
    """
    return np.asarray(np.clip(np.rint(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1), np.int16)


def recording_name(recording: RawRecording) -> str:
    """Return the name of a recording in error messages.

    Args:
        recording: The recording.

    Returns:
        The path or the name.
    """
    if isinstance(recording, Waveform):
        return recording.name
    return "the recording" if isinstance(recording, bytes | np.ndarray) else printable(str(recording))


def sampling_rate(recording: RawRecording) -> int:
    """Return the sampling rate of a recording; of a file only the header is read.

    Args:
        recording: The recording.

    Returns:
        The rate in hertz.

    Raises:
        InputError: If it is not a recording.
    """
    if isinstance(recording, Waveform):
        return recording.rate
    if isinstance(recording, np.ndarray):
        raise InputError("float samples have no sampling rate: pass a Waveform")
    with _open(Path(recording) if isinstance(recording, str) else recording) as opened:
        return opened.rate


def _decoded_blocks(recording: RawRecording, rate: int) -> Iterator[np.ndarray]:
    if isinstance(recording, Waveform):
        yield from _resample(iter([recording.samples.astype(np.float32) / FULL_SCALE]), recording.rate, rate)
    elif isinstance(recording, np.ndarray):
        yield _require_finite(recording.astype(np.float32), recording_name(recording))
    elif isinstance(recording, Path | str | bytes):
        yield from _file_blocks(Path(recording) if isinstance(recording, str) else recording, rate)
    else:
        raise InputError(
            f"expected a recording: a path, bytes, a Waveform or float samples, got {type(recording).__name__}"
        )


def _file_blocks(content: Path | bytes, rate: int) -> Iterator[np.ndarray]:
    name = recording_name(content)
    with _open(content) as recording:
        blocks = (_require_finite(block, name) for block in recording.blocks(int(BLOCK_SECONDS * recording.rate)))
        yield from _resample(blocks, recording.rate, rate)


def _open(content: Path | bytes) -> Recording:
    name = recording_name(content)
    recording = open_recording(content, name)
    if not MIN_RATE <= recording.rate <= MAX_RATE:
        with recording:
            raise InputError(
                f"{name} has a sampling rate of {recording.rate:,} Hz: expected {MIN_RATE:,} to {MAX_RATE:,} Hz"
            )
    return recording


def _require_finite(samples: np.ndarray, name: str) -> np.ndarray:
    if not np.isfinite(samples).all():
        raise InputError(f"{name} has samples that are not finite numbers: export it again from its original")
    return samples


def _resample(blocks: Iterator[np.ndarray], rate: int, target_rate: int) -> Iterator[np.ndarray]:
    if rate == target_rate:
        yield from blocks
        return
    import soxr

    stream = soxr.ResampleStream(rate, target_rate, 1, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)
