"""Sound in the containers of phones and browsers (.m4a, .webm, …), read with PyAV."""

import io
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from plexus.data.image_formats import image_format
from plexus.errors import InputError
from plexus.inference.limits import input_limits

CONTAINERS = {
    "mov": (".3g2", ".3gp", ".m4a", ".m4b", ".mov", ".mp4"),
    "matroska": (".mka", ".mkv", ".webm"),
    "aac": (".aac",),
    "asf": (".wma",),
    "amr": (".amr",),
}
"""The containers by FFmpeg's name, with their suffixes."""
CONTAINER_SUFFIXES = {suffix for suffixes in CONTAINERS.values() for suffix in suffixes}
REMEDY = "pip install 'plexus-core[av]', or convert it to .wav"
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_CODECS = (
    "aac,aac_latm,ac3,alac,amrnb,amrwb,eac3,flac,mp1,mp2,mp3,opus,pcm_alaw,pcm_f32le,pcm_mulaw,pcm_s16be,pcm_s16le,"
    "pcm_s24le,vorbis,wmav1,wmav2"
)
_CODECS += ",libopus,mp3float,amr_nb,amr_wb"
"""Decoders that FFmpeg may use: of sound alone, so that the pictures of a video are never decoded."""


def container_format(head: bytes) -> str | None:
    """Return the container of a recording.

    Args:
        head: The first bytes of a file, 32 or more.

    Returns:
        A key of `CONTAINERS`; None if it is none of these.
    """
    if head[4:8] == b"ftyp":
        return None if image_format(head) else "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head[:1] == b"\xff" and head[1:2] and head[1] & 0xF6 == 0xF0:  # ADTS: the layer of an MP3 is not 0
        return "aac"
    if head.startswith(_ASF):
        return "asf"
    return "amr" if head.startswith(b"#!AMR") else None


def container_problem(kind: str) -> str:
    """Return why a container is not read in this environment.

    Args:
        kind: A key of `CONTAINERS`.

    Returns:
        The reason, for a line that begins with the name of the file; empty if it is read.
    """
    if find_spec("av") is not None:
        return ""
    return f"is a recording like {', '.join(CONTAINERS[kind])}, which needs: {REMEDY}"


class ContainerRecording:
    """An open recording in a container.

    FFmpeg gets the bytes of the file and the name of the container: it never opens another file or an address.

    Args:
        content: A path, or the bytes of a file.
        name: Name of the recording in error messages.
        kind: A key of `CONTAINERS`.

    Attributes:
        rate: Sampling rate in hertz.
        seconds: Length as the container has it; None if it does not.

    Raises:
        InputError: If it is damaged, has no sound, or is too large.

    Example:
        ```python
        with ContainerRecording(Path("note.m4a"), "note.m4a", "mov") as recording:
            samples = np.concatenate(list(recording.blocks(16_000)))
        ```
    """

    def __init__(self, content: Path | bytes, name: str, kind: str) -> None:
        import av

        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        if size > input_limits().file_bytes:
            raise InputError(f"{name} has {size:,} bytes, the limit is {input_limits().file_bytes:,}: cut it first")
        self.name = name
        self._file = io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")
        options = {"format_whitelist": _whitelist(kind), "codec_whitelist": _CODECS, "protocol_whitelist": "none"}
        try:
            self._container: Any = av.open(self._file, format=kind, options=options, metadata_errors="replace")
        except (av.FFmpegError, ValueError, EOFError, OSError) as error:
            self._file.close()
            raise InputError(f"{name} is damaged or cut off: {_reason(error)}") from error
        try:
            self._stream = self._sound()
            self.rate = int(self._stream.codec_context.sample_rate or 0)
            self.seconds = self._length()
        except InputError:
            self.close()
            raise

    def _length(self) -> float | None:
        microseconds = self._container.duration
        return None if microseconds is None else float(microseconds) / 1e6

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._container.close()
        self._file.close()

    def blocks(self, frames: int) -> Iterator[np.ndarray]:
        """Decode the recording.

        Args:
            frames: Samples of a block, at least, except for the last one.

        Yields:
            One channel of float32 samples, the mean of all channels.

        Raises:
            InputError: If it is damaged.
        """
        import av

        parts: list[np.ndarray] = []
        count = 0
        try:
            for part in self._decoded():
                parts.append(part)
                count += len(part)
                if count >= frames:
                    yield np.concatenate(parts)
                    parts, count = [], 0
            if parts:
                yield np.concatenate(parts)
        except (av.FFmpegError, ValueError, EOFError, OSError, MemoryError) as error:
            raise InputError(f"{self.name} is damaged or cut off: {_reason(error)}") from error

    def _decoded(self) -> Iterator[np.ndarray]:
        import av

        resampler = av.AudioResampler(format="fltp", rate=self.rate)
        for frame in self._container.decode(self._stream):
            yield from (part.to_ndarray().mean(axis=0) for part in resampler.resample(frame))
        yield from (part.to_ndarray().mean(axis=0) for part in resampler.resample(None))

    def _sound(self) -> Any:
        streams = self._container.streams.audio
        if not streams:
            raise InputError(f"{self.name} has no sound: expected a recording")
        if streams[0].codec_context is None or not streams[0].codec_context.sample_rate:
            raise InputError(f"{self.name} has sound of a kind that is not read: convert it to .wav")
        if streams[0].codec_context.channels > input_limits().channels:
            raise InputError(f"{self.name} has more than {input_limits().channels} channels: export fewer")
        return streams[0]


def _whitelist(kind: str) -> str:
    names = {"mov": "mov,mp4,m4a,3gp,3g2,mj2", "matroska": "matroska,webm"}
    return names.get(kind, kind)


def _reason(error: BaseException) -> str:
    """Return the text of an error, of FFmpeg's without its number and the name of the file."""
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(text.split()) or type(error).__name__
