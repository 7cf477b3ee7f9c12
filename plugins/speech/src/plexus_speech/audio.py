"""Recordings, read as NumPy arrays a piece at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from plexus import InputError
from plexus.data.audio import SUFFIXES, open_sound
from plexus.inference.limits import LIMITS

PIECE = 30.0
"""Seconds that are in memory at once."""
SHORTEST, QUIETEST = 0.05, 1e-4
"""Seconds of a recording, and the loudest sample of one, below which there is nothing to hear."""
RATES = 4_000, 400_000
_UNKNOWN_SIZES = {0, 2**32 - 1}
"""What programs that write a WAV into a pipe give for its size."""


@dataclass(frozen=True)
class Sound:
    """Samples that are in memory already.

    Args:
        samples: `(n,)`, whole numbers of 16 bits.
        rate: of them, a second.
        name: what a line calls it.
    """

    samples: np.ndarray
    rate: int
    name: str = "the sound"


def read(raw: Any, rate: int, longest: float = 3600.0) -> np.ndarray:
    """A whole recording `(n,)`: one channel, float32 from -1 to 1.

    Args:
        raw: a file, the bytes of one, a `Sound`, or float samples of this rate.
        rate: samples a second that are wanted; resampled if it has others.
        longest: seconds.

    Raises:
        InputError: it cannot be read, is silent, too short or too long; the line names it.
    """
    pieces, samples = [], 0
    for piece in heard_pieces(raw, rate):
        pieces.append(piece)
        samples += len(piece)
        if samples > longest * rate:
            raise InputError(f"{name_of(raw)} is longer than {longest:g} s: cut it first")
    return np.concatenate(pieces)


def heard_pieces(raw: Any, rate: int) -> Iterator[np.ndarray]:
    """A recording of any length, some `PIECE` seconds at a time, as `read` gives it; at least one.

    Raises:
        InputError: it cannot be read; at its end, if there was nothing to hear; the line names it.
    """
    samples, loudest, held = 0, 0.0, None
    for piece in _pieces(raw, rate):
        if held is not None and len(held) + len(piece) >= PIECE * rate:
            yield held
            held = None
        held = piece if held is None else np.concatenate([held, piece])
        samples, loudest = samples + len(piece), max(loudest, float(np.abs(piece).max(initial=0)))
        if samples > LIMITS.seconds * rate:
            raise InputError(f"{name_of(raw)} is longer than {LIMITS.seconds:g} s: cut it first")
    if samples < SHORTEST * rate:
        raise InputError(f"{name_of(raw)} is {samples / rate:.3g} s long: {SHORTEST:g} s or more are wanted")
    if loudest < QUIETEST:
        raise InputError(f"{name_of(raw)} is silent: its loudest sample is {loudest:.1g} of full scale")
    if held is not None:
        yield held


def _pieces(raw: Any, rate: int) -> Iterator[np.ndarray]:
    if isinstance(raw, Sound):
        yield from _resampled(iter([raw.samples.astype(np.float32) / 2**15]), raw.rate, rate)
    elif isinstance(raw, np.ndarray):
        yield _checked(raw.astype(np.float32), name_of(raw))
    else:
        yield from _of_file(raw, rate)


def name_of(raw: Any) -> str:
    """What a line calls a recording."""
    if isinstance(raw, Sound):
        return raw.name
    return "the recording" if isinstance(raw, bytes | np.ndarray) else str(raw)


def rate_of(raw: Any) -> int:
    """Samples a second, of a file's head alone.

    Raises:
        InputError: it is not a recording.
    """
    if isinstance(raw, Sound):
        return raw.rate
    with _opened(raw) as file:
        return int(file.samplerate)


def recordings_in(folder: Path) -> list[Path]:
    """The recordings of a folder and its sub-folders, in order.

    Raises:
        InputError: there are none.
    """
    found = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    if not found:
        raise InputError(f"{folder} has no recordings ({', '.join(sorted(SUFFIXES))})")
    return found


def _of_file(raw: Path | bytes, rate: int) -> Iterator[np.ndarray]:
    import soundfile

    name = name_of(raw)
    with _opened(raw) as file:
        length = int(PIECE * file.samplerate)
        try:
            read = (block.mean(axis=1) for block in file.blocks(length, dtype="float32", always_2d=True))
            yield from _resampled((_checked(block, name) for block in read), file.samplerate, rate)
        except soundfile.LibsndfileError as error:
            raise InputError(f"{name} is damaged or cut off: {error}") from error


def _opened(raw: Path | bytes) -> Any:
    name = name_of(raw)
    try:
        content = raw if isinstance(raw, bytes) else _head(raw)
        size = len(raw) if isinstance(raw, bytes) else raw.stat().st_size
        _require_whole(content, size, name)
        file = open_sound(raw, name)
    except FileNotFoundError as error:
        raise InputError(f"{name}: there is no such file") from error
    except IsADirectoryError as error:
        raise InputError(f"{name} is a folder: recordings are wanted") from error
    if not RATES[0] <= file.samplerate <= RATES[1]:
        raise InputError(f"{name} has {file.samplerate:,} samples a second: {RATES[0]:,} to {RATES[1]:,} are wanted")
    return file


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(8)


def _require_whole(head: bytes, size: int, name: str) -> None:
    """libsndfile reads what is there of a WAV that was cut off, and says nothing."""
    if not size:
        raise InputError(f"{name} is empty: a recording is wanted")
    declared = int.from_bytes(head[4:8], "little")
    if head[:4] == b"RIFF" and declared not in _UNKNOWN_SIZES and declared + 8 > size + 1:
        raise InputError(f"{name} is cut off: of {declared + 8:,} bytes there are {size:,}")


def _checked(samples: np.ndarray, name: str) -> np.ndarray:
    if not np.isfinite(samples).all():
        raise InputError(f"{name} has samples that are not numbers: write it anew from its source")
    return samples


def _resampled(blocks: Iterator[np.ndarray], given: int, wanted: int) -> Iterator[np.ndarray]:
    if given == wanted:
        yield from blocks
        return
    import soxr

    stream = soxr.ResampleStream(given, wanted, 1, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)
