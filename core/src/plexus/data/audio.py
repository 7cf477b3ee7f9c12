"""Recordings in the supported formats, recognized by content and read forward."""

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from plexus.data.audio_containers import (
    CONTAINER_SUFFIXES,
    ContainerRecording,
    container_format,
    container_problem,
)
from plexus.data.findings import Findings
from plexus.data.folders import FileKind, find_files
from plexus.errors import InputError, os_error
from plexus.inference.limits import input_limits

FORMATS = {
    "AIFF": (".aiff", ".aif"),
    "AU": (".au", ".snd"),
    "CAF": (".caf",),
    "FLAC": (".flac",),
    "MP3": (".mp3",),
    "OGG": (".ogg", ".oga", ".opus"),
    "RF64": (".wav",),
    "W64": (".w64",),
    "WAV": (".wav",),
    "WAVEX": (".wav",),
}
"""The supported formats by libsndfile's name, with their suffixes.

WAVEX is a WAV with the longer header that 24 bits or several channels need; RF64 and W64 are WAVs beyond 4 GB. More are
read with PyAV: `plexus.data.audio_containers`."""
SUFFIXES = {suffix for suffixes in FORMATS.values() for suffix in suffixes}
MAX_VALUES = 1 << 24
"""Samples of all channels that are decoded at once, at most."""
STREAM_SIZES = {0, 2**32 - 1}
"""Sizes in the header of a WAV that was written to a pipe."""
_MAGIC = (b"fLaC", b"OggS", b"ID3", b".snd\0\0\0", b"caff\0\1", b"riff\x2e\x91\xcf\x11")
_CHUNKED = {(b"RIFF", b"WAVE"), (b"RF64", b"WAVE"), (b"FORM", b"AIFF"), (b"FORM", b"AIFC")}


