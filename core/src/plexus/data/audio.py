"""Recordings, restricted to known formats."""

import io
from pathlib import Path
from typing import Any

from plexus.errors import InputError

FORMATS = {
    "AIFF": (".aiff", ".aif"),
    "FLAC": (".flac",),
    "MP3": (".mp3",),
    "OGG": (".ogg",),
    "WAV": (".wav",),
    "WAVEX": (".wav",),
}
"""The formats that are read, by libsndfile's name, and their suffixes.

WAVEX is a WAV with the longer header that 24 bits or several channels have."""
SUFFIXES = {suffix for suffixes in FORMATS.values() for suffix in suffixes}


def open_sound(raw: Path | bytes, name: str) -> Any:
    """Open a recording; its samples are not read yet.

    libsndfile reads twenty more formats, some without a header, in which any file looks like a recording: they are
    refused, whatever the name of the file.

    Args:
        raw: A path, or the bytes of a file.
        name: Name of the recording in the error message.

    Returns:
        The opened recording, a `soundfile.SoundFile`.

    Raises:
        InputError: If it is not in one of `FORMATS`.
    """
    import soundfile  # type: ignore[import-untyped]

    known = f"{name} is not a recording in a known format ({', '.join(sorted(SUFFIXES))})"
    try:
        file = soundfile.SoundFile(io.BytesIO(raw) if isinstance(raw, bytes) else raw)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: a path that ends in .raw
        raise InputError(f"{known}: convert it to one of these") from error
    if file.format not in FORMATS:
        kind = file.format_info
        file.close()
        raise InputError(f"{known} but {kind}: convert it to one of these")
    return file