class SoundFileRecording:
    """An open recording that libsndfile reads.

    It is read forward only: libsndfile cannot seek in GSM, and after seeking in an MP3 it decodes other samples.

    Args:
        file: A `soundfile.SoundFile`.
        name: Name of the recording in error messages.

    Attributes:
        rate: Sampling rate in hertz.
        seconds: Length as the header has it.

    Example:
        ```python
        with open_recording(Path("a.flac"), "a.flac") as recording:
            samples = np.concatenate(list(recording.blocks(30 * recording.rate)))
        ```
    """

    def __init__(self, file: Any, name: str) -> None:
        self._file, self.name, self.rate = file, name, int(file.samplerate)
        self.seconds: float | None = file.frames / max(self.rate, 1)
        file.seekable = lambda: False  # then soundfile does not seek after each read

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def blocks(self, frames: int) -> Iterator[np.ndarray]:
        """Decode the recording.

        Args:
            frames: Samples of a block, at most.

        Yields:
            One channel of float32 samples, the mean of all channels.

        Raises:
            InputError: If it is damaged.
        """
        import soundfile

        frames = min(frames, MAX_VALUES // self._file.channels)
        try:
            while len(block := self._file.read(frames, dtype="float32", always_2d=True)):
                with np.errstate(invalid="ignore", over="ignore"):  # samples that are not finite are refused later
                    mono = block.mean(axis=1)
                yield mono
        except (soundfile.LibsndfileError, ValueError, MemoryError) as error:
            raise InputError(f"{self.name} is damaged or cut off: {error}") from error


Recording = SoundFileRecording | ContainerRecording
"""An open recording: `rate`, `seconds` and `blocks(frames)`."""


def open_recording(content: Path | bytes, name: str) -> Recording:
    """Open a recording without reading its samples.

    libsndfile supports more formats than these, some without a header, for which it accepts any bytes as samples. They
    are refused, whatever the suffix of the file is.

    Args:
        content: A path, or the bytes of a file.
        name: Name of the recording in error messages.

    Returns:
        The open recording.

    Raises:
        InputError: If the format is not one of `FORMATS` or of the containers, the file is cut off, or may not be read.
    """
    try:
        head, size = _head(content, name)
        kind = container_format(head)
        if kind is None:
            _require_complete(head, size, name)
            return _open_soundfile(_with_sizes(content, head), name)
        problem = container_problem(kind)
        if problem:
            raise InputError(f"{name} {problem}")
        return ContainerRecording(content, name, kind)
    except FileNotFoundError as error:
        raise InputError(f"{name}: there is no such file") from error
    except OSError as error:
        raise os_error(error, "read", Path(name)) from error


def classify_recording(head: bytes, suffix: str) -> bool | str:
    """Return whether a file is a recording that is read; see `FileKind.classify`.

    Args:
        head: The first bytes of the file.
        suffix: Its suffix in lower case.

    Returns:
        True for a recording, False for none, else the reason why it is not read.
    """
    if head.startswith(_MAGIC) or (head[:4], head[8:12]) in _CHUNKED:
        return True
    kind = container_format(head)
    # Two bytes are too few to recognize a sound in a file whose name says otherwise.
    if kind is not None and (kind != "aac" or suffix in CONTAINER_SUFFIXES or not suffix):
        return container_problem(kind) or True
    return not suffix and head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2


RECORDINGS = FileKind("recordings", SUFFIXES, classify_recording)
"""The kind of files that are recordings."""


def find_recordings(folder: Path, findings: Findings | None = None) -> list[Path]:
    """Find the recordings of a folder and its sub-folders, by content.

    Args:
        folder: The folder.
        findings: Collects what is left out; by default it is printed.

    Returns:
        The files, sorted.

    Raises:
        InputError: If there are none, or a folder or a file may not be read.
    """
    return find_files(folder, RECORDINGS, findings)


def _open_soundfile(content: Path | bytes, name: str) -> SoundFileRecording:
    import soundfile

    problem = f"{name} is not a recording in a known format ({', '.join(sorted(SUFFIXES))})"
    try:
        file = soundfile.SoundFile(io.BytesIO(content) if isinstance(content, bytes) else content)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: a path that ends in .raw
        raise InputError(f"{problem}: convert it to one of these") from error
    if file.format not in FORMATS:
        actual = file.format_info
        file.close()
        raise InputError(f"{problem} but {actual}: convert it to one of these")
    if file.channels > input_limits().channels:
        channels = file.channels
        file.close()
        raise InputError(f"{name} has {channels} channels: expected {input_limits().channels} or fewer")
    return SoundFileRecording(file, name)


def _head(content: Path | bytes, name: str) -> tuple[bytes, int]:
    """Return the first bytes and the size."""
    if isinstance(content, bytes):
        head, size = content[:64], len(content)
    else:
        status = content.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise InputError(f"{name} is {kind}: expected a recording")
        with content.open("rb") as stream:
            head, size = stream.read(64), status.st_size
    if not size:
        raise InputError(f"{name} is empty: expected a recording")
    return head, size


def _require_complete(head: bytes, size: int, name: str) -> None:
    """Refuse a WAV that is shorter than its header says; libsndfile reads it without an error."""
    declared = int.from_bytes(head[4:8], "little")
    if head[:4] == b"RIFF" and declared not in STREAM_SIZES and declared + 8 > size + 1:
        raise InputError(f"{name} is cut off: it has {size:,} of {declared + 8:,} bytes")


def _with_sizes(content: Path | bytes, head: bytes) -> Path | bytes:
    """Return a WAV that was written to a pipe with the size of its samples, where its header says 0."""
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE" or int.from_bytes(head[4:8], "little") != 0:
        return content
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as stream:
        start = _find_empty_data(stream)
        size = stream.seek(0, os.SEEK_END)
        if start is None or size > min(input_limits().file_bytes, 2**32 - 16):
            return content
        stream.seek(0)
        repaired = bytearray(stream.read())
    repaired[4:8] = (size - 8).to_bytes(4, "little")
    repaired[start : start + 4] = (size - start - 4).to_bytes(4, "little")
    return bytes(repaired)


def _find_empty_data(stream: IO[bytes]) -> int | None:
    """Return the place of the size of a WAV's samples, if it is 0."""
    stream.seek(12)
    while len(chunk := stream.read(8)) == 8:
        size = int.from_bytes(chunk[4:], "little")
        if chunk[:4] == b"data":
            return stream.tell() - 4 if not size else None
        stream.seek(size + size % 2, os.SEEK_CUR)
    return None
